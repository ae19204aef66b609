"""Answers to every role of the search, with real code for tabular tasks with one numeric or two-class target.

Each answer is made from the prompt alone, so that the same prompt always gets the same answer.
"""
import json
import re

MODELS = [
    ("Logistic regression", "LogisticRegression(max_iter=500)"),
    ("Random forest", "RandomForestClassifier(n_estimators=40, random_state=SEED, n_jobs=1)"),
    ("Gradient boosting", "HistGradientBoostingClassifier(max_iter=40, random_state=SEED)"),
    ("Extra trees", "ExtraTreesClassifier(n_estimators=40, random_state=SEED, n_jobs=1)"),
    ("Nearest neighbours", "KNeighborsClassifier(n_neighbors=15)"),
    ("Naive Bayes", "GaussianNB()"),
]

SCRIPT = """\
import os

import numpy as np
import pandas as pd
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, RobustScaler, StandardScaler

SEED = int(os.environ.get("MLESTAR_SEED", "0"))
train = pd.read_csv("input/train.csv")
{sampling}features = [name for name in train.columns if name not in ("{id}", "{target}")]
{features}X = pd.get_dummies(train[features]).astype(float)
medians = X.median()
X = X.fillna(medians)
y = train["{target}"]
model = make_pipeline(StandardScaler(), {model})
X_fit, X_held, y_fit, y_held = train_test_split(X, y, test_size=0.25, random_state=SEED, stratify=y)
model.fit(X_fit, y_fit)
score = roc_auc_score(y_held, model.predict_proba(X_held)[:, 1])
{predict}print(f"Final Validation Performance: {{score}}")
"""

PREDICT = """\
test = pd.read_csv("input/test.csv")
Z = pd.get_dummies(test[features]).astype(float).reindex(columns=X.columns, fill_value=0.0).fillna(medians)
model.fit(X, y)
os.makedirs("final", exist_ok=True)
answer = pd.DataFrame({{"{id}": test["{id}"], "{column}": model.predict_proba(Z)[:, 1]}})
answer.to_csv("final/submission.csv", index=False)
"""

SAMPLING = "train = train.sample(min(len(train), 30000), random_state=0)\n"

ABLATION = """\
import json

import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

train = pd.read_csv("input/train.csv")
features = [name for name in train.columns if name not in ("{id}", "{target}")]
X = pd.get_dummies(train[features]).astype(float).fillna(0.0)
y = train["{target}"]
for name, columns in (("baseline", X.columns), ("half of the columns", X.columns[::2])):
    A, B, a, b = train_test_split(X[columns], y, test_size=0.25, random_state=0, stratify=y)
    model = RandomForestClassifier(n_estimators=20, random_state=0).fit(A, a)
    print("ABLATION " + json.dumps({{"name": name, "score": roc_auc_score(b, model.predict_proba(B)[:, 1])}}))
print("The columns matter most.")
"""


def fenced(code):
    return f"```python\n{code}```" if code.endswith("\n") else f"```python\n{code}\n```"


class Prompt:
    """What is read out of a prompt."""

    def __init__(self, role, text):
        self.role = role
        self.text = text

    @property
    def is_hidden(self):
        return "./final/submission.csv" in self.section("Rules for the script")

    def section(self, title):
        found = re.search(rf"^## {re.escape(title)}[^\n]*\n(.*?)(?=^## |\Z)", self.text, re.M | re.S)
        return found.group(1).strip("\n") if found else ""

    def code(self, title):
        """The first fenced block below a heading."""
        found = re.search(rf"^## {re.escape(title)}[^\n]*\n.*?```python\n(.*?)\n?```", self.text, re.M | re.S)
        return found.group(1) + "\n" if found else ""

    def codes(self):
        return [code + "\n" for code in re.findall(r"```python\n(.*?)\n?```", self.text, re.S)]

    def names(self):
        target = re.search(r"To predict: ([^\n.]+)\.", self.text).group(1)
        identifier, column = re.search(r"Columns of a submission: ([^\n,]+), ([^\n.,]+)", self.text).groups()
        return {"id": identifier, "target": target, "column": column}


def model_of(script):
    found = re.search(r"^model = make_pipeline\((.*)\)$", script, re.M)
    return found.group(1) if found else "StandardScaler(), GaussianNB()"


