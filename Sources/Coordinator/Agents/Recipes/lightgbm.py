# recipe: LightGBM
# suits: binary or multiclass or regression
# packages: lightgbm
# tier: strong
# rank: 2
# uses: encode codes

# --- block: model lightgbm ---
# when: classification
import lightgbm as lgb

LIGHTGBM = dict(
    n_estimators=200,
    learning_rate=0.05,
    num_leaves=15,
    min_child_samples=20,
    subsample=0.8,
    subsample_freq=1,
    colsample_bytree=0.5,
    reg_lambda=0.0,
)


def train_lightgbm(table, target, seed):
    """Gradient boosting that grows the most useful leaf next."""
    encoder = coded_columns(table)
    matrix = encoder.fit_transform(table, target)
    model = lgb.LGBMClassifier(**LIGHTGBM, random_state=seed, n_jobs=CORES, verbose=-1)
    model.fit(matrix, target, categorical_feature=category_places(encoder))
    return lambda other: all_classes(
        model.predict_proba(encoder.transform(other)), model.classes_
    )

# --- adjust: model lightgbm / small trees for two classes ---
# when: binary
# set: n_estimators=300
# set: learning_rate=0.04
# set: num_leaves=7
# set: min_child_samples=30
# set: reg_lambda=5.0

# --- block: model lightgbm ---
# when: regression
import lightgbm as lgb

LIGHTGBM = dict(
    objective="regression",
    n_estimators=500,
    learning_rate=0.05,
    num_leaves=31,
    min_child_samples=20,
    subsample=0.8,
    subsample_freq=1,
    colsample_bytree=0.8,
    reg_lambda=1.0,
)


def train_lightgbm(table, target, seed):
    """Gradient boosting that grows the most useful leaf next."""
    encoder = coded_columns(table)
    matrix = encoder.fit_transform(table, target)
    model = lgb.LGBMRegressor(**LIGHTGBM, random_state=seed, n_jobs=CORES, verbose=-1)
    model.fit(matrix, target, categorical_feature=category_places(encoder))
    return lambda other: model.predict(encoder.transform(other))

# --- adjust: model lightgbm / absolute error ---
# when: regression, mae
# set: objective="regression_l1"

# --- ablation: model lightgbm / settings as installed ---
# > Train LightGBM with the settings it comes with. The learning rate is higher, trees are fewer,
# > and neither rows nor columns are sampled. Simple settings rule out that ours do harm.
# set: n_estimators=100
# set: learning_rate=0.1
# set: num_leaves=31
# set: min_child_samples=20
# set: subsample=1.0
# set: colsample_bytree=1.0
# set: reg_lambda=0.0

# --- plan: model lightgbm / slower and longer ---
# favoured: regression or multiclass
# cost: 2.5
# near: few leaves and many trees, slow and random
# > Halve LightGBM's learning rate and grow more than twice as many trees. Small steps average out
# > more of the noise in single trees. The size of the trees stays.
# set: learning_rate=0.02
# set: n_estimators=1200

# --- plan: model lightgbm / few leaves and many trees ---
# favoured: small or binary
# cost: 1.2
# near: slower and longer, stumps and pairs
# > Let LightGBM grow 600 trees of at most seven leaves at a learning rate of 0.03. Small trees
# > model main effects and a few interactions, and overfit little. Half of the columns are drawn
# > for each tree.
# set: num_leaves=7
# set: n_estimators=600
# set: learning_rate=0.03
# set: colsample_bytree=0.5

# --- plan: model lightgbm / larger trees ---
# cost: 2
# near: slow and random, large and regularised
# > Let every LightGBM tree have up to 63 leaves. Large trees find interactions of many columns.
# > Ten rows per leaf suffice, so that rare combinations are seen.
# set: num_leaves=63
# set: min_child_samples=10

