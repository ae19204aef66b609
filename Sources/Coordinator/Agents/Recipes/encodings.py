# frame: columns turned into numbers

# --- block: encode codes ---
# when: text
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OrdinalEncoder


def coded_columns(table):
    """Numbers as they are, categories as whole numbers, texts condensed: what trees need."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = [
        ("numbers", "passthrough", numbers_of(table)),
        ("categories", codes, categories_of(table)),
    ]
    return ColumnTransformer(columns + text_topics(), sparse_threshold=0)

# --- block: encode codes ---
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OrdinalEncoder


def coded_columns(table):
    """Numbers as they are, categories as whole numbers: what trees need."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = [
        ("numbers", "passthrough", numbers_of(table)),
        ("categories", codes, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- ablation: encode codes / without categories ---
# when: categories, numbers
# > Leave the category columns out and learn from numbers alone. If that does no harm, the
# > categories carry little. The table becomes smaller.
# code: function coded_columns
def coded_columns(table):
    """Numbers alone."""
    return ColumnTransformer([("numbers", "passthrough", numbers_of(table))], sparse_threshold=0)

# --- ablation: encode codes / without texts ---
# when: text, numbers
# > Leave the texts out and learn from the other columns alone. If that does no harm, the texts
# > carry little. Training becomes much faster.
# code: function coded_columns
def coded_columns(table):
    """Numbers as they are and categories as whole numbers; no texts."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = [
        ("numbers", "passthrough", numbers_of(table)),
        ("categories", codes, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- plan: encode codes / codes ordered by the target ---
# when: categories, not text
# cost: 1.1
# near: codes and target means
# > Replace the code of a category by the mean target of its rows, drawn towards the overall mean
# > where rows are few. The order of the codes then means something, so that one cut separates
# > what belongs apart. Each training row is encoded from other rows only.
# code: whole
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import KFold
from sklearn.preprocessing import TargetEncoder


def coded_columns(table):
    """Numbers as they are, categories as the mean target of their rows."""
    sort = "continuous" if KIND == "regression" else "auto"  # training may lack a class
    parts = KFold(5, shuffle=True, random_state=SEED)
    means = TargetEncoder(target_type=sort, cv=parts)
    columns = [
        ("numbers", "passthrough", numbers_of(table)),
        ("means", means, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- plan: encode codes / codes and target means ---
# when: categories, not text
# cost: 1.2
# near: codes ordered by the target
# > Keep the codes of the categories and add the mean target of each category beside them. Trees
# > choose which of the two to cut. Each training row is encoded from other rows only, so that no
# > row sees its own label.
# code: whole
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import KFold
from sklearn.preprocessing import OrdinalEncoder, TargetEncoder


def coded_columns(table):
    """Numbers as they are, categories as whole numbers and as the mean target of their rows."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    sort = "continuous" if KIND == "regression" else "auto"  # training may lack a class
    parts = KFold(5, shuffle=True, random_state=SEED)
    means = TargetEncoder(target_type=sort, cv=parts)
    columns = [
        ("numbers", "passthrough", numbers_of(table)),
        ("categories", codes, categories_of(table)),
        ("means", means, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- plan: encode codes / a column per category ---
# when: categories, not text
# cost: 1.4
# near: codes and target means
# > Give every frequent category a column of its own instead of a code. Trees can then set one
# > category apart with one cut. Rare categories share a column.
# code: whole
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder


def coded_columns(table):
    """Numbers as they are, a column per frequent category."""
    once = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10, max_categories=40)
    columns = [
        ("numbers", "passthrough", numbers_of(table)),
        ("columns of categories", once, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- plan: encode codes / categories in the order of their codes ---
# when: categories, not text
# cost: 1
# near: codes ordered by the target
# > Let trees cut categories in the order of their codes, as they cut numbers, instead of putting
# > them into groups. Groups fit categories with many values closely, and may fit noise. Nothing
# > else changes.
# code: whole
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OrdinalEncoder


def coded_columns(table):
    """Numbers as they are, categories as whole numbers that are cut like numbers."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = [
        ("numbers", "passthrough", numbers_of(table)),
        ("codes of categories", codes, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- plan: encode codes / discriminants beside the numbers ---
# when: multiclass, numbers, not text
# favoured: small
# cost: 1.2
# > Add the directions of the number columns in which the classes lie furthest apart. Trees cut one
# > column at a time, and need many cuts where classes differ along several columns at once. The
# > columns themselves stay.
# code: whole
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler


def coded_columns(table):
    """Numbers as they are and their discriminants, categories as whole numbers."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    discriminants = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.001),
    )
    columns = [
        ("numbers", "passthrough", numbers_of(table)),
        ("categories", codes, categories_of(table)),
        ("discriminants", discriminants, numbers_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- block: encode scaled ---
# when: text
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def scaled_columns(table):
    """Numbers filled and scaled, a column per frequent category, texts condensed."""
    gaps = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    once = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=200)
    columns = [
        ("numbers", make_pipeline(gaps, StandardScaler()), numbers_of(table)),
        ("categories", once, categories_of(table)),
    ]
    return ColumnTransformer(columns + text_topics(), sparse_threshold=0)

# --- block: encode scaled ---
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def scaled_columns(table):
    """Numbers filled and scaled, a column per frequent category: what sums and distances need."""
    gaps = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    once = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=200)
    columns = [
        ("numbers", make_pipeline(gaps, StandardScaler()), numbers_of(table)),
        ("categories", once, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- ablation: encode scaled / without categories ---
# when: categories, numbers
# > Leave the category columns out and learn from numbers alone. If that does no harm, the
# > categories carry little. The table becomes smaller.
# code: function scaled_columns
def scaled_columns(table):
    """Numbers alone, filled and scaled."""
    gaps = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    columns = [("numbers", make_pipeline(gaps, StandardScaler()), numbers_of(table))]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- ablation: encode scaled / without texts ---
# when: text, numbers
# > Leave the texts out and learn from the other columns alone. If that does no harm, the texts
# > carry little. Training becomes much faster.
# code: function scaled_columns
def scaled_columns(table):
    """Numbers filled and scaled, a column per frequent category; no texts."""
    gaps = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    once = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=200)
    columns = [
        ("numbers", make_pipeline(gaps, StandardScaler()), numbers_of(table)),
        ("categories", once, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- plan: encode scaled / numbers by rank ---
# when: numbers, not text
# cost: 1.2
# > Spread every number column to a normal distribution by the rank of its values. Outliers and
# > long tails lose their pull on sums and distances. Gaps are filled with the median first.
# code: whole
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer


def scaled_columns(table):
    """Numbers spread to a normal distribution, a column per frequent category."""
    gaps = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    ranks = QuantileTransformer(
        n_quantiles=min(500, len(table)), output_distribution="normal", random_state=SEED
    )
    once = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=200)
    columns = [
        ("numbers", make_pipeline(gaps, ranks), numbers_of(table)),
        ("categories", once, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- plan: encode scaled / bends in the numbers ---
# when: numbers, not text
# cost: 1.5
# near: numbers by rank
# > Let every number act along a bent line: five splines between its quantiles take the place of
# > the plain column. A linear model can then rise, level off and fall. Categories keep a column
# > each.
# code: whole
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler


def scaled_columns(table):
    """Numbers as splines between quantiles, a column per frequent category."""
    gaps = SimpleImputer(strategy="median", keep_empty_features=True)
    bends = SplineTransformer(n_knots=5, degree=3, knots="uniform", extrapolation="linear")
    once = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=200)
    columns = [
        ("numbers", make_pipeline(gaps, bends, StandardScaler()), numbers_of(table)),
        ("categories", once, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)

# --- plan: encode scaled / target means of categories ---
# when: categories, not text
# cost: 1.2
# near: numbers by rank
# > Add the mean target of every category, scaled like a number, beside the column per category.
# > Categories with few rows are drawn towards the overall mean. Each training row is encoded from
# > other rows only.
# code: whole
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder


def scaled_columns(table):
    """Numbers filled and scaled, a column per frequent category, and target means."""
    gaps = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    once = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=200)
    sort = "continuous" if KIND == "regression" else "auto"  # training may lack a class
    parts = KFold(5, shuffle=True, random_state=SEED)
    means = make_pipeline(TargetEncoder(target_type=sort, cv=parts), StandardScaler())
    columns = [
        ("numbers", make_pipeline(gaps, StandardScaler()), numbers_of(table)),
        ("categories", once, categories_of(table)),
        ("means", means, categories_of(table)),
    ]
    return ColumnTransformer(columns, sparse_threshold=0)