def solution(prompt, model, sampling=False, features=""):
    names = prompt.names()
    predict = PREDICT.format(**names) if prompt.is_hidden else ""
    return SCRIPT.format(
        model=model, predict=predict, features=features, sampling="" if prompt.is_hidden else SAMPLING, **names
    )


def task_summarizer(prompt):
    return "Two classes are told apart by numbers measured of each row. The tables are small; probabilities are scored."


def retriever(prompt):
    count = int(re.search(r"Name (\d+) different models", prompt.text).group(1))
    solution_number = int(re.search(r"This is solution (\d+)", prompt.text).group(1))
    first = (solution_number - 1) * 2
    chosen = [MODELS[(first + place) % len(MODELS)] for place in range(count)]
    cards = [
        {"model_name": name, "example_code": f"model = {code}\nmodel.fit(X, y)", "source_url": "https://example.org/m"}
        for name, code in chosen
    ]
    return json.dumps({"models": cards})


def candidate_coder(prompt):
    example = prompt.code("The model to use")
    found = re.search(r"^model = (.+)$", example, re.M)
    code = found.group(1) if found else "GaussianNB()"
    script = solution(prompt, code)
    imports = [line for line in example.splitlines() if line.startswith(("import ", "from "))]
    return fenced("\n".join(imports + [script]) if imports else script)


def merger(prompt):
    base, other = prompt.code("The base script"), prompt.code("The script whose model is added")
    both = (
        f'VotingClassifier([("a", make_pipeline({model_of(base)})), ("b", make_pipeline({model_of(other)}))], '
        f'voting="soft")'
    )
    return fenced(with_imports_of(other, base.replace(model_of(base), "StandardScaler(), " + both)))


def with_imports_of(other, script):
    """A script with those imports of another one that it lacks."""
    lines = [line for line in other.splitlines() if line.startswith("from pytabkit")]
    missing = [line for line in lines if line not in script.splitlines()]
    return "\n".join(missing + [script]) if missing else script


def data_usage_checker(prompt):
    script = prompt.code("The script")
    if "[:2]" in script:
        return fenced(script.replace("features = features[:2]\n", ""))
    return '{"all_used": true}'


def lines_of(script, start):
    return next((line for line in script.splitlines() if line.startswith(start)), None)


def ablation_coder(prompt):
    if "Write a short program" in prompt.text:
        return fenced(ABLATION.format(**names_in(prompt.code("The script"))))
    script = prompt.code("The script")
    edits = [
        ("plain medians", lines_of(script, "medians = "), "medians = X.median() * 0"),
        ("naive model", lines_of(script, "model = "), "model = make_pipeline(StandardScaler(), GaussianNB())"),
        ("half of the columns", lines_of(script, "X = pd.get_dummies"),
         "X = pd.get_dummies(train[features[::2]]).astype(float)"),
    ]
    count = int(re.search(r"Name (?:\d+ to )?(\d+) changes", prompt.text).group(1))
    chosen = [
        {"name": name, "block": block, "replacement": replacement}
        for name, block, replacement in edits
        if block and block != replacement
    ]
    return json.dumps({"edits": chosen[:count]})


def names_in(script):
    identifier, target = re.search(r'not in \("([^"]+)", "([^"]+)"\)', script).groups()
    return {"id": identifier, "target": target, "column": target}


def ablation_summarizer(prompt):
    return "The choice of the model matters most; the medians hardly matter."


def extractor(prompt):
    script = prompt.code("The script")
    refined = prompt.section("Blocks that were refined before")
    for start in ("model = ", "medians = ", "X = X.fillna", "X = pd.get_dummies", "features = ", "y = "):
        block = lines_of(script, start)
        if block and block not in refined:
            break
    return json.dumps({"code_block": block, "plan": plan(block, 0)})


IDEAS = [
    ("RobustScaler()", "Scale every column by its median and quartiles, which outliers do not move."),
    ("MinMaxScaler()", "Squeeze every column between zero and one before the model sees any of it."),
    ("QuantileTransformer(n_quantiles=50)", "Map each column onto its ranks so that skew no longer counts."),
    ("StandardScaler()", "Center all inputs and divide by their spread once more, and look what becomes of it."),
    ("RobustScaler(), StandardScaler()", "Take the robust centre first and divide by the plain spread afterwards."),
    ("MinMaxScaler(), RobustScaler()", "Bound the inputs first; let quartiles decide about the rest of their shape."),
]


