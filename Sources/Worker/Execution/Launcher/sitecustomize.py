"""A launcher that holds imports: `python /job/solution.py`, stopped before its first line.

The interpreter is started exactly as for a script. On its way it imports `sitecustomize`, finds this file, because the worker
named its folder in PYTHONPATH, and stays here: it does the imports it was told and serves attempts. Each attempt forks; the
script's process enters its room, clears away what is of ours, and returns. The interpreter then does what it was started for. So
whatever a script sees of its start and its end is not imitated but the real thing.
"""

import os
import sys


def stay():
    """Serves attempts. Returns in the process of a script, with everything in it as if this file were not there."""
    here = os.path.dirname(os.path.abspath(__file__))
    etc = os.environ.pop("MLESTAR_LAUNCHER_ETC")
    names = os.environ.pop("MLESTAR_LAUNCHER_IMPORTS").split()
    del os.environ["PYTHONPATH"]
    before, looked_at = set(sys.modules), set(sys.path_importer_cache) - {here}
    import attempt
    import gc
    import launch

    sys.path.remove(here)
    for path in set(sys.path_importer_cache) - looked_at:
        del sys.path_importer_cache[path]
    # The script's imports must find nothing of ours, down to the parts of the library that only we needed.
    ours = {name: sys.modules.pop(name) for name in set(sys.modules) - before}
    keep_for_ever(ours)
    for name in names:
        try:
            __import__(name)
        except Exception as error:
            give_up(launch, f"cannot import {name}: {type(error).__name__}: {error}")
    if os.fstat(1).st_size > 0 or os.fstat(2).st_size > 0:
        give_up(launch, "an import prints something, which the script would miss")
    if shared := shared_memory():
        give_up(launch, f"an import shares memory that a script could write to: {shared}")
    gc.freeze()  # or every collection in a script would copy the memory it shares with us
    held = set(sys.modules)
    sys.modules.update({name: module for name, module in ours.items() if name not in held})
    try:
        launch.Launcher(etc, warm=True).serve()
        os._exit(0)
    except attempt.Become as become:
        environment = become.args[0]
    for name in ours.keys() - held:
        sys.modules.pop(name, None)
    settle(environment)


def settle(environment):
    """Gives the script its own variables, its own chance, and a module `__main__` that the collector will see to the end."""
    from _frozen_importlib_external import PathFinder

    PathFinder._path_importer_cache(os.getcwd())  # where a fresh script's imports have looked first
    main = type(sys)("__main__")
    main.__dict__.update(sys.modules["__main__"].__dict__, __annotations__={})
    sys.modules["__main__"] = main
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    if "numpy.random" in sys.modules:  # Python's own generator does this by itself after a fork
        sys.modules["numpy.random"].seed()
    if "multiprocessing.process" in sys.modules:
        process = sys.modules["multiprocessing.process"]
        process.current_process().authkey = os.urandom(32)


def keep_for_ever(modules):
    """No module of ours may be taken apart while the script runs: the library's second copies share what is in C."""
    ctypes = modules["ctypes"]
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(dict(modules)))


def shared_memory():
    """The first mapping that forked processes would share and could write to."""
    with open("/proc/self/maps", encoding="utf-8") as file:
        mappings = [line for line in file if line.split()[1] == "rw-s"]
    return mappings[0].strip() if mappings else None


def give_up(launch, reason):
    launch.answer({"ready": False, "reason": reason[:1000]})
    os._exit(0)


def go_on():
    """What the interpreter would have found in our place: another such file, or none."""
    from _frozen_importlib_external import PathFinder

    found = PathFinder.find_spec("sitecustomize")
    if found is None or found.origin is None:
        raise ImportError("no such module", name="sitecustomize")
    return found


stay()
found = go_on()
__file__, __spec__, __loader__, __cached__ = found.origin, found, found.loader, found.cached
exec(found.loader.get_code("sitecustomize"))
