"""Checks the example code of model cards: it compiles; with `--run` cards on tables and texts also run on small data.

    check_cards.py FOLDER [--run]     prints one line per card; exit code 1 when one does not hold
"""

import importlib.util
import pathlib
import re
import sys
import warnings

folder, runs = pathlib.Path(sys.argv[1]), "--run" in sys.argv[2:]
MODULES = {"scikit-learn": "sklearn", "pillow": "PIL", "sentence-transformers": "sentence_transformers"}
# Cards whose code leaves its data to the reader.
OPEN = {"lag_features"}


def small_data():
    import numpy as np
    import pandas as pd
    random = np.random.default_rng(0)
    table = pd.DataFrame({"a": random.normal(size=400), "b": random.normal(size=400),
                          "c": random.choice(["red", "green", "blue"], 400).astype(object)})
    table.loc[::17, "a"] = np.nan
    target = pd.Series((table["b"] + (table["c"] == "red") + random.normal(scale=0.5, size=400) > 0.3).astype(int))
    words = [" ".join(random.choice(["good", "bad", "movie", "very", "plot"], 6)) for _ in range(400)]
    return {"X": table[:300], "y": target[:300], "X_test": table[300:].reset_index(drop=True),
            "texts": words[:300], "test_texts": words[300:]}


failed = False
for path in sorted(folder.glob("*.md")):
    text = path.read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.S).group(1)
    named = {name.strip() for name in re.search(r"^packages: (.*)$", text, re.M).group(1).split(",")}
    modules = {MODULES.get(name, name) for name in named}
    imported = set(re.findall(r"^(?:import|from) (\w+)", code, re.M))
    try:
        compiled = compile(code, str(path), "exec")
        if not imported <= modules | {"re", "math"}:
            raise ValueError(f"imports {imported - modules}, which its packages do not name")
        is_here = all(importlib.util.find_spec(name) for name in modules)
        has_data = ("X_test" in code or "test_texts" in code) and path.stem not in OPEN
        if runs and is_here and has_data:
            names = small_data()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exec(compiled, names)
            if len(names["predictions"]) != 100:
                raise ValueError("predicts another number of rows than the test has")
            print("ran     ", path.stem, flush=True)
        else:
            print("compiled", path.stem, flush=True)
    except Exception as error:
        failed = True
        print("FAILED  ", path.stem, f"{type(error).__name__}: {error}", flush=True)
sys.exit(failed)
