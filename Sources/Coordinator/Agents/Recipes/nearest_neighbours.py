# recipe: Nearest neighbours
# suits: binary or multiclass or regression, not text, not large, not wide
# packages: sklearn
# tier: companion
# rank: 5
# uses: encode scaled

# --- block: model nearest_neighbours ---
# when: classification
from sklearn.neighbors import KNeighborsClassifier

NEAREST_NEIGHBOURS = dict(
    n_neighbors=25,
    weights="distance",
    p=1,
)


def train_nearest_neighbours(table, target, seed):
    """The classes of the nearest rows, nearer rows counting more."""
    encoder = scaled_columns(table)
    settings = {**NEAREST_NEIGHBOURS}
    settings["n_neighbors"] = min(settings["n_neighbors"], len(table))
    model = KNeighborsClassifier(**settings, n_jobs=CORES)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: all_classes(
        model.predict_proba(encoder.transform(other)), model.classes_
    )

# --- adjust: model nearest_neighbours / few neighbours for several classes ---
# when: multiclass
# set: n_neighbors=7

# --- adjust: model nearest_neighbours / many neighbours for two classes ---
# when: binary
# set: n_neighbors=60

# --- block: model nearest_neighbours ---
# when: regression
from sklearn.neighbors import KNeighborsRegressor

NEAREST_NEIGHBOURS = dict(
    n_neighbors=12,
    weights="distance",
    p=1,
)


def train_nearest_neighbours(table, target, seed):
    """The mean of the nearest rows' targets, nearer rows counting more."""
    encoder = scaled_columns(table)
    settings = {**NEAREST_NEIGHBOURS}
    settings["n_neighbors"] = min(settings["n_neighbors"], len(table))
    model = KNeighborsRegressor(**settings, n_jobs=CORES)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: model.predict(encoder.transform(other))

# --- ablation: model nearest_neighbours / five equal neighbours ---
# > Ask the five nearest rows and let them count alike, as scikit-learn does by default. Simple
# > settings rule out that ours do harm.
# set: n_neighbors=5
# set: weights="uniform"
# set: p=2

# --- plan: model nearest_neighbours / more neighbours ---
# cost: 1
# near: straight distances
# > Ask three times as many rows. The mean over more rows is smoother, which helps where the labels
# > are noisy. Near rows still count more.
# set: n_neighbors=100

# --- plan: model nearest_neighbours / fewer neighbours ---
# favoured: multiclass
# cost: 1
# > Ask the four nearest rows alone. That keeps fine detail where rows of one class lie close
# > together. Near rows still count more.
# set: n_neighbors=4

# --- plan: model nearest_neighbours / straight distances ---
# cost: 1
# near: more neighbours
# > Measure distances as the crow flies instead of along the axes. Rows that differ much in one
# > column then count as farther away. The number of neighbours stays.
# set: p=2
