"""Writes Tests/ScoringTests/Fixtures/MetricCases.swift: predictions and what scikit-learn and SciPy make of them.

Usage: python Tests/Fixtures/make_scoring_fixtures.py   (needs numpy, scipy, scikit-learn; any folder)

Where no library has the metric (error rates, MAP@k, exact match) the definition is written out here a second time,
as plainly as possible. Seeds are fixed: the same libraries write the same file.
"""

import warnings
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics

warnings.filterwarnings("ignore")
OUT = Path(__file__).resolve().parent.parent / "ScoringTests" / "Fixtures" / "MetricCases.swift"
rng = np.random.default_rng(20240607)
cases = []


def case(name, metric, content, truth, predictions, expected, *, classes=(), positives=None, targets=None, error=None):
    """truth: {target: fields}; predictions: {column: fields}; a column predicts the target of the same place."""
    targets = targets or list(truth)
    positives = positives or [None] * len(predictions)
    columns = [(n, t, p) for n, t, p in zip(predictions, targets, positives, strict=True)]
    assert np.isfinite(expected), name
    cases.append((name, metric, content, columns, list(classes), truth, predictions, float(expected), error))


def one(name, metric, content, y, p, expected, **more):
    case(name, metric, content, {"truth": y}, {"answer": p}, expected, **more)


def mean_error(losses):
    losses = np.asarray(losses, float)
    return float(losses.std(ddof=1) / np.sqrt(len(losses)))


# AUC
y = rng.integers(0, 2, 60)
p = np.clip(0.3 * y + 0.7 * rng.random(60), 0, 1).round(4)
yes = np.where(y == 1, "yes", "no")
one("auc, random", "auc", "probability", y, p, metrics.roc_auc_score(y, p), classes=["0", "1"], positives=["1"])
one("auc, many ties", "auc", "probability", y, p.round(1), metrics.roc_auc_score(y, p.round(1)), positives=["1"])
one("auc, constant", "auc", "probability", y, np.full(60, 0.5), 0.5, positives=["1"])
one("auc, only 0 and 1", "auc", "probability", y, p.round(), metrics.roc_auc_score(y, p.round()), positives=["1"])
one("auc, scores of any size", "auc", "number", y, (1e6 * (p - 0.5)).round(), metrics.roc_auc_score(y, p),
    positives=["1"])
one("auc, worse than chance", "auc", "number", y, -p, metrics.roc_auc_score(y, -p), positives=["1"])
one("auc, classes are words", "auc", "probability", yes, p, metrics.roc_auc_score(y, p), classes=["no", "yes"],
    positives=["yes"])
one("auc, positive class from the classes", "auc", "probability", yes, p, metrics.roc_auc_score(y, p),
    classes=["no", "yes"])
one("auc, truth written as floats", "auc", "probability", y.astype(float), p, metrics.roc_auc_score(y, p),
    positives=["1"])
one("auc, the first class is positive", "auc", "probability", y, p, metrics.roc_auc_score(1 - y, p), positives=["0"])

# Mean column AUC
Y = (rng.random((50, 3)) < [0.2, 0.5, 0.8]).astype(int)
P = np.clip(0.4 * Y + 0.6 * rng.random((50, 3)), 0, 1).round(2)
case("mean column auc, three targets", "mean_column_auc", "probability", {f"t{j}": Y[:, j] for j in range(3)},
     {f"p{j}": P[:, j] for j in range(3)}, metrics.roc_auc_score(Y, P, average="macro"), positives=["1"] * 3)
c = rng.integers(0, 3, 50)
names = np.array(["ant", "bee", "cat"])
S = (rng.dirichlet([1, 1, 1], 50) * 0.6 + 0.4 * np.eye(3)[c]).round(3)
case("mean column auc, one class against the rest", "mean_column_auc", "probability", {"animal": names[c]},
     {n: S[:, j] for j, n in enumerate(names)}, metrics.roc_auc_score(np.eye(3)[c], S, average="macro"),
     classes=names, positives=list(names), targets=["animal"] * 3)

# Log loss
one("log loss, binary", "logloss", "probability", y, p, metrics.log_loss(y, np.clip(p, 1e-15, 1 - 1e-15)),
    positives=["1"], error=mean_error(-np.log(np.where(y == 1, p, 1 - p).clip(1e-15, 1))))
