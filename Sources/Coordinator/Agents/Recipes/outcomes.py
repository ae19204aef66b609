# frame: the target as it is learned, and predictions turned into answers

# --- block: target ---
# when: classification
truth = train[TARGET].map({label: code for code, label in enumerate(CLASSES)}).to_numpy()
target = truth


def all_classes(probabilities, seen):
    """Probabilities of every class from those of the classes seen in training."""
    spread = np.zeros((len(probabilities), len(CLASSES)))
    spread[:, seen] = probabilities
    return spread

# --- block: target ---
# when: regression, rmsle
def forward(numbers):
    return np.log1p(np.maximum(numbers, 0))


def backward(numbers):
    return np.expm1(numbers)


truth = pd.to_numeric(train[TARGET]).to_numpy(dtype=float)
target = forward(truth)

# --- block: target ---
# when: regression
def forward(numbers):
    return numbers


def backward(numbers):
    return numbers


truth = pd.to_numeric(train[TARGET]).to_numpy(dtype=float)
target = forward(truth)

# --- ablation: target / as it is ---
# when: regression
# > Learn the target as it is, without a transform. Errors then count in the target's own unit.
# > That is simpler, and right where the metric counts absolute errors.
# code: whole
def forward(numbers):
    return numbers


def backward(numbers):
    return numbers


truth = pd.to_numeric(train[TARGET]).to_numpy(dtype=float)
target = forward(truth)

# --- plan: target / within what was seen ---
# when: regression, not rmsle, not qwk
# cost: 1
# > Keep predictions between the least and the greatest target seen in training. Models that
# > extrapolate cannot go astray. Nothing else changes.
# code: before truth
def within_what_was_seen(turn_back):
    """The same function, for numbers between the least and the greatest target learned."""
    return lambda numbers: turn_back(np.clip(numbers, target.min(), target.max()))


backward = within_what_was_seen(backward)

# --- plan: target / logarithm ---
# when: regression, not rmsle, not qwk
# cost: 1
# near: square root
# > Learn the logarithm of the target's distance from its least value. Long tails are pulled in,
# > and relative errors count. Predictions are turned back before they are scored.
# code: whole
def forward(numbers):
    return np.log1p(np.maximum(numbers - lowest, 0) / unit)


def backward(numbers):
    return lowest + unit * np.expm1(np.minimum(numbers, 50))


truth = pd.to_numeric(train[TARGET]).to_numpy(dtype=float)
lowest, unit = truth.min(), truth.std() / 10 + 1e-12
target = forward(truth)

# --- plan: target / square root ---
# when: regression, not rmsle, not qwk
# cost: 1
# near: logarithm
# > Learn the square root of the target's distance from its least value. Tails are pulled in more
# > gently than by a logarithm. Predictions are squared again before they are scored.
# code: whole
def forward(numbers):
    return np.sqrt(np.maximum(numbers - lowest, 0))


def backward(numbers):
    return lowest + np.maximum(numbers, 0) ** 2


truth = pd.to_numeric(train[TARGET]).to_numpy(dtype=float)
lowest = truth.min()
target = forward(truth)

# --- plan: target / cube root instead of the logarithm ---
# when: regression, rmsle
# cost: 1
# > Learn the cube root of the target instead of its logarithm. It pulls the tail in almost as
# > much, and small targets weigh less. Predictions are cubed again before they are scored.
# code: whole
def forward(numbers):
    return np.cbrt(np.maximum(numbers, 0))


def backward(numbers):
    return np.maximum(numbers, 0) ** 3


truth = pd.to_numeric(train[TARGET]).to_numpy(dtype=float)
target = forward(truth)

# --- plan: target / within what was seen ---
# when: regression, rmsle
# cost: 1
# > Keep predictions between the least and the greatest target seen in training. A model that
# > extrapolates in the logarithm or the root of the target can go far astray. Nothing else changes.
# code: before truth
def within_what_was_seen(turn_back):
    """The same function, for numbers between the least and the greatest target learned."""
    return lambda numbers: turn_back(np.clip(numbers, target.min(), target.max()))


backward = within_what_was_seen(backward)

# --- plan: target / ranks ---
# when: regression, spearman
# cost: 1
# near: logarithm
# > Learn the rank of the target, from zero to one. The metric looks at the order alone, and
# > ranks spread it evenly. Predictions need not be turned back.
# code: whole
from scipy.stats import rankdata


def forward(numbers):
    return rankdata(numbers) / len(numbers)


def backward(numbers):
    return numbers


