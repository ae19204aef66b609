# frame: texts turned into numbers

# --- block: encode topics ---
# when: text
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

TEXT_TOPICS = 48
LEAST_TEXTS = 2 if len(train) >= 1000 else 1  # words in fewer texts make no topic


class Topics(TruncatedSVD):
    """As many topics as are wanted, or as there are words."""

    def fit_transform(self, X, y=None):
        self.n_components = min(TEXT_TOPICS, X.shape[1])
        return super().fit_transform(X, y)


def text_topics():
    """A few dense columns per text: its words condensed."""
    words = TfidfVectorizer(min_df=LEAST_TEXTS, max_features=20000, sublinear_tf=True)
    topics = Topics(random_state=SEED)
    parts = make_pipeline(words, topics)
    return [(f"topics of text {number}", parts, name) for number, name in enumerate(TEXTS)]

# --- ablation: encode topics / few topics ---
# > Condense the words of a text to eight topics. If that does no harm, the texts carry little
# > beyond their subject. Training becomes faster.
# set: TEXT_TOPICS = 8

# --- plan: encode topics / more topics ---
# cost: 1.5
# near: topics of phrases
# > Condense the words of a text to 120 topics instead of 48. Fewer topics blur what is rare.
# > Members that need dense columns see more of the text.
# set: TEXT_TOPICS = 120

# --- plan: encode topics / topics of phrases ---
# favoured: binary or multiclass
# cost: 2
# near: more topics
# > Condense pairs of words as well as single words, and pieces of words beside them, to 100
# > topics. Topics then know phrases and spelling variants. Training takes longer because there is
# > more to condense.
# set: TEXT_TOPICS = 100
# code: function text_topics
def text_topics():
    """A few dense columns per text: its words, pairs and pieces of words condensed."""
    from sklearn.pipeline import make_union

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=LEAST_TEXTS, sublinear_tf=True)
    pieces = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 4), min_df=LEAST_TEXTS, sublinear_tf=True
    )
    topics = make_pipeline(make_union(words, pieces), Topics(random_state=SEED))
    return [(f"topics of text {number}", topics, name) for number, name in enumerate(TEXTS)]

# --- block: encode weights ---
# when: text
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, StandardScaler

RARE = 2 if len(train) >= 1000 else 1  # words in fewer texts are left out


def words_and_letters():
    """Weights of words and pairs of words, and of pieces of words."""
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=RARE, max_features=60000, sublinear_tf=True),
        TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(3, 4),
            min_df=RARE,
            max_features=60000,
            sublinear_tf=True,
        ),
    )


def weighted_columns(table):
    """Texts as weights of words, numbers filled and scaled, a column per frequent category."""
    gaps = SimpleImputer(strategy="median", keep_empty_features=True)
    once = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=200)
    columns = [
        ("numbers", make_pipeline(gaps, StandardScaler()), numbers_of(table)),
        ("categories", once, categories_of(table)),
    ]
    for number, name in enumerate(TEXTS):
        columns.append((f"words of text {number}", words_and_letters(), name))
    return ColumnTransformer(columns, sparse_threshold=1.0)

# --- ablation: encode weights / words alone ---
# > Weigh single words and pairs of words alone, not pieces of words. If that is as good, spelling
# > variants do not matter. Reading the texts becomes much faster.
# code: function words_and_letters
def words_and_letters():
    """Weights of words and pairs of words."""
    return TfidfVectorizer(ngram_range=(1, 2), min_df=RARE, max_features=60000, sublinear_tf=True)

# --- plan: encode weights / longer pieces of words ---
# cost: 2
# near: all words however rare
# > Read pieces of words from two to six letters instead of three to four. Longer pieces hold word
# > stems and endings and bridge spelling errors. Words and pairs of words stay as they are.
# code: function words_and_letters
def words_and_letters():
    """Weights of words and pairs of words, and of pieces of words of many lengths."""
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=RARE, max_features=60000, sublinear_tf=True),
        TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(2, 6),
            min_df=RARE,
            max_features=120000,
            sublinear_tf=True,
        ),
    )

# --- plan: encode weights / all words however rare ---
# cost: 1.4
# near: longer pieces of words, three words in a row
# > Keep words that occur only once and pairs of words without a limit on their number. Rare words
# > can be telling when texts are short. A linear model shrinks those that are not.
# code: function words_and_letters
def words_and_letters():
    """Weights of all words and pairs of words, and of pieces of words."""
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\b\w+\b"),
        TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(3, 5),
            min_df=RARE,
            max_features=80000,
            sublinear_tf=True,
        ),
    )

# --- plan: encode weights / three words in a row ---
# cost: 1.5
# near: all words however rare
# > Add three words in a row to words and pairs of words. Negations and set phrases such as "not
# > worth it" become columns. Phrases that occur only once are left out.
# code: function words_and_letters
def words_and_letters():
    """Weights of up to three words in a row, and of pieces of words."""
    words = r"\b\w+\b"
    return make_union(
        TfidfVectorizer(
            ngram_range=(1, 3),
            min_df=RARE,
            max_features=120000,
            sublinear_tf=True,
            token_pattern=words,
        ),
        TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(3, 5),
            min_df=RARE,
            max_features=60000,
            sublinear_tf=True,
        ),
    )
