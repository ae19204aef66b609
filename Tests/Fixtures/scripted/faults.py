"""Ways in which an answer can be bad. Each takes the good answer and gives another one."""
import pathlib
import re

from roles import LEAK


def prose(text):
    return f"Of course! Here is what you asked for.\n\n{text}\n\nLet me know if it `works`."


def syntax(text):
    return re.sub(r"```python\n", "```python\nthis is not (Python\n", text, count=1)


def json(text):
    return text.replace('": "', '": ', 1) if text.startswith("{") else "{" + text


def crash(text):
    return text.replace('SEED = ', 'raise ValueError("planned failure")\nSEED = ', 1)


def leak(text):
    return text.replace("medians = X.median()", LEAK, 1)


def unused(text):
    return text.replace("X = pd.get_dummies", "features = features[:2]\nX = pd.get_dummies", 1)


def slow(text):
    return text.replace("SEED = ", "import time\ntime.sleep(600)\nSEED = ", 1)


def missing(text):
    return text.replace("import os\n", "import os\n\nimport pytabkit_is_missing\n", 1)


def leaves(text):
    return text.replace("```python\n", "```python\nimport sys\nsys.exit(0)\n", 1)


def unscored(text):
    """No score line, no submission."""
    return "```python\nprint('hello')\n```"


def spill(text):
    """Prints all it can find of its environment and of its parents'."""
    code = (
        "import os\nprint(dict(os.environ))\n"
        "print(open(f'/proc/{os.getppid()}/environ', 'rb').read())\nraise ValueError('planned failure')\nSEED = "
    )
    return text.replace("SEED = ", code, 1)


def cheat(name):
    """A script that looks for the answers where a careless grader leaves them."""
    return "```python\n" + (pathlib.Path(__file__).parent / "cheats" / f"{name}.py").read_text() + "```"


def by_id(text):
    return cheat("by_id")


def by_order(text):
    return cheat("by_order")


def by_file(text):
    return cheat("by_file")


def empty(text):
    return "I am sorry, I cannot help with that."


BY_NAME = {
    name: thing for name, thing in globals().items() if callable(thing) and getattr(thing, "__module__", "") == __name__
}
