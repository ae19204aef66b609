# frame: the metrics, for the validation inside a script

# --- block: metric ---
# when: auc
from sklearn.metrics import roc_auc_score


def score(answers, prediction):
    wanted = CLASSES.index(POSITIVE)
    return roc_auc_score(answers == wanted, prediction[:, wanted])

# --- block: metric ---
# when: mean_column_auc
from sklearn.metrics import roc_auc_score


def score(answers, prediction):
    """The mean over the classes that some but not all rows have."""
    present = [code for code in range(len(CLASSES)) if 0 < (answers == code).mean() < 1]
    return np.mean([roc_auc_score(answers == code, prediction[:, code]) for code in present])

# --- block: metric ---
# when: logloss
from sklearn.metrics import log_loss


def score(answers, prediction):
    return log_loss(answers, prediction, labels=np.arange(len(CLASSES)))

# --- block: metric ---
# when: accuracy or micro_f1
def score(answers, prediction):
    return np.mean(answers == prediction)

# --- block: metric ---
# when: macro_f1
from sklearn.metrics import f1_score


def score(answers, prediction):
    return f1_score(answers, prediction, average="macro")

# --- block: metric ---
# when: mcc
from sklearn.metrics import matthews_corrcoef


def score(answers, prediction):
    return matthews_corrcoef(answers, prediction)

# --- block: metric ---
# when: qwk, classification
from sklearn.metrics import cohen_kappa_score


def score(answers, prediction):
    grades = np.array(CLASSES, dtype=float).round().astype(int)
    return cohen_kappa_score(grades[answers], grades[prediction], weights="quadratic")

# --- block: metric ---
# when: qwk
from sklearn.metrics import cohen_kappa_score


def score(answers, prediction):
    grades = np.unique(np.concatenate([answers, prediction])).astype(int)
    grades = np.arange(grades.min(), grades.max() + 1)
    return cohen_kappa_score(
        answers.astype(int), prediction.astype(int), weights="quadratic", labels=grades
    )

# --- block: metric ---
# when: map
def score(answers, prediction):
    """Mean average precision of the most probable classes; a row has one right class."""
    order = np.argsort(-prediction, axis=1)[:, :GUESSES]
    hits = order == answers[:, None]
    return np.mean((hits / np.arange(1, hits.shape[1] + 1)).sum(axis=1))

# --- block: metric ---
# when: rmse
def score(answers, prediction):
    return np.sqrt(np.mean((answers - prediction) ** 2))

# --- block: metric ---
# when: rmsle
def score(answers, prediction):
    return np.sqrt(np.mean((np.log1p(answers) - np.log1p(prediction)) ** 2))

# --- block: metric ---
# when: mae
def score(answers, prediction):
    return np.mean(np.abs(answers - prediction))

# --- block: metric ---
# when: r2
from sklearn.metrics import r2_score


def score(answers, prediction):
    return r2_score(answers, prediction)

# --- block: metric ---
# when: spearman
from scipy.stats import spearmanr


def score(answers, prediction):
    return spearmanr(answers, prediction).statistic
