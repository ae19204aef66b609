# recipe: Rotation forest
# suits: binary or multiclass or regression, not text, not large, not wide
# packages: sklearn, scipy, joblib
# tier: companion
# rank: 1
# uses: encode scaled

# --- block: model rotation_forest ---
# when: classification
from sklearn.tree import ExtraTreeClassifier

TREES = 200
ROTATION_FOREST = dict(
    min_samples_leaf=1,
    max_features=None,
)


def train_rotation_forest(table, target, seed):
    """Trees that are split at random places of directions which tell the classes apart."""
    encoder = scaled_columns(table)
    matrix = encoder.fit_transform(table, target)
    forest = forest_of(ExtraTreeClassifier, matrix, target, target, seed)

    def predict(other):
        matrix = encoder.transform(other)
        shares = sum(tree.predict_proba(along(directions, matrix)) for directions, tree in forest)
        return all_classes(shares / TREES, forest[0][1].classes_)

    return predict

# --- adjust: model rotation_forest / larger leaves for two classes ---
# when: binary
# set: min_samples_leaf=5

# --- adjust: model rotation_forest / still larger leaves where categories leave much open ---
# when: binary, categories
# set: min_samples_leaf=15

# --- block: model rotation_forest ---
# when: regression
from sklearn.tree import ExtraTreeRegressor

TREES = 200
LEVELS = 8  # groups of targets that directions are to tell apart
ROTATION_FOREST = dict(
    min_samples_leaf=3,
    max_features=None,
)


def train_rotation_forest(table, target, seed):
    """Trees that are split at random places of directions which tell high from low targets."""
    encoder = scaled_columns(table)
    matrix = encoder.fit_transform(table, target)
    levels = np.argsort(np.argsort(target)) * LEVELS // len(target)
    forest = forest_of(ExtraTreeRegressor, matrix, target, levels, seed)

    def predict(other):
        matrix = encoder.transform(other)
        return sum(tree.predict(along(directions, matrix)) for directions, tree in forest) / TREES

    return predict

# --- adjust: model rotation_forest / directions ---
# code: before TREES
from joblib import Parallel, delayed
from scipy.linalg import eigh

TOGETHER = 5  # columns that share directions


def turn_of(within, between):
    """The directions that differ most between groups of rows and least within them (Fisher)."""
    noise = within.T @ within + 0.001 * len(within) * np.eye(within.shape[1])
    return eigh(between.T @ between, noise)[1]


def directions_of(matrix, groups, seed):
    """A few columns at a time, drawn by chance, and their directions in half of the rows."""
    generator = np.random.default_rng(seed)
    rows = generator.permutation(len(matrix))[: min(max(len(matrix) // 2, 1), 5_000)]
    part = matrix[rows]
    middles = pd.DataFrame(part).groupby(groups[rows]).transform("mean").to_numpy()
    within, between = part - middles, middles - part.mean(axis=0)
    columns = generator.permutation(matrix.shape[1])
    dealt = np.array_split(columns, -(-len(columns) // TOGETHER))
    return [(some, turn_of(within[:, some], between[:, some])) for some in dealt]


def along(directions, matrix):
    return np.hstack([matrix[:, some] @ turn for some, turn in directions])


def forest_of(kind, matrix, target, groups, seed):
    """Trees, each with the directions along which it sees the columns."""

    def grown(number):
        directions = directions_of(matrix, groups, number)
        tree = kind(**ROTATION_FOREST, random_state=number)
        return directions, tree.fit(along(directions, matrix), target)

    numbers = range(seed * TREES, (seed + 1) * TREES)
    return Parallel(CORES, prefer="threads")(delayed(grown)(number) for number in numbers)


# --- adjust: model rotation_forest / fewer trees over more rows ---
# when: medium
# set: TREES = 100

# --- ablation: model rotation_forest / columns as they are ---
# > Let every tree see the columns as they are. If that is as good, the directions carry nothing
# > that single columns do not. Training becomes faster.
# code: function along
def along(directions, matrix):
    return matrix

# --- plan: model rotation_forest / more columns together ---
# favoured: multiclass
# cost: 1.2
# near: three columns together
# > Look for directions in ten columns at a time instead of five. They tell more apart where classes
# > differ in many columns at once. Trees become more alike.
# set: TOGETHER = 10

# --- plan: model rotation_forest / three columns together ---
# cost: 1
# near: more trees
# > Look for directions in three columns at a time instead of five. They stay nearer to the columns
# > themselves. Trees differ more, and their mean gains by that.
# set: TOGETHER = 3

# --- plan: model rotation_forest / principal components ---
# when: classification
# cost: 1
# near: three columns together
# > Turn the columns to their principal components, as the published rotation forest does. These do
# > not look at the classes and so cannot fit noise in them. All information is kept.
# code: function turn_of
def turn_of(within, between):
    """The principal components of the rows."""
    rows = within + between
    return eigh(rows.T @ rows)[1]

# --- plan: model rotation_forest / smaller leaves ---
# when: not multiclass
# cost: 1.3
# near: more trees
# > Let leaves hold two rows. The mean over the forest evens out what single trees overfit. Fine
# > detail is kept.
# set: min_samples_leaf=2

# --- plan: model rotation_forest / larger leaves ---
# when: binary
# favoured: categories
# cost: 0.8
# > Ask for thirty rows in every leaf. The trees smooth more, which helps where labels are noisy.
# > Training becomes faster.
# set: min_samples_leaf=30

# --- plan: model rotation_forest / larger leaves ---
# when: regression
# cost: 0.8
# > Ask for eight rows in every leaf. The trees smooth more, which helps where targets are noisy.
# > Training becomes faster.
# set: min_samples_leaf=8

# --- plan: model rotation_forest / more trees ---
# when: small
# cost: 2
# > Double the number of trees. The mean over a forest only gets steadier with more trees. Training
# > takes twice as long.
# set: TREES = 400

# --- plan: model rotation_forest / more trees ---
# when: medium
# cost: 2
# > Double the number of trees. The mean over a forest only gets steadier with more trees. Training
# > takes twice as long.
# set: TREES = 200
