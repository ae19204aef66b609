# recipe: Support vectors
# suits: multiclass or regression, small, not text
# packages: sklearn
# tier: strong where multiclass, small, numbers, not categories
# rank: 4
# uses: encode scaled

# --- block: model support_vectors ---
# when: classification
from sklearn.svm import SVC

SUPPORT_VECTORS = dict(
    C=10.0,
    gamma="scale",
)


def train_support_vectors(table, target, seed):
    """A smooth border between every two classes; probabilities from a softmax of its margins."""
    encoder = scaled_columns(table)
    model = SVC(**SUPPORT_VECTORS, decision_function_shape="ovr", random_state=seed)
    model.fit(encoder.fit_transform(table, target), target)

    def predict(other):
        margins = model.decision_function(encoder.transform(other))
        if margins.ndim == 1:
            margins = np.column_stack([-margins, margins])
        powers = np.exp(2 * (margins - margins.max(axis=1, keepdims=True)))
        return all_classes(powers / powers.sum(axis=1, keepdims=True), model.classes_)

    return predict

# --- block: model support_vectors ---
# when: regression
from sklearn.svm import SVR

SUPPORT_VECTORS = dict(
    C=3.0,
    epsilon=0.05,
    gamma="scale",
)


def train_support_vectors(table, target, seed):
    """A smooth surface through the rows, on a scaled target."""
    encoder = scaled_columns(table)
    middle, spread = target.mean(), target.std() + 1e-12
    model = SVR(**SUPPORT_VECTORS)
    model.fit(encoder.fit_transform(table, target), (target - middle) / spread)
    return lambda other: middle + spread * model.predict(encoder.transform(other))

# --- ablation: model support_vectors / straight borders ---
# > Use straight instead of bent borders. If that does no harm, the columns act in proportion.
# > Training is about as fast.
# set: kernel="linear"
# set: C=1.0

# --- plan: model support_vectors / stricter borders ---
# cost: 1.3
# near: narrower bends
# > Let the model bend more to get training rows right: errors cost ten times as much. Where labels
# > are clean, that finds finer borders.
# set: C=100.0

# --- plan: model support_vectors / softer borders ---
# cost: 1
# > Let the model be wrong on some training rows for the sake of smoother borders: errors cost a
# > tenth. Where labels are noisy, that helps.
# set: C=1.0

# --- plan: model support_vectors / narrower bends ---
# cost: 1.2
# near: stricter borders
# > Let rows matter only for what lies near them. The borders then follow the rows more closely.
# > Errors cost as much as before.
# set: gamma=0.15
