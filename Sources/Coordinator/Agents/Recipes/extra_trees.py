# recipe: Extra trees
# suits: binary or multiclass or regression
# packages: sklearn
# tier: companion
# rank: 3
# uses: encode codes

# --- block: model extra_trees ---
# when: classification
from sklearn.ensemble import ExtraTreesClassifier

EXTRA_TREES = dict(
    n_estimators=300,
    min_samples_leaf=2,
    max_features=0.5,
)


def train_extra_trees(table, target, seed):
    """A forest whose trees are split at random places."""
    encoder = coded_columns(table)
    model = ExtraTreesClassifier(**EXTRA_TREES, random_state=seed, n_jobs=CORES)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: all_classes(
        model.predict_proba(encoder.transform(other)), model.classes_
    )

# --- adjust: model extra_trees / large leaves where rows outnumber what can be told apart ---
# when: binary
# set: min_samples_leaf=8

# --- adjust: model extra_trees / full trees for several classes ---
# when: multiclass
# set: min_samples_leaf=1

# --- block: model extra_trees ---
# when: regression
from sklearn.ensemble import ExtraTreesRegressor

EXTRA_TREES = dict(
    n_estimators=120,
    min_samples_leaf=2,
    max_features=1.0,
)


def train_extra_trees(table, target, seed):
    """A forest whose trees are split at random places."""
    encoder = coded_columns(table)
    model = ExtraTreesRegressor(**EXTRA_TREES, random_state=seed, n_jobs=CORES)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: model.predict(encoder.transform(other))

# --- adjust: model extra_trees / fewer trees over many rows ---
# when: large
# set: n_estimators=60
# set: min_samples_leaf=3

# --- ablation: model extra_trees / settings as installed ---
# > Grow 100 full trees as scikit-learn does by default. Leaves may hold single rows. Simple
# > settings rule out that ours do harm.
# set: n_estimators=100
# set: min_samples_leaf=1
# unset: max_features

# --- plan: model extra_trees / smaller leaves ---
# when: not multiclass
# favoured: regression
# cost: 1.3
# near: more trees
# > Let leaves hold single rows. The forest's mean evens out what single trees overfit. Fine detail
# > is kept.
# set: min_samples_leaf=1

# --- plan: model extra_trees / larger leaves ---
# favoured: binary
# cost: 0.8
# > Ask for fifteen rows in every leaf. The trees smooth more, which helps where labels are noisy.
# > Training becomes faster.
# set: min_samples_leaf=15

# --- plan: model extra_trees / all columns at every split ---
# when: classification
# cost: 1.6
# near: smaller leaves
# > Look at all columns at every split. The best of the random cuts is then chosen among more, and
# > useless columns get in the way less. Trees become more alike.
# set: max_features=1.0

# --- plan: model extra_trees / a forest with best cuts ---
# when: classification
# cost: 2
# near: more trees
# > Grow a random forest instead: rows are drawn anew for every tree, and the best cut is looked
# > for rather than drawn. Single trees are better, but more alike.
# code: whole
from sklearn.ensemble import RandomForestClassifier

RANDOM_FOREST = dict(
    n_estimators=250,
    min_samples_leaf=2,
    max_features="sqrt",
)


def train_extra_trees(table, target, seed):
    """A random forest."""
    encoder = coded_columns(table)
    model = RandomForestClassifier(**RANDOM_FOREST, random_state=seed, n_jobs=CORES)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: all_classes(
        model.predict_proba(encoder.transform(other)), model.classes_
    )

# --- plan: model extra_trees / a forest with best cuts ---
# when: regression
# cost: 2
# near: more trees
# > Grow a random forest instead: rows are drawn anew for every tree, and the best cut is looked
# > for rather than drawn. Single trees are better, but more alike.
# code: whole
from sklearn.ensemble import RandomForestRegressor

RANDOM_FOREST = dict(
    n_estimators=80,
    min_samples_leaf=2,
    max_features=0.5,
)


def train_extra_trees(table, target, seed):
    """A random forest."""
    encoder = coded_columns(table)
    model = RandomForestRegressor(**RANDOM_FOREST, random_state=seed, n_jobs=CORES)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: model.predict(encoder.transform(other))

# --- plan: model extra_trees / more trees ---
# cost: 2
# > Double the number of trees. The mean over a forest only gets steadier with more trees. Training
# > takes twice as long.
# set: n_estimators=600