truth = pd.to_numeric(train[TARGET]).to_numpy(dtype=float)
target = forward(truth)

# --- block: decision ---
# when: classification, logloss
DECIDING_FOLDS = 0  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    return None


def decide(blended, decision):
    """Probabilities that add up to one, away from a certainty that no model has."""
    bounded = np.clip(blended, 1e-5, 1)
    return bounded / bounded.sum(axis=1, keepdims=True)

# --- block: decision ---
# when: classification, probabilities or map
DECIDING_FOLDS = 0  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    return None


def decide(blended, decision):
    """Probabilities, away from a certainty that no model has."""
    return np.clip(blended, 1e-6, 1 - 1e-6)

# --- block: decision ---
# when: binary, macro_f1 or mcc
DECIDING_FOLDS = 1  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    """The threshold in the middle of those that are about as good as the best."""
    thresholds = np.unique(np.quantile(blended[:, 1], np.linspace(0.02, 0.98, 97)))
    scores = np.array([score(answers, decide(blended, threshold)) for threshold in thresholds])
    return np.median(thresholds[scores >= scores.max() - 0.002])


def leaning(blended, decision):
    """How far each class is wanted: the odds of the positive one against the threshold's."""
    positive = blended[:, 1]
    return np.column_stack([(1 - positive) * decision, positive * (1 - decision)]) + 1e-12


def decide(blended, decision):
    wanted = leaning(blended, decision)
    return (wanted[:, 1] >= wanted[:, 0]).astype(int)

# --- block: decision ---
# when: qwk, classification
DECIDING_FOLDS = 0  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    return None


def decide(blended, decision):
    """The grade nearest to the expected one."""
    grades = np.array(CLASSES, dtype=float)
    expected = blended @ grades / blended.sum(axis=1)
    return np.abs(expected[:, None] - grades).argmin(axis=1)

# --- block: decision ---
# when: classification
DECIDING_FOLDS = 0  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    return None


def leaning(blended, decision):
    """How far each class is wanted: as far as it is probable."""
    return blended


def decide(blended, decision):
    return leaning(blended, decision).argmax(axis=1)

# --- block: decision ---
# when: regression, qwk
DECIDING_FOLDS = 0  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    return None


def decide(blended, decision):
    """The nearest whole grade seen in training."""
    return np.clip(np.rint(backward(blended)), truth.min(), truth.max())

# --- block: decision ---
# when: regression, nonnegative
DECIDING_FOLDS = 0  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    return None


def decide(blended, decision):
    """Numbers in the unit of the target, none below zero."""
    return np.maximum(backward(blended), 0)

# --- block: decision ---
# when: regression
DECIDING_FOLDS = 0  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    return None


def decide(blended, decision):
    """Numbers in the unit of the target."""
    return backward(blended)

# --- ablation: decision / the more probable class ---
# when: binary, macro_f1 or mcc
# > Name the more probable class instead of looking for a threshold. A threshold found on few rows
# > may be worse than none. Training is the same.
# set: DECIDING_FOLDS = 0
# code: function choose_decision
def choose_decision(blended, answers):
    return 0.5

# --- plan: decision / threshold from more rows ---
# when: binary, macro_f1 or mcc
# cost: 3
# > Choose the threshold on all rows, each predicted by models that did not train on it. Five
# > parts are held out in turn. The threshold is steadier than one found on a fifth of the rows.
# set: DECIDING_FOLDS = 5

# --- plan: decision / threshold from half of the rows ---
# when: binary, macro_f1 or mcc
# cost: 2
# > Choose the threshold on three fifths of the rows instead of one, each predicted by models that
# > did not train on it. It is steadier than one found on a fifth of the rows.
# set: DECIDING_FOLDS = 3

# --- plan: decision / rare classes sooner ---
# when: multiclass, macro_f1
# cost: 1
# near: weights per class
# > Divide the probability of every class by the root of its share among the training rows. The
# > metric counts rare classes as much as frequent ones, while probabilities favour the frequent.
# > No rows are needed to choose anything.
# code: function leaning
def leaning(blended, decision):
    """How far each class is wanted: frequent ones are held back."""
    shares = np.bincount(truth, minlength=len(CLASSES)) / len(truth)
    return blended / np.sqrt(shares + 1e-3)

