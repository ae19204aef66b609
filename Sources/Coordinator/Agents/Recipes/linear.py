# recipe: Linear model
# suits: binary or multiclass or regression, not text
# packages: sklearn
# tier: companion
# rank: 4
# uses: encode scaled

# --- block: model linear ---
# when: classification
from sklearn.linear_model import LogisticRegression

LINEAR = dict(
    C=0.3,
    max_iter=500,
)


def train_linear(table, target, seed):
    """Logistic regression on scaled columns."""
    encoder = scaled_columns(table)
    model = LogisticRegression(**LINEAR, random_state=seed)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: all_classes(
        model.predict_proba(encoder.transform(other)), model.classes_
    )

# --- block: model linear ---
# when: regression
from sklearn.linear_model import Ridge

LINEAR = dict(
    alpha=3.0,
)


def train_linear(table, target, seed):
    """Least squares with small coefficients on scaled columns."""
    encoder = scaled_columns(table)
    model = Ridge(**LINEAR)
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: model.predict(encoder.transform(other))

# --- ablation: model linear / hardly regularised ---
# when: classification
# > Let the coefficients be as large as the rows ask for. If that does no harm, shrinking them is
# > not what matters. Training may take more steps.
# set: C=100.0

# --- ablation: model linear / hardly regularised ---
# when: regression
# > Let the coefficients be as large as the rows ask for. If that does no harm, shrinking them is
# > not what matters.
# set: alpha=0.0001

# --- plan: model linear / smaller coefficients ---
# when: classification
# cost: 1
# near: few coefficients
# > Shrink the coefficients of the logistic regression ten times as strongly. That helps where
# > columns are many and rows are few. Nothing else changes.
# set: C=0.03

# --- plan: model linear / larger coefficients ---
# when: classification
# cost: 1.2
# > Shrink the coefficients of the logistic regression less. Where rows are many, the columns may
# > speak for themselves. Nothing else changes.
# set: C=3.0
# set: max_iter=1500

# --- plan: model linear / few coefficients ---
# when: binary
# cost: 1.5
# near: smaller coefficients
# > Let the logistic regression set the coefficients of useless columns to zero. The sum of their
# > sizes is bounded instead of the sum of their squares. Fewer columns are easier to trust.
# set: C=0.3
# set: l1_ratio=1.0
# set: solver="liblinear"

# --- plan: model linear / strength chosen by itself ---
# when: regression
# cost: 1.3
# near: bounded errors
# > Choose how strongly coefficients are shrunk by leaving out one row at a time. The choice costs
# > little with least squares. It adapts to the number of rows and columns.
# code: whole
from sklearn.linear_model import RidgeCV


def train_linear(table, target, seed):
    """Least squares; how small the coefficients are is chosen by leaving rows out."""
    encoder = scaled_columns(table)
    model = RidgeCV(alphas=np.geomspace(0.01, 1000, 16))
    model.fit(encoder.fit_transform(table, target), target)
    return lambda other: model.predict(encoder.transform(other))

# --- plan: model linear / bounded errors ---
# when: regression
# cost: 2
# near: strength chosen by itself
# > Let large errors count in proportion instead of squared. Rows that fit no line then pull less
# > on it. The coefficients are shrunk a little.
# code: whole
from sklearn.linear_model import HuberRegressor


def train_linear(table, target, seed):
    """A linear model in which large errors count in proportion."""
    encoder = scaled_columns(table)
    middle, spread = np.median(target), target.std() + 1e-12
    model = HuberRegressor(alpha=0.01, max_iter=500)
    model.fit(encoder.fit_transform(table, target), (target - middle) / spread)
    return lambda other: middle + spread * model.predict(encoder.transform(other))
