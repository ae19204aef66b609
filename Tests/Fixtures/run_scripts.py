"""Runs scripts, each in a process that has the packages already, two at a time.

    run_scripts.py FOLDER...

Each FOLDER holds script.py and is its working folder. What it prints goes to output.txt, its exit code to status.txt;
warnings are errors, but for those that say that a model with few rounds is not done.
"""

import os
import sys
import traceback
import warnings

os.environ.update({"MLESTAR_CORES": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

import catboost  # noqa: E402, F401
import cloudpickle  # noqa: E402, F401
import lightgbm  # noqa: E402, F401
import numpy  # noqa: E402, F401
import pandas  # noqa: E402, F401
import scipy.stats  # noqa: E402, F401
import sklearn.cluster  # noqa: E402, F401
import sklearn.compose  # noqa: E402, F401
import sklearn.decomposition  # noqa: E402, F401
import sklearn.ensemble  # noqa: E402, F401
import sklearn.feature_extraction.text  # noqa: E402, F401
import sklearn.linear_model  # noqa: E402, F401
import sklearn.model_selection  # noqa: E402, F401
import sklearn.neighbors  # noqa: E402, F401
import sklearn.neural_network  # noqa: E402, F401
import sklearn.svm  # noqa: E402, F401
import xgboost  # noqa: E402, F401
from sklearn.exceptions import ConvergenceWarning  # noqa: E402


def run(folder):
    """The script in this process, which ends with it."""
    status = 1
    try:
        os.chdir(folder)
        output = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        with open("script.py", encoding="utf-8") as file:
            code = compile(file.read(), "script.py", "exec")
        exec(code, {"__name__": "__main__"})
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with open("status.txt", "w", encoding="utf-8") as file:
            file.write(str(status))
        os._exit(status)


running = 0
for folder in sys.argv[1:]:
    if running == 2:
        os.wait()
        running -= 1
    if os.fork() == 0:
        run(folder)
    running += 1
while running:
    os.wait()
    running -= 1