hard = np.array([1.0, 0.0, 1.0, 0.0, 0.5])
hy = np.array([1, 0, 0, 1, 1])
one("log loss, certain and right or wrong", "logloss", "probability", hy, hard,
    metrics.log_loss(hy, np.clip(hard, 1e-15, 1 - 1e-15)), positives=["1"])


def multiclass(truth, scores):
    q = np.clip(scores, 1e-15, 1 - 1e-15)
    q = q / q.sum(1, keepdims=True)
    return metrics.log_loss(truth, q, labels=range(q.shape[1])), mean_error(-np.log(q[np.arange(len(q)), truth]))


for name, scores in [("sums of 1", S), ("rows not normalised", (S * rng.random((50, 1))).round(5)),
                     ("zeros and ones", np.eye(3)[rng.integers(0, 3, 50)]),
                     ("rows of zeros", S * (rng.random((50, 1)) < 0.5))]:
    value, error = multiclass(c, scores)
    case(f"log loss, column per class, {name}", "logloss", "probability", {"animal": names[c]},
         {f"p_{n}": scores[:, j] for j, n in enumerate(names)}, value, classes=names, positives=list(names),
         targets=["animal"] * 3, error=error)
value, error = multiclass(c, S)
case("log loss, columns named as whole-number classes", "logloss", "probability", {"t": c.astype(float)},
     {str(j): S[:, j] for j in range(3)}, value, classes=["0", "1", "2"], targets=["t"] * 3)
case("log loss, several targets", "logloss", "probability", {f"t{j}": Y[:, j] for j in range(3)},
     {f"p{j}": P[:, j] for j in range(3)},
     np.mean([metrics.log_loss(Y[:, j], np.clip(P[:, j], 1e-15, 1 - 1e-15)) for j in range(3)]), positives=["1"] * 3)

# Labels
g = np.where(rng.random(50) < 0.6, c, rng.integers(0, 3, 50))
one("accuracy, words", "accuracy", "label", names[c], names[g], metrics.accuracy_score(c, g), classes=names,
    error=mean_error(c == g))
one("accuracy, whole numbers answered as floats", "accuracy", "label", c, g.astype(float),
    metrics.accuracy_score(c, g), classes=["0", "1", "2"])
L = (rng.random((50, 3)) < [0.3, 0.5, 0.1]).astype(int)
G = np.where(rng.random((50, 3)) < 0.8, L, 1 - L)


def several(name, metric, expected, guess=G):
    case(name, metric, "label", {f"t{j}": L[:, j] for j in range(3)}, {f"p{j}": guess[:, j] for j in range(3)},
         expected, classes=["0", "1"])


several("accuracy, several targets", "accuracy", metrics.accuracy_score(L, G))
several("macro f1, several targets", "macro_f1", metrics.f1_score(L, G, average="macro"))
several("micro f1, several targets", "micro_f1", metrics.f1_score(L, G, average="micro"))
several("macro f1, several targets, nothing predicted", "macro_f1", 0.0, 0 * G)
several("micro f1, several targets, nothing predicted", "micro_f1", 0.0, 0 * G)
half = G.copy()
half[:, 2] = 0
several("macro f1, several targets, one never predicted", "macro_f1", metrics.f1_score(L, half, average="macro"), half)
pairs = {
    "random": (names[c], names[g]),
    "two classes": (yes, np.where(p > 0.5, "yes", "no")),
    "constant predictions": (names[c], np.full(50, "bee")),
    "a class only in the truth": (names[c], np.where(g == 2, "ant", names[g])),
    "a class only in the predictions": (np.where(c == 2, "ant", names[c]), names[g]),
    "perfect": (names[c], names[c]),
    "all wrong": (names[c], names[(c + 1) % 3]),
    "one class on both sides": (np.full(9, "bee"), np.full(9, "bee")),
    "twelve classes": (rng.integers(0, 12, 80).astype(str), rng.integers(0, 12, 80).astype(str)),
}
for name, (t, q) in pairs.items():
    one(f"macro f1, {name}", "macro_f1", "label", t, q, metrics.f1_score(t, q, average="macro"))
    one(f"micro f1, {name}", "micro_f1", "label", t, q, metrics.f1_score(t, q, average="micro"))
    one(f"mcc, {name}", "mcc", "label", t, q, metrics.matthews_corrcoef(t, q))
one("macro f1, whole numbers answered as floats", "macro_f1", "label", c, g.astype(float),
    metrics.f1_score(c, g, average="macro"), classes=["0", "1", "2"])


