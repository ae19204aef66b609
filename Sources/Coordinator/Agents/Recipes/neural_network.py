# recipe: Neural network
# suits: binary or multiclass or regression
# packages: sklearn
# tier: companion
# rank: 2
# uses: encode scaled

# --- block: model neural_network ---
# when: classification
from sklearn.neural_network import MLPClassifier

NETWORKS = 3  # networks trained from different starts and averaged
NEURAL_NETWORK = dict(
    hidden_layer_sizes=(48, 24),
    alpha=0.01,
    batch_size=128,
    learning_rate_init=0.002,
    max_iter=20,
)


def train_neural_network(table, target, seed):
    """The mean of a few small networks on scaled columns."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    encoder = scaled_columns(table)
    matrix = encoder.fit_transform(table, target)
    size = min(NEURAL_NETWORK["batch_size"], len(table))
    models = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is a setting
        for number in range(NETWORKS):
            settings = {**NEURAL_NETWORK, "batch_size": size, "random_state": seed * 100 + number}
            models.append(MLPClassifier(**settings).fit(matrix, target))
    return lambda other: all_classes(
        np.mean([model.predict_proba(encoder.transform(other)) for model in models], axis=0),
        models[0].classes_,
    )

# --- adjust: model neural_network / more passes over few rows ---
# when: small
# set: max_iter=100
# set: batch_size=64

# --- block: model neural_network ---
# when: regression
from sklearn.neural_network import MLPRegressor

NETWORKS = 2  # networks trained from different starts and averaged
NEURAL_NETWORK = dict(
    hidden_layer_sizes=(64, 32),
    alpha=0.001,
    batch_size=256,
    learning_rate_init=0.003,
    max_iter=15,
)


def train_neural_network(table, target, seed):
    """The mean of a few small networks on scaled columns and a scaled target, kept in its range."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    encoder = scaled_columns(table)
    matrix = encoder.fit_transform(table, target)
    middle, spread = target.mean(), target.std() + 1e-12
    bounds = [(edge - middle) / spread for edge in (target.min(), target.max())]
    size = min(NEURAL_NETWORK["batch_size"], len(table))
    models = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is a setting
        for number in range(NETWORKS):
            settings = {**NEURAL_NETWORK, "batch_size": size, "random_state": seed * 100 + number}
            models.append(MLPRegressor(**settings).fit(matrix, (target - middle) / spread))
    return lambda other: middle + spread * np.clip(
        np.mean([model.predict(encoder.transform(other)) for model in models], axis=0), *bounds
    )

# --- adjust: model neural_network / more passes over few rows ---
# when: small
# set: max_iter=100
# set: batch_size=64

# --- ablation: model neural_network / one small network ---
# > Train one network with a single layer of 16 units. If that is about as good, the size of the
# > network is not what matters. Training becomes much faster.
# set: NETWORKS = 1
# set: hidden_layer_sizes=(16,)

# --- plan: model neural_network / stronger weight decay ---
# favoured: binary
# cost: 1
# near: smaller networks, more networks
# > Shrink the weights of the networks much more strongly. Networks overfit small tables quickly,
# > and decay is the simplest cure. Their size stays.
# set: alpha=1.0

# --- plan: model neural_network / more networks ---
# cost: 2.5
# near: stronger weight decay
# > Average eight networks from different starts. Where a network ends depends on its start, and
# > the mean is steadier than any of them. Training takes longer in proportion.
# set: NETWORKS = 8

# --- plan: model neural_network / smaller networks ---
# cost: 0.8
# near: stronger weight decay
# > Use one layer of 24 units with more weight decay. Small networks are nearly linear and overfit
# > less. Training is faster.
# set: hidden_layer_sizes=(24,)
# set: alpha=0.1

# --- plan: model neural_network / wider networks and smaller steps ---
# favoured: regression
# cost: 3
# near: more passes
# > Use layers of 128 and 64 units, learn in smaller steps and decay the weights a little more.
# > Wide networks bend more where the rows ask for it.
# set: hidden_layer_sizes=(128, 64)
# set: learning_rate_init=0.001
# set: alpha=0.05

# --- plan: model neural_network / more passes ---
# cost: 2
# near: wider networks and smaller steps
# > Go through the rows twice as often, in smaller steps. Networks that stopped early learn finer
# > detail. Weight decay keeps them from learning single rows.
# set: max_iter=60
# set: learning_rate_init=0.001
# set: alpha=0.05
