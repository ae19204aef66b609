"""A perfect model for counting: every answer passes, every script runs at once, and every change scores better.

Scripts are a few lines whose score is a constant in them; a later script of a path always has a higher one.
"""
import json
import re

from roles import Prompt, fenced

SCRIPT = """\
import shutil

LIMIT = 30000
FIRST = 0
SECOND = 0
THIRD = 0
FOURTH = 0
SCORE = {score}
print(f"Final Validation Performance: {{SCORE + 0.001 * (FIRST + SECOND + THIRD + FOURTH)}}")
"""
BLOCKS = ["FIRST", "SECOND", "THIRD", "FOURTH"]


def score_of(script):
    return float(re.search(r"^SCORE = ([\d.]+)", script, re.M).group(1))


def with_score(script, score):
    return re.sub(r"^SCORE = [\d.]+", f"SCORE = {score:.4f}", script, flags=re.M)


def answer(role, text):
    prompt = Prompt(role, text)
    if role == "task-summarizer":
        return "A task with two classes."
    if role == "retriever":
        count = int(re.search(r"Name (\d+) different models", text).group(1))
        cards = [{"model_name": f"Model {n}", "example_code": f"score = {n}", "source_url": ""} for n in range(count)]
        return json.dumps({"models": cards})
    if role == "candidate-coder":
        number = int(re.search(r"score = (\d+)", text).group(1))
        return fenced(SCRIPT.format(score=0.5 + number / 100))
    if role == "merger":
        base = prompt.code("The base script")
        return fenced(with_score(base, score_of(base) + 0.02))
    if role == "data-usage-checker":
        return '{"all_used": true}'
    if role == "ablation-coder":
        return fenced('print(\'ABLATION {"name": "baseline", "score": 0.5}\')')
    if role == "ablation-summarizer":
        return "The first number matters most."
    if role == "extractor":
        script, refined = prompt.code("The script"), prompt.section("Blocks that were refined before")
        name = next(name for name in BLOCKS if f"{name} = 0" in script and f"{name} = 0" not in refined)
        return json.dumps({"code_block": f"{name} = 0", "plan": f"Raise {name} by a first small step."})
    if role == "planner":
        tried = len(re.findall(r"^\d+\. ", prompt.section("What was tried on it so far"), re.M))
        words = ["one", "two", "three", "four", "five"]
        return f"Now {words[tried]} times as far: step {tried + 1}, since the step before it was {words[tried - 1]} short."
    if role == "coder":
        block = prompt.code("A block of a larger script").split(" = ")[0]
        number = re.search(r"step (\d+)", prompt.section("The plan"))
        return fenced(f"{block} = {number.group(1) if number else 1}")
    if role == "ensemble-planner":
        tried = len(re.findall(r"^\d+\. ", prompt.section("Ways to combine them that were tried"), re.M))
        words = ["mean", "median", "rank", "vote", "stack"]
        return f"Combine them by {words[tried]} alone; that makes attempt {words[tried]}-{tried}, with {tried} for weight."
    if role == "ensembler":
        scripts = prompt.codes()
        number = int(re.search(r"with (\d+) for weight", text).group(1))
        return fenced(with_score(scripts[0], 0.8 + number / 100))
    if role == "leakage-detector":
        return json.dumps({"leakage_status": "No Data Leakage", "code_block": "LIMIT = 30000"})
    if role == "subsampling-locator":
        return fenced("LIMIT = 30000")
    if role == "subsampling-remover":
        return fenced("LIMIT = None")
    if role == "submission-writer":
        script = prompt.code("The script")
        return fenced(
            script + 'import os\nos.makedirs("final", exist_ok=True)\n'
            'shutil.copy("input/sample_submission.csv", "final/submission.csv")\n'
        )
    raise ValueError(f"a perfect model is never asked to play {role}")