# Kappa over the values of the grades
def qwk(t, q):
    q = np.rint(q).astype(int)
    grades = list(range(min(t.min(), q.min()), max(t.max(), q.max()) + 1))
    return metrics.cohen_kappa_score(t, q, labels=grades, weights="quadratic")


t = rng.integers(1, 6, 60)
q = np.clip(t + rng.integers(-1, 2, 60), 1, 5)
one("qwk, whole grades", "qwk", "label", t, q, qwk(t, q), classes=["1", "2", "3", "4", "5"])
f = (t + rng.normal(0, 0.8, 60)).round(3)
one("qwk, floats are rounded", "qwk", "number", t, f, qwk(t, f))
h = t + rng.choice([-0.5, 0.5], 60)
one("qwk, halves go to the even grade", "qwk", "number", t, h, qwk(t, h))
one("qwk, constant predictions", "qwk", "number", t, np.full(60, 3), 0.0)
w = np.array([1, 2, 10, 10, 1, 2, 10])
v = np.array([1, 2, 10, 2, 2, 1, 10])
one("qwk, grades in between do not occur", "qwk", "number", w, v, qwk(w, v))
one("qwk, worse than chance", "qwk", "number", t, 6 - t, qwk(t, 6 - t))
one("qwk, predictions beyond the grades", "qwk", "number", t, 3 * t - 5, qwk(t, 3 * t - 5))