def plan(block, number):
    idea = IDEAS[number % len(IDEAS)][1]
    return f"{idea} Change nothing else. The block begins with '{block.split()[0]}'. Attempt number {number + 1}."


def planner(prompt):
    block = prompt.code("A block of a larger script")
    tried = len(re.findall(r"^\d+\. ", prompt.section("What was tried on it so far"), re.M))
    wanted = re.search(r"Propose (\d+) plans", prompt.text)
    if wanted:
        return json.dumps({"plans": [plan(block, tried + place) for place in range(int(wanted.group(1)))]})
    return plan(block, tried)


def coder(prompt):
    block = prompt.code("A block of a larger script").rstrip("\n")
    number = int(re.search(r"Attempt number (\d+)", prompt.text).group(1)) - 1 if "Attempt number" in prompt.text else 0
    idea = IDEAS[number % len(IDEAS)][0]
    if block.startswith("model = make_pipeline("):
        return fenced(block.replace("make_pipeline(", f"make_pipeline({idea}, ", 1))
    if block.startswith("medians = "):
        return fenced(f"medians = X.quantile({0.4 + 0.02 * number})")
    if block.startswith("X = "):
        return fenced(f"{block}\nX = X.clip(X.quantile({0.001 * (number + 1)}), X.quantile(0.999), axis=1)")
    return fenced(f"{block}\nrounds = {number}")


def ensemble_planner(prompt):
    tried = len(re.findall(r"^\d+\. ", prompt.section("Ways to combine them that were tried"), re.M))
    ways = [
        "Average the predicted probabilities of all solutions.",
        "Stack them: learn the weights on rows that none of them has trained with.",
        "Vote with twice the weight for the first one, since it scores best.",
        "Rank each prediction, then take the mean of these ranks instead.",
        "Blend log odds; geometric means punish disagreement more strongly.",
        "Let neighbours decide locally whose opinion counts more.",
    ]
    return f"{ways[tried % len(ways)]} Round {tried + 1}."


def ensembler(prompt):
    scripts = prompt.codes()
    members = ", ".join(f'("m{place}", make_pipeline({model_of(code)}))' for place, code in enumerate(scripts))
    number = re.search(r"Round (\d+)", prompt.section("The plan"))
    weights = [1.0] * len(scripts)
    weights[0] += 0.25 * (int(number.group(1)) if number else 1)
    model = f'VotingClassifier([{members}], voting="soft", weights={weights})'
    script = solution(prompt, model)
    for other in scripts:
        script = with_imports_of(other, script)
    return fenced(script)


def debugger(prompt):
    script = prompt.code("A script that failed")
    kept = [line for line in script.splitlines() if "planned failure" not in line]
    mended = "\n".join(kept) + "\n"
    missing = re.search(r"The package `([^`]+)` is not installed", prompt.text)
    if missing:
        lines = [line for line in mended.splitlines() if missing.group(1) not in line.split("import")[0]]
        mended = "\n".join(lines) + "\n"
        model = lines_of(mended, "model = ")
        if model:
            mended = mended.replace(model, "model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))")
    return fenced(mended if mended != script else script + "# looked at again\n")


def bug_summarizer(prompt):
    return prompt.text[-1000:].split(">>>")[0].strip()[-500:] or "It failed."


LEAK = "medians = pd.concat([X, pd.get_dummies(pd.read_csv('input/test.csv')).reindex(columns=X.columns)]).median()"


def leakage_detector(prompt):
    script = prompt.code("The script")
    if LEAK in script:
        return json.dumps({"leakage_status": "Yes Data Leakage", "code_block": LEAK})
    return json.dumps({"leakage_status": "No Data Leakage", "code_block": lines_of(script, "X = X.fillna") or "none"})


def leakage_fixer(prompt):
    return fenced("medians = X.median()")


def submission_writer(prompt):
    script = prompt.code("The script")
    if "final/submission.csv" in script:
        return fenced(script + "# predicts already\n")
    return fenced(script + PREDICT.format(**prompt.names()))


def subsampling_locator(prompt):
    line = lines_of(prompt.code("The script"), "train = train.sample(")
    return fenced(line) if line else "none"


def subsampling_remover(prompt):
    return fenced("train = train.copy()")


def answer(role, text):
    """What the model says when it is asked to play `role`."""
    return globals()[role.replace("-", "_")](Prompt(role, text))
