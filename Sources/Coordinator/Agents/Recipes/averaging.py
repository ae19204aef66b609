# frame: which models are averaged, and how

# --- block: members ---
# when: ranked
from scipy.stats import rankdata

MEMBERS = {}
WEIGHTS = {}  # a member without a weight counts once
WEIGHING_FOLDS = 0  # held-out parts that the weights are chosen on
KNOWN = None  # what members predict for the rows that ranks are taken among; else the same rows


def predict_members(fit, asked, seed):
    """What every member, trained on the rows `fit`, predicts for the rows of the table `asked`."""
    known = train_table.loc[fit]
    table, other = add_features(known, known), add_features(asked, known)
    return [trained(name, table, target[fit], seed)(other) for name in MEMBERS]


def choose_weights(parts, answers):
    return [WEIGHTS.get(name, 1.0) for name in MEMBERS]


def ranks_among(part, known):
    """The rank each number of a column would share with its equals in the column of `known`."""
    columns = []
    for numbers, others in zip(part.T, np.sort(known, axis=0).T):
        below, upto = (np.searchsorted(others, numbers, side=side) for side in ("left", "right"))
        columns.append(np.minimum((below + upto + 1) / 2, len(others)))
    return np.stack(columns, axis=1)


def blend(parts, weights):
    """The weighted mean of the members' ranks: only the order of the rows counts."""
    if len(parts) == 1:
        return parts[0]
    if KNOWN is None:
        ranks = [rankdata(part, axis=0) / len(part) for part in parts]
    else:
        ranks = [ranks_among(part, whole) / len(whole) for part, whole in zip(parts, KNOWN)]
    return np.average(ranks, axis=0, weights=weights)

# --- block: members ---
MEMBERS = {}
WEIGHTS = {}  # a member without a weight counts once
WEIGHING_FOLDS = 0  # held-out parts that the weights are chosen on


def predict_members(fit, asked, seed):
    """What every member, trained on the rows `fit`, predicts for the rows of the table `asked`."""
    known = train_table.loc[fit]
    table, other = add_features(known, known), add_features(asked, known)
    return [trained(name, table, target[fit], seed)(other) for name in MEMBERS]


def choose_weights(parts, answers):
    return [WEIGHTS.get(name, 1.0) for name in MEMBERS]


def blend(parts, weights):
    """The weighted mean of the members' predictions."""
    return np.average(parts, axis=0, weights=weights)

# --- plan: members / weights chosen on held-out rows ---
# cost: 3.5
# near: geometric mean
# > Choose the weights of the members on held-out rows: three parts of five are held out in turn,
# > and weights move from member to member as long as the score gets better. Better members count
# > for more, and a useless one drops out.
# set: WEIGHING_FOLDS = 3
# code: function choose_weights
def choose_weights(parts, answers):
    """Weights that score best on held-out rows, moved in ever smaller steps."""
    lower = METRIC in ("logloss", "rmse", "rmsle", "mae")

    def worth(weights):
        blended = blend(parts, weights)
        value = score(answers, decide(blended, choose_decision(blended, answers)))
        return -value if lower else value

    weights = np.ones(len(parts)) / len(parts)
    best = worth(weights)
    for step in (0.2, 0.1, 0.05):
        for _ in range(4 * len(parts)):
            moves = [np.maximum(weights + step * one, 0) for one in np.eye(len(parts))]
            moves += [np.maximum(weights - step * one, 0) for one in np.eye(len(parts))]
            moves = [move / move.sum() for move in moves if move.sum() > 0]
            worths = [worth(move) for move in moves]
            if max(worths) <= best:
                break
            best, weights = max(worths), moves[int(np.argmax(worths))]
    return list(weights)

# --- plan: members / geometric mean ---
# when: probabilities or labels, classification
# cost: 1
# near: weights chosen on held-out rows
# > Take the geometric mean of the members' probabilities instead of the plain mean. A member that
# > is sure a class is wrong then counts for more. The classes are brought back to a sum of one.
# code: function blend
def blend(parts, weights):
    """The weighted geometric mean of the members' probabilities."""
    logarithms = np.average(np.log(np.clip(parts, 1e-6, 1)), axis=0, weights=weights)
    product = np.exp(logarithms)
    return product / product.sum(axis=1, keepdims=True)