# Regression
a = rng.gamma(2, 3, 60).round(3)
b = np.abs(a + rng.normal(0, 1, 60)).round(3)
A, B = rng.gamma(2, 3, (40, 3)).round(3), rng.gamma(2, 3, (40, 3)).round(3)
big, near = (10.0 ** a).round(3), (10.0 ** (a - b / 9)).round(3)
rmse = metrics.root_mean_squared_error
regressions = {
    "rmse": rmse,
    "rmsle": lambda t, q: np.mean([metrics.root_mean_squared_log_error(*z) for z in zip(t.T, q.T)])
    if t.ndim == 2 else metrics.root_mean_squared_log_error(t, q),
    "mae": metrics.mean_absolute_error,
    "r2": metrics.r2_score,
    "spearman": lambda t, q: np.mean([stats.spearmanr(*z).statistic for z in zip(t.T, q.T)])
    if t.ndim == 2 else stats.spearmanr(t, q).statistic,
}
for metric, f in regressions.items():
    error = mean_error(np.abs(a - b)) if metric == "mae" else None
    one(f"{metric}, random", metric, "number", a, b, f(a, b), error=error)
    one(f"{metric}, ties and zeros", metric, "nonNegativeNumber", a.round() // 2, b.round() // 2,
        f(a.round() // 2, b.round() // 2))
    one(f"{metric}, perfect", metric, "number", a, a, f(a, a))
    one(f"{metric}, large and small", metric, "number", big, near, f(big, near))
    one(f"{metric}, far from zero", metric, "number", (1e7 + a).round(3), (1e7 + b).round(3),
        f((1e7 + a).round(3), (1e7 + b).round(3)))
    case(f"{metric}, three columns", metric, "number", {f"t{j}": A[:, j] for j in range(3)},
         {f"p{j}": B[:, j] for j in range(3)}, f(A, B))
    if metric not in ("rmsle",):
        one(f"{metric}, negative values", metric, "number", (a - 5).round(3), (5 - b).round(3),
            f((a - 5).round(3), (5 - b).round(3)))
    if metric != "spearman":
        one(f"{metric}, constant predictions", metric, "number", a, np.full(60, 2.5), f(a, np.full(60, 2.5)))
        constant = np.full(7, 0.25)  # a float whose mean is exact: of 0.1 NumPy leaves a spread of 1e-34
        one(f"{metric}, constant truth", metric, "number", constant, b[:7], f(constant, b[:7]))
        one(f"{metric}, both constant and equal", metric, "number", constant, constant, f(constant, constant))


# Texts
def edit(x, z):
    table = np.zeros((len(x) + 1, len(z) + 1), int)
    table[:, 0], table[0, :] = range(len(x) + 1), range(len(z) + 1)
    for i in range(len(x)):
        for j in range(len(z)):
            table[i + 1, j + 1] = min(table[i, j] + (x[i] != z[j]), table[i, j + 1] + 1, table[i + 1, j] + 1)
    return int(table[-1, -1])


def error_rate(t, q, parts):
    return sum(edit(parts(x), parts(z)) for x, z in zip(t, q)) / sum(len(parts(x)) for x in t)


phonemes = np.array("AH K S T IY NG OW R".split())
words = [" ".join(rng.choice(phonemes, rng.integers(1, 9))) for _ in range(40)]


def garble(word):
    parts = [z for z in word.split() if rng.random() > 0.15]
    return " ".join(z if rng.random() > 0.15 else str(rng.choice(phonemes)) for z in parts)


spoken = [garble(word) for word in words]
odd = ["", "  AH   K ", "AH\tK", "a\u00a0b", "K"]
odd_truth = ["AH", "AH K", "AH K", "a b", ""]
letters_truth = ["kitten", "na\u00efve caf\u00e9", "", "a b", "\u65e5\u672c\u8a9e", "e\u0301", "abc"]
letters = ["sitting", "naive cafe", "x", "a  b", "\u65e5\u8a9e", "\u00e9", "abc"]
one("per, random", "per", "text", words, spoken, error_rate(words, spoken, str.split))
one("per, empty answers and blanks of all kinds", "per", "text", odd_truth, odd, error_rate(odd_truth, odd, str.split))
one("per, code points", "per", "text", ["a e\u0301 b"], ["a \u00e9 b"], 1 / 3)
one("per, more errors than symbols", "per", "text", ["K"], ["AH AH AH"], 3.0)
one("cer, random", "cer", "text", words, spoken, error_rate(words, spoken, list))
one("cer, code points", "cer", "text", letters_truth, letters, error_rate(letters_truth, letters, list))
one("exact, random", "exact", "text", words, spoken, np.mean([x == z for x, z in zip(words, spoken)]),
    error=mean_error([x == z for x, z in zip(words, spoken)]))
one("exact, code points", "exact", "text", letters_truth, letters,
    np.mean([x == z for x, z in zip(letters_truth, letters)]))
one("exact, numbers are text", "exact", "text", ["1", "01", "2"], ["1.0", "01", "2"], 2 / 3)


def average_precision(relevant, guesses, k):
    relevant, hits, total = set(relevant.split()), 0, 0.0
    guesses = guesses.split()[:k]
    for i, guess in enumerate(guesses):
        if guess in relevant and guess not in guesses[:i]:
            hits += 1
            total += hits / (i + 1)
    return total / min(len(relevant), k) if relevant else 0.0


labels = np.array(list("abcdefgh"))
for k in (1, 3, 5):
    single = [str(rng.choice(labels)) for _ in range(40)]
    many = [" ".join(rng.choice(labels, rng.integers(0, 7), replace=False)) for _ in range(40)]
    guesses = [" ".join(rng.choice(labels, rng.integers(0, 8))) for _ in range(40)]
    for name, relevant in (("one relevant label", single), ("several relevant labels", many)):
        scores = [average_precision(r, s, k) for r, s in zip(relevant, guesses)]
        one(f"map@{k}, {name}", f"map@{k}", "text", relevant, guesses, np.mean(scores), error=mean_error(scores))


def field(value):
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    return str(value)


def swift(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(z if 32 <= ord(z) < 127 else f"\\u{{{ord(z):x}}}" for z in escaped) + '"'


def fields(table):
    joined = ["|".join(field(v) for v in column) for column in table.values()]
    return "[" + ", ".join(swift(z) for z in joined) + "]"


def column(name, target, positive, content):
    positive = "nil" if positive is None else swift(str(positive))
    return f".init(name: {swift(name)}, target: {swift(target)}, positiveClass: {positive}, content: .{content})"


lines = ["// swift-format-ignore-file", "// Generated by Tests/Fixtures/make_scoring_fixtures.py; do not edit.", "",
         "import Vocabulary", "", "extension MetricCase {", "    static let all: [MetricCase] = ["]
for name, metric, content, columns, classes, truth, predictions, expected, error in cases:
    lines += [
        "        MetricCase(",
        f"            name: {swift(name)}, metric: {swift(metric)},",
        "            columns: [" + ", ".join(column(*z, content) for z in columns) + "],",
        "            classes: [" + ", ".join(swift(str(z)) for z in classes) + "],",
        "            targets: [" + ", ".join(swift(z) for z in truth) + "],",
        f"            truth: {fields(truth)},",
        f"            predictions: {fields(predictions)},",
        f"            expected: {expected!r}, standardError: {'nil' if error is None else repr(error)}),",
    ]
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text("\n".join(lines + ["    ]", "}", ""]), encoding="utf-8")
print(f"{len(cases)} cases -> {OUT}")