# --- plan: model lightgbm / slow and random ---
# favoured: multiclass
# cost: 3
# near: slower and longer, large and regularised
# > Grow 1000 LightGBM trees at a learning rate of 0.03, each from 70 % of the rows and half of the
# > columns, with thresholds drawn at random. Trees that differ more average better. Single trees
# > fit less closely.
# set: n_estimators=1000
# set: learning_rate=0.03
# set: subsample=0.7
# set: colsample_bytree=0.5
# set: extra_trees=True

# --- plan: model lightgbm / strongly regularised ---
# favoured: binary
# cost: 1
# near: few leaves and many trees
# > Ask for 60 rows in every leaf, shrink leaf values strongly and sample fewer rows and columns.
# > That helps where the labels are noisy. The number of trees stays.
# set: min_child_samples=60
# set: reg_lambda=20.0
# set: subsample=0.6
# set: colsample_bytree=0.5

# --- plan: model lightgbm / large and regularised ---
# favoured: regression, not small
# cost: 4
# near: larger trees, slower and longer
# > Combine large trees with small steps and shrinkage in LightGBM: 48 leaves, a learning rate of
# > 0.02 over 1200 trees, leaf values shrunk and half of the columns drawn for each tree. This is
# > the strongest and slowest of the settings.
# set: num_leaves=48
# set: learning_rate=0.02
# set: n_estimators=1200
# set: reg_lambda=10.0
# set: colsample_bytree=0.5

# --- plan: model lightgbm / stumps and pairs ---
# cost: 1
# near: few leaves and many trees
# > Let LightGBM's trees have at most four leaves, and grow 800 of them. The model is then a sum of
# > effects of single columns and pairs. That is hard to beat on small, noisy tables.
# set: num_leaves=4
# set: n_estimators=800
# set: learning_rate=0.04

# --- plan: model lightgbm / stopping when it gets no better ---
# when: classification
# cost: 2
# near: slower and longer
# > Let a tenth of the rows decide how many LightGBM trees are grown: training stops when their
# > loss has not fallen for 60 trees. The learning rate is small and the limit high. The rows that
# > decide are not learned from.
# set: learning_rate=0.025
# set: n_estimators=1500
# code: function train_lightgbm
def train_lightgbm(table, target, seed):
    """Gradient boosting that stops when rows kept aside are predicted no better."""
    encoder = coded_columns(table)
    matrix = encoder.fit_transform(table, target)
    aside = deal_rows(target, 10, seed) == 0
    model = lgb.LGBMClassifier(**LIGHTGBM, random_state=seed, n_jobs=CORES, verbose=-1)
    stop = lgb.early_stopping(60, verbose=False)
    checked = {"eval_X": matrix[aside], "eval_y": target[aside]}
    checked["categorical_feature"] = category_places(encoder)
    model.fit(matrix[~aside], target[~aside], **checked, callbacks=[stop])
    return lambda other: all_classes(
        model.predict_proba(encoder.transform(other)), model.classes_
    )

# --- plan: model lightgbm / stopping when it gets no better ---
# when: regression
# cost: 2
# near: slower and longer
# > Let a tenth of the rows decide how many LightGBM trees are grown: training stops when their
# > loss has not fallen for 60 trees. The learning rate is small and the limit high. The rows that
# > decide are not learned from.
# set: learning_rate=0.03
# set: n_estimators=2500
# code: function train_lightgbm
def train_lightgbm(table, target, seed):
    """Gradient boosting that stops when rows kept aside are predicted no better."""
    encoder = coded_columns(table)
    matrix = encoder.fit_transform(table, target)
    aside = deal_rows(target, 10, seed) == 0
    model = lgb.LGBMRegressor(**LIGHTGBM, random_state=seed, n_jobs=CORES, verbose=-1)
    stop = lgb.early_stopping(60, verbose=False)
    checked = {"eval_X": matrix[aside], "eval_y": target[aside]}
    checked["categorical_feature"] = category_places(encoder)
    model.fit(matrix[~aside], target[~aside], **checked, callbacks=[stop])
    return lambda other: model.predict(encoder.transform(other))