# --- plan: members / mean of probabilities ---
# when: ranked
# cost: 1
# near: geometric mean
# > Take the mean of the members' probabilities instead of their ranks. Ranks throw away how sure
# > a member is. Where members are about equally well calibrated, that knowledge helps.
# code: function blend
def blend(parts, weights):
    """The weighted mean of the members' probabilities."""
    return np.average(parts, axis=0, weights=weights)

# --- plan: members / middle instead of mean ---
# when: regression
# cost: 1
# near: weights chosen on held-out rows
# > Take the median of the members' predictions instead of their mean. One member that goes astray
# > on a row then has no say. With two members nothing changes.
# code: function blend
def blend(parts, weights):
    """The median of the members' predictions."""
    return np.median(parts, axis=0)

# --- block: predict ---
# when: ranked
SEEDS = 1  # times every member is trained, with another seed each time


def predict_test():
    """The members trained on all rows, a mean over seeds."""
    everything = np.arange(len(train))
    rounds = [predict_members(everything, test_table, SEED + number) for number in range(SEEDS)]
    return [np.mean(pieces, axis=0) for pieces in zip(*rounds)]


def whole_test(parts):
    """What the members predict for the rows of the task's test.csv, as ./model holds it; these are
    kept there if that is wanted."""
    file = Path("./model") / "test_predictions.npy"
    if not file.exists() and os.environ.get("MLESTAR_KEEP_MODEL") == "1":
        np.save(file, np.array(parts))
    return np.load(file) if file.exists() else parts


test_parts = predict_test()
KNOWN = whole_test(test_parts)
predicted = blend(test_parts, weights)
answer = decide(predicted, decision)

# --- block: predict ---
SEEDS = 1  # times every member is trained, with another seed each time


def predict_test():
    """The members trained on all rows, a mean over seeds."""
    everything = np.arange(len(train))
    rounds = [predict_members(everything, test_table, SEED + number) for number in range(SEEDS)]
    return [np.mean(pieces, axis=0) for pieces in zip(*rounds)]


predicted = blend(predict_test(), weights)
answer = decide(predicted, decision)

# --- ablation: predict / one model each ---
# > Train every member once on all rows instead of averaging several. Averaging costs time, and
# > some members hardly change from seed to seed.
# set: SEEDS = 1
# code: function predict_test
def predict_test():
    """The members trained on all rows, a mean over seeds."""
    everything = np.arange(len(train))
    rounds = [predict_members(everything, test_table, SEED + number) for number in range(SEEDS)]
    return [np.mean(pieces, axis=0) for pieces in zip(*rounds)]

# --- plan: predict / three seeds ---
# cost: 3
# near: six seeds, five parts left out in turn
# > Train every member three times on all rows with different seeds and average what they predict.
# > Seeds change which rows and columns are sampled, and the mean is steadier than any of them.
# > Training for the test rows takes three times as long.
# set: SEEDS = 3

# --- plan: predict / five parts left out in turn ---
# cost: 4
# near: six seeds, ten parts left out in turn
# > Train every member five times, each time without another fifth of the rows, and average what
# > they predict. Models that saw different rows err differently. Each of them sees four fifths of
# > the rows.
# code: function predict_test
def predict_test():
    """The mean of members that were each trained without another fifth of the rows."""
    parts = deal_rows(truth, 5, SEED + 1)
    rounds = [
        predict_members(np.flatnonzero(parts != number), test_table, SEED + number)
        for number in range(5)
    ]
    return [np.mean(pieces, axis=0) for pieces in zip(*rounds)]

# --- plan: predict / six seeds ---
# cost: 6
# near: three seeds
# > Train every member six times on all rows with different seeds and average what they predict.
# > The more models are averaged, the less a single draw of rows and columns matters. Training for
# > the test rows takes six times as long.
# set: SEEDS = 6

# --- plan: predict / ten parts left out in turn ---
# cost: 9
# near: five parts left out in turn
# > Train every member ten times, each time without another tenth of the rows, and average what
# > they predict. Each of them sees nine tenths of the rows, and all of them differ. Training for
# > the test rows takes ten times as long.
# code: function predict_test
def predict_test():
    """The mean of members that were each trained without another tenth of the rows."""
    parts = deal_rows(truth, 10, SEED + 1)
    rounds = [
        predict_members(np.flatnonzero(parts != number), test_table, SEED + number)
        for number in range(10)
    ]
    return [np.mean(pieces, axis=0) for pieces in zip(*rounds)]
