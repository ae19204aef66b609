# recipe: CatBoost
# suits: binary or multiclass or regression, not text
# packages: catboost
# tier: strong
# rank: 3

# --- block: model catboost ---
# when: classification
from catboost import CatBoostClassifier

CATBOOST = dict(
    iterations=300,
    learning_rate=0.06,
    depth=5,
    l2_leaf_reg=5.0,
    random_strength=1.0,
    rsm=0.5,
    border_count=64,
    max_ctr_complexity=1,
)


def train_catboost(table, target, seed):
    """Gradient boosting of symmetric trees that reads categories as they are."""
    model = CatBoostClassifier(
        **CATBOOST,
        cat_features=categories_of(table),
        random_seed=seed,
        thread_count=CORES,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(table, target)
    seen = model.classes_.astype(int)
    return lambda other: all_classes(model.predict_proba(other), seen)

# --- adjust: model catboost / little regularisation for several classes ---
# when: multiclass
# set: learning_rate=0.1
# set: l2_leaf_reg=1.0

# --- block: model catboost ---
# when: regression
from catboost import CatBoostRegressor

CATBOOST = dict(
    loss_function="RMSE",
    iterations=500,
    learning_rate=0.12,
    depth=6,
    l2_leaf_reg=3.0,
    random_strength=1.0,
)


def train_catboost(table, target, seed):
    """Gradient boosting of symmetric trees that reads categories as they are."""
    model = CatBoostRegressor(
        **CATBOOST,
        cat_features=categories_of(table),
        random_seed=seed,
        thread_count=CORES,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(table, target)
    return lambda other: model.predict(other)

# --- adjust: model catboost / absolute error ---
# when: regression, mae
# set: loss_function="MAE"

# --- ablation: model catboost / fewer and plainer trees ---
# > Grow only 150 trees of four levels with CatBoost. If that is about as good, the size of the
# > model is not what matters. Training becomes much faster.
# set: iterations=150
# set: depth=4
# set: learning_rate=0.1

# --- plan: model catboost / slower and longer ---
# cost: 2.5
# near: shallower and longer, deeper trees
# > Let CatBoost take smaller steps: a learning rate of 0.03 over 900 trees. Small steps average
# > out more of the noise in single trees. Depth and regularisation stay.
# set: learning_rate=0.03
# set: iterations=900

# --- plan: model catboost / shallower and longer ---
# favoured: binary
# cost: 1.6
# near: slower and longer, strongly regularised
# > Grow 700 CatBoost trees of four levels at a learning rate of 0.04. Shallow symmetric trees
# > model main effects and a few interactions. They rarely overfit.
# set: depth=4
# set: learning_rate=0.04
# set: iterations=700

# --- plan: model catboost / deeper trees ---
# cost: 2.5
# near: slower and longer
# > Let CatBoost grow trees of eight levels. Deep trees find interactions of many columns. The
# > number of trees and the steps stay the same.
# set: depth=8

# --- plan: model catboost / strongly regularised ---
# cost: 1
# near: shallower and longer
# > Shrink the leaves of CatBoost's trees more and choose splits with more randomness. That helps
# > where the labels are noisy or the table is small. Rows are sampled for every tree.
# set: l2_leaf_reg=20.0
# set: random_strength=3.0
# set: bootstrap_type="Bernoulli"
# set: subsample=0.7

# --- plan: model catboost / plain boosting with larger steps ---
# favoured: regression, not small
# cost: 0.8
# near: slower and longer
# > Use plain instead of ordered boosting in CatBoost, with steps of 0.1 and 400 trees. Plain
# > boosting fits the training rows more closely and is fast. It often wins on larger tables.
# set: boosting_type="Plain"
# set: learning_rate=0.1
# set: iterations=400

# --- plan: model catboost / every column at every split ---
# when: classification
# cost: 5
# near: deeper trees
# > Let CatBoost look at every column at every split instead of at half of them, and cut numbers into
# > 254 steps instead of 64. Single trees fit more closely and resemble each other more. Training
# > takes several times as long.
# set: rsm=1.0
# set: border_count=254