# --- plan: decision / weights per class ---
# when: multiclass, macro_f1 or mcc
# cost: 5
# near: rare classes sooner
# > Multiply the probabilities by a weight per class that is chosen on held-out rows, five parts
# > in turn. Classes that are missed too often get a larger weight. A weight stays as it is unless
# > the score gets clearly better.
# code: whole
DECIDING_FOLDS = 5  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    """A weight per class, changed one at a time while that helps on held-out rows."""
    weights = np.ones(len(CLASSES))
    best = score(answers, decide(blended, weights))
    for place in list(range(len(CLASSES))) * 2:
        for factor in (0.6, 0.8, 1.25, 1.6, 2.2):
            changed = weights.copy()
            changed[place] *= factor
            value = score(answers, decide(blended, changed))
            if value > best + 0.0005:
                best, weights = value, changed
    return weights


def leaning(blended, decision):
    """How far each class is wanted: its probability times its weight."""
    return blended * decision


def decide(blended, decision):
    return leaning(blended, decision).argmax(axis=1)

# --- plan: decision / borders between grades ---
# when: qwk, classification
# cost: 5
# > Cut the expected grade at borders that are chosen on held-out rows, five parts in turn. Halves
# > between grades are a poor choice where grades are unevenly frequent. Borders are moved one at a
# > time while the score gets better.
# code: whole
DECIDING_FOLDS = 5  # held-out parts that the decision is chosen on


def expected_grade(blended):
    return blended @ np.array(CLASSES, dtype=float) / blended.sum(axis=1)


def choose_decision(blended, answers):
    """Borders between neighbouring grades, first between as many rows as there are answers."""
    grades = np.array(CLASSES, dtype=float)
    shares = [(grades[answers] <= grade).mean() for grade in np.sort(grades)[:-1]]
    borders = np.quantile(expected_grade(blended), shares)
    best = score(answers, decide(blended, borders))
    for step in (0.2, 0.1, 0.05):
        for place in range(len(borders)):
            for move in (-step, step):
                changed = borders.copy()
                changed[place] += move
                value = score(answers, decide(blended, np.sort(changed)))
                if value > best:
                    best, borders = value, np.sort(changed)
    return borders


def decide(blended, decision):
    """The grade between whose borders the expected grade lies."""
    grades = np.array(CLASSES, dtype=float)
    return np.argsort(grades)[np.searchsorted(decision, expected_grade(blended))]

# --- plan: decision / the most probable grade ---
# when: qwk, classification
# cost: 1
# > Name the most probable grade instead of the one nearest to the expected one. Where
# > probabilities are sharp, the expected grade pulls rows towards the middle. Nothing else
# > changes.
# code: function decide
def decide(blended, decision):
    """The most probable grade."""
    return blended.argmax(axis=1)

# --- plan: decision / borders between predicted grades ---
# when: regression, qwk
# cost: 5
# > Cut the predicted number at borders that are chosen on held-out rows, five parts in turn.
# > Plain rounding is a poor choice where grades are unevenly frequent. Borders are moved one at a
# > time while the score gets better.
# code: whole
DECIDING_FOLDS = 5  # held-out parts that the decision is chosen on
GRADES = np.unique(truth)


def choose_decision(blended, answers):
    """Borders between neighbouring grades, first between as many rows as there are answers."""
    shares = [(answers <= grade).mean() for grade in GRADES[:-1]]
    borders = np.quantile(backward(blended), shares)
    best = score(answers, decide(blended, borders))
    for step in (0.2, 0.1, 0.05):
        for place in range(len(borders)):
            for move in (-step, step):
                changed = borders.copy()
                changed[place] += move
                value = score(answers, decide(blended, np.sort(changed)))
                if value > best:
                    best, borders = value, np.sort(changed)
    return borders


def decide(blended, decision):
    """The grade between whose borders the prediction lies."""
    return GRADES[np.searchsorted(decision, backward(blended))]

# --- plan: decision / confidence corrected ---
# when: logloss
# cost: 3.5
# > Correct how sure the probabilities are: one exponent, chosen on three held-out parts, sharpens
# > or flattens all of them. Boosted models are often too sure, averages not sure enough. The order
# > of the classes stays.
# code: whole
DECIDING_FOLDS = 3  # held-out parts that the decision is chosen on


def choose_decision(blended, answers):
    """The exponent of the probabilities with the least loss on held-out rows."""
    exponents = np.geomspace(0.5, 2, 41)
    return exponents[np.argmin([score(answers, decide(blended, power)) for power in exponents])]


def decide(blended, decision):
    """Probabilities to a power, brought back to a sum of one."""
    powers = np.clip(blended, 1e-5, 1) ** decision
    return powers / powers.sum(axis=1, keepdims=True)
