# recipe: Linear model of words
# suits: binary or multiclass or regression, text
# packages: sklearn
# tier: strong
# rank: 1
# uses: encode weights

# --- block: model word_weights ---
# when: classification
from sklearn.linear_model import LogisticRegression

WORD_WEIGHTS = dict(
    C=3.0,
    solver="liblinear",
)


def train_word_weights(table, target, seed):
    """Logistic regression on the weights of words."""
    encoder = weighted_columns(table)
    model = LogisticRegression(**WORD_WEIGHTS, random_state=seed)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: all_classes(
        model.predict_proba(encoder.transform(other)), model.classes_
    )

# --- adjust: model word_weights / all classes at once ---
# when: multiclass
# set: solver="lbfgs"
# set: max_iter=300

# --- block: model word_weights ---
# when: regression
from sklearn.linear_model import Ridge

WORD_WEIGHTS = dict(
    alpha=2.0,
    solver="sparse_cg",
)


def train_word_weights(table, target, seed):
    """Least squares with small coefficients on the weights of words."""
    encoder = weighted_columns(table)
    model = Ridge(**WORD_WEIGHTS, random_state=seed)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: model.predict(encoder.transform(other))

# --- ablation: model word_weights / hardly regularised ---
# when: classification
# > Let the weights of words be as large as the rows ask for. If that does no harm, shrinking them
# > is not what matters.
# set: C=100.0

# --- ablation: model word_weights / hardly regularised ---
# when: regression
# > Let the weights of words be as large as the rows ask for. If that does no harm, shrinking them
# > is not what matters.
# set: alpha=0.01

# --- plan: model word_weights / smaller weights ---
# when: classification
# cost: 0.9
# near: words counted by how they tell classes apart
# > Shrink the weights of words more strongly. That helps where texts are few and words are many.
# > Nothing else changes.
# set: C=0.7

# --- plan: model word_weights / larger weights ---
# when: classification
# cost: 1.4
# > Shrink the weights of words less. Rare words may then decide. Training takes a little longer.
# > Nothing else changes.
# set: C=12.0

# --- plan: model word_weights / smaller weights ---
# when: regression
# cost: 0.9
# > Shrink the weights of words more strongly. That helps where texts are few and words are many.
# > Nothing else changes.
# set: alpha=8.0

# --- plan: model word_weights / larger weights ---
# when: regression
# cost: 1.2
# > Shrink the weights of words less. Rare words may then decide. Nothing else changes.
# set: alpha=0.5

# --- plan: model word_weights / words counted by how they tell classes apart ---
# when: binary
# favoured: binary
# cost: 1.5
# near: smaller weights, larger weights
# > Multiply every word's weight by the logarithm of how much more often it occurs in one class
# > than in the other, before the logistic regression. Words that tell the classes apart are
# > shrunk less. This is known as naive Bayes features.
# code: function train_word_weights
def train_word_weights(table, target, seed):
    """Logistic regression on weights of words, scaled by how words tell the classes apart."""
    from scipy import sparse

    encoder = weighted_columns(table)
    matrix = sparse.csr_matrix(encoder.fit_transform(table, target))
    classes = np.unique(target)
    sizes = abs(matrix)
    first = np.asarray(sizes[target == classes[-1]].sum(axis=0)).ravel() + 1
    second = np.asarray(sizes[target != classes[-1]].sum(axis=0)).ravel() + 1
    scale = sparse.diags(np.log((first / first.sum()) / (second / second.sum())))
    model = LogisticRegression(**WORD_WEIGHTS, random_state=seed)
    model.fit(matrix @ scale, target)
    return lambda other: all_classes(
        model.predict_proba(sparse.csr_matrix(encoder.transform(other)) @ scale), model.classes_
    )
