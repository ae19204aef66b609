# recipe: Histogram gradient boosting
# suits: binary or multiclass or regression
# packages: sklearn
# tier: strong
# rank: 5
# uses: encode codes

# --- block: model gradient_boosting ---
# when: classification
from sklearn.ensemble import HistGradientBoostingClassifier

GRADIENT_BOOSTING = dict(
    max_iter=150,
    learning_rate=0.06,
    max_leaf_nodes=15,
    min_samples_leaf=20,
    l2_regularization=1.0,
    max_features=0.6,
    early_stopping=False,
)


def train_gradient_boosting(table, target, seed):
    """Gradient boosting on columns cut into 255 steps."""
    encoder = coded_columns(table)
    matrix = encoder.fit_transform(table, target)
    groups = category_places(encoder)
    model = HistGradientBoostingClassifier(
        **GRADIENT_BOOSTING, categorical_features=groups, random_state=seed
    )
    model.fit(matrix, target)
    return lambda other: all_classes(
        model.predict_proba(encoder.transform(other)), model.classes_
    )

# --- adjust: model gradient_boosting / little regularisation for several classes ---
# when: multiclass
# set: l2_regularization=0.1
# set: max_features=0.5

# --- block: model gradient_boosting ---
# when: regression
from sklearn.ensemble import HistGradientBoostingRegressor

GRADIENT_BOOSTING = dict(
    loss="squared_error",
    max_iter=300,
    learning_rate=0.08,
    max_leaf_nodes=31,
    min_samples_leaf=15,
    l2_regularization=1.0,
    max_features=0.8,
    early_stopping=False,
)


def train_gradient_boosting(table, target, seed):
    """Gradient boosting on columns cut into 255 steps."""
    encoder = coded_columns(table)
    matrix = encoder.fit_transform(table, target)
    groups = category_places(encoder)
    model = HistGradientBoostingRegressor(
        **GRADIENT_BOOSTING, categorical_features=groups, random_state=seed
    )
    model.fit(matrix, target)
    return lambda other: model.predict(encoder.transform(other))

# --- adjust: model gradient_boosting / absolute error ---
# when: regression, mae
# set: loss="absolute_error"

# --- ablation: model gradient_boosting / settings as installed ---
# > Train with the settings that scikit-learn comes with. Steps are larger, leaves more numerous,
# > and every split looks at all columns. Simple settings rule out that ours do harm.
# set: max_iter=100
# set: learning_rate=0.1
# set: max_leaf_nodes=31
# set: min_samples_leaf=20
# set: l2_regularization=0.0
# set: max_features=1.0

# --- plan: model gradient_boosting / slower and longer ---
# favoured: regression or multiclass
# cost: 2.5
# near: few leaves and many trees
# > Take steps of 0.03 and grow 500 trees instead. Small steps average out more of the noise in
# > single trees. The size of the trees stays.
# set: learning_rate=0.03
# set: max_iter=500

# --- plan: model gradient_boosting / few leaves and many trees ---
# favoured: small or binary
# cost: 1.5
# near: slower and longer, strongly regularised
# > Grow 400 trees of at most seven leaves at a learning rate of 0.04. Small trees model main
# > effects and a few interactions, and overfit little. Half of the columns are drawn at each split.
# set: max_leaf_nodes=7
# set: max_iter=400
# set: learning_rate=0.04
# set: max_features=0.5

# --- plan: model gradient_boosting / larger trees ---
# cost: 2
# near: slower and longer
# > Let every tree have up to 63 leaves. Large trees find interactions of many columns. At least
# > ten rows per leaf keep them from learning single rows.
# set: max_leaf_nodes=63
# set: min_samples_leaf=10

# --- plan: model gradient_boosting / strongly regularised ---
# cost: 1
# near: few leaves and many trees
# > Shrink leaf values strongly and ask for 40 rows in every leaf. Each split looks at a third of
# > the columns. That helps where the labels are noisy.
# set: min_samples_leaf=40
# set: l2_regularization=20.0
# set: max_features=0.33
