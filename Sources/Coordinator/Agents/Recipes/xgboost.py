# recipe: XGBoost
# suits: binary or multiclass or regression
# packages: xgboost
# tier: strong
# rank: 4
# uses: encode codes

# --- block: model xgboost ---
# when: classification
import xgboost as xgb

XGBOOST = dict(
    n_estimators=200,
    learning_rate=0.06,
    max_depth=5,
    min_child_weight=2,
    subsample=0.8,
    colsample_bytree=0.7,
    reg_lambda=2.0,
    tree_method="hist",
)


def train_xgboost(table, target, seed):
    """Gradient boosting that grows its trees level by level."""
    encoder = coded_columns(table)
    seen, codes = np.unique(target, return_inverse=True)
    matrix = encoder.fit_transform(table, target)
    groups = category_places(encoder)
    sorts = ["c" if place in groups else "q" for place in range(matrix.shape[1])]
    model = xgb.XGBClassifier(
        **XGBOOST, feature_types=sorts, enable_categorical=True, random_state=seed, n_jobs=CORES
    )
    model.fit(matrix, codes)
    return lambda other: all_classes(model.predict_proba(encoder.transform(other)), seen)

# --- adjust: model xgboost / few levels for two classes ---
# when: binary
# set: max_depth=3
# set: min_child_weight=5

# --- adjust: model xgboost / little regularisation for several classes ---
# when: multiclass
# set: min_child_weight=0.3
# set: reg_lambda=0.3

# --- block: model xgboost ---
# when: regression
import xgboost as xgb

XGBOOST = dict(
    objective="reg:squarederror",
    n_estimators=400,
    learning_rate=0.05,
    max_depth=6,
    min_child_weight=3,
    subsample=0.8,
    colsample_bytree=0.8,
    reg_lambda=2.0,
    tree_method="hist",
)


def train_xgboost(table, target, seed):
    """Gradient boosting that grows its trees level by level."""
    encoder = coded_columns(table)
    matrix = encoder.fit_transform(table, target)
    groups = category_places(encoder)
    sorts = ["c" if place in groups else "q" for place in range(matrix.shape[1])]
    model = xgb.XGBRegressor(
        **XGBOOST, feature_types=sorts, enable_categorical=True, random_state=seed, n_jobs=CORES
    )
    model.fit(matrix, target)
    return lambda other: model.predict(encoder.transform(other)).astype(float)

# --- adjust: model xgboost / absolute error ---
# when: regression, mae
# set: objective="reg:absoluteerror"

# --- ablation: model xgboost / settings as installed ---
# > Train XGBoost with the settings it comes with. Trees are deeper, the learning rate is higher,
# > and neither rows nor columns are sampled. Simple settings rule out that ours do harm.
# set: n_estimators=100
# set: learning_rate=0.3
# set: max_depth=6
# set: min_child_weight=1
# set: subsample=1.0
# set: colsample_bytree=1.0
# set: reg_lambda=1.0

# --- plan: model xgboost / slower and longer ---
# favoured: regression or multiclass
# cost: 2.5
# near: careful setting
# > Halve the learning rate of XGBoost and grow more than twice as many trees. Small steps
# > average out more of the noise in single trees. The depth of the trees stays.
# set: learning_rate=0.025
# set: n_estimators=900

# --- plan: model xgboost / shallower trees ---
# favoured: binary
# cost: 1
# near: careful setting, strongly regularised
# > Let XGBoost grow trees of at most three levels, and somewhat more of them. Shallow trees model
# > main effects and pairs of columns and overfit less. Each is cheap.
# set: max_depth=3
# set: n_estimators=500

# --- plan: model xgboost / careful setting ---
# favoured: small or binary
# cost: 2
# near: shallower trees, slower and longer
# > Grow 1000 trees of at most four levels with XGBoost at a learning rate of 0.02. Half of the
# > columns are drawn for each tree, so that the trees differ. This is the careful setting for
# > tables where single columns matter most.
# set: max_depth=4
# set: n_estimators=1000
# set: learning_rate=0.02
# set: colsample_bytree=0.5

# --- plan: model xgboost / deeper trees ---
# cost: 2
# near: deep and regularised
# > Let XGBoost grow trees of up to eight levels. Deep trees find interactions of many columns.
# > A larger minimum of rows per leaf keeps them from learning single rows.
# set: max_depth=8
# set: min_child_weight=5

# --- plan: model xgboost / strongly regularised ---
# cost: 1.2
# near: deep and regularised
# > Regularise XGBoost more strongly: leaves need more rows, leaf values are shrunk, rows and
# > columns are sampled more thinly. That helps where the labels are noisy.
# set: min_child_weight=20
# set: reg_lambda=10.0
# set: subsample=0.6
# set: colsample_bytree=0.5

# --- plan: model xgboost / deep and regularised ---
# cost: 3
# near: deeper trees, strongly regularised
# > Combine deep trees with strong shrinkage in XGBoost: up to ten levels, leaf values shrunk,
# > columns sampled at every level. 600 trees at a learning rate of 0.03 average them.
# set: max_depth=10
# set: min_child_weight=10
# set: reg_lambda=8.0
# set: colsample_bytree=0.6
# set: colsample_bynode=0.6
# set: learning_rate=0.03
# set: n_estimators=600
