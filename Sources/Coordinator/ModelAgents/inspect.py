"""Reads a script without running it: standard input is JSON {"source", "targets"}, standard output JSON facts."""
import ast
import json
import resource
import sys
import warnings

# What a model wrote must not be able to hurt the coordinator, however deeply it is nested.
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
warnings.simplefilter("ignore")


def texts(tree):
    return [
        (node.value, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def is_exit(node):
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if isinstance(called, ast.Name):
        return called.id in ("exit", "quit")
    return (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and (called.value.id, called.attr) in (("sys", "exit"), ("os", "_exit"))
    )


def hides_errors(node):
    return isinstance(node, ast.ExceptHandler) and all(
        isinstance(part, (ast.Pass, ast.Continue)) for part in node.body
    )


def tables_of_test_rows(tree):
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if any(text.endswith("test.csv") for text, _ in texts(node.value)):
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def flags(tree, targets):
    """What is worth a warning: cheap to see and hardly ever meant well."""
    found = []
    test = tables_of_test_rows(tree)
    for node in ast.walk(tree):
        if hides_errors(node):
            found.append((node.lineno, "an error is swallowed"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("fit", "fit_transform", "partial_fit"):
                used = {part.id for argument in node.args for part in ast.walk(argument) if isinstance(part, ast.Name)}
                for name in sorted(used & test):
                    found.append((node.lineno, f"'{node.func.attr}' is given test rows ('{name}')"))
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.List, ast.Tuple)):
            names = {target.id.lower() for target in node.targets if isinstance(target, ast.Name)}
            if any("feature" in name for name in names):
                inside = {part.value for part in node.value.elts if isinstance(part, ast.Constant)}
                for target in sorted(inside & set(targets)):
                    found.append((node.lineno, f"the column to predict ('{target}') is listed as a feature"))
    return [f"line {line}: {what}" for line, what in sorted(set(found))]


def facts(source, targets):
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        message = getattr(error, "msg", None) or str(error) or type(error).__name__
        return {"error": f"line {line}: {message}" if line else message}
    strings = texts(tree)
    return {
        "error": None,
        "exits": sorted({node.lineno for node in ast.walk(tree) if is_exit(node)}),
        "scores": any("Final Validation Performance" in text for text, _ in strings),
        "submits": any("submission" in text for text, _ in strings),
        "readsTest": any(text.endswith("test.csv") for text, _ in strings),
        "prints": any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            for node in ast.walk(tree)
        ),
        "isProse": all(isinstance(part, ast.Expr) and not isinstance(part.value, ast.Call) for part in tree.body),
        "flags": flags(tree, targets),
    }


request = json.load(sys.stdin)
sys.setrecursionlimit(5000)
print(json.dumps(facts(request["source"], request["targets"])))
