"""Puts the surroundings of a Python program in order, before anything else is imported.

Every program begins with these lines, as no setting of Python (PYTHONSAFEPATH) may keep it from finding its modules:

    sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
    from deepfog.start import start
    start(__name__, "numpy", "h5py")

Whatever is imported after them is what the program means: the standard library comes first, then the packages named, then the
program's own folder, and a file of another folder with the same name is never taken for one of them.
"""
import os
import sys

LIBRARY = os.path.dirname(os.path.realpath(os.__file__))
SHARED = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # the folder that holds this package
SYSTEM_PYTHON = "/usr/bin/python3"
OLDEST = (3, 9)
# Variables of the interpreter that say where packages are, or change no answer. All others are left out.
KEPT = {"PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
        "PYTHONUNBUFFERED", "PYTHONPLATLIBDIR", "PYTHONEXECUTABLE"}


def start(name, *modules):
    """Readies the process for a program that needs these modules, or ends it with one line and exit code 2.

    @param name  the caller's __name__: only a program is readied, not one whose functions a test imports.
    """
    if name != "__main__":
        return
    script = os.path.realpath(sys.modules["__main__"].__file__)
    _open_streams()
    _without_foreign_settings(script)
    own = [os.path.dirname(script), SHARED]
    sys.path[:] = _library_first([place for place in sys.path if os.path.realpath(place or ".") not in own])
    from deepfog import program  # the standard library comes first only from here on
    program.catch_all()
    os.environ["MPLBACKEND"] = "Agg"  # nothing is shown on a screen, whatever else a user has chosen
    if any(module.startswith("matplotlib") for module in modules):
        _without_useless_folders()
    failure = _failure(modules)
    if failure:
        _other_python(script, modules, failure, program)
        packages = list(dict.fromkeys(module.split(".")[0] for module in modules))
        program.say(f"{failure} (needed: Python {'.'.join(map(str, OLDEST))} or later with {', '.join(packages)}: "
                    f"apt-get install {' '.join('python3-' + one.lower() for one in packages)}, or pip install "
                    f"{' '.join('pillow' if one == 'PIL' else one for one in packages)})")
        program.end(program.BAD_INPUT)
    last = max(place for place, folder in enumerate(sys.path) if _of_library(folder))
    sys.path[last + 1:last + 1] = list(dict.fromkeys(own))


def _open_streams():
    """A stream that was closed (>&-) reads and writes nothing; else the next file opened would take its number, and the output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _without_foreign_settings(script):
    """Starts again without what changes the behaviour of Python (PYTHONOPTIMIZE, PYTHONWARNINGS, ...), and with names of files in UTF-8."""
    foreign = {key for key in os.environ if key.startswith("PYTHON") and key[6:7].isalpha() and key[6:].isalnum()} - KEPT
    narrow = sys.getfilesystemencoding().lower() != "utf-8" and not sys.flags.utf8_mode
    if (foreign or narrow) and sys.executable:
        kept = {key: value for key, value in os.environ.items() if key not in foreign}
        os.execve(sys.executable, [sys.executable, "-X", "utf8", script, *sys.argv[1:]], kept)


def _without_useless_folders():
    """Forgets folders for caches and settings in which nothing can be written: matplotlib fails on some, and makes its own without them."""
    for name in ("MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        folder = os.environ.get(name)
        if folder is None:
            continue
        import tempfile
        try:
            os.makedirs(folder, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except (OSError, ValueError):
            del os.environ[name]


def _of_library(folder):
    return os.path.realpath(folder) in (LIBRARY, os.path.join(LIBRARY, "lib-dynload"))


def _library_first(path):
    """The path with the standard library first and the working folder, which a stray colon in PYTHONPATH adds, last."""
    try:
        here = os.path.realpath(os.curdir)
    except OSError:  # the working folder was deleted: nothing is imported from there
        return path
    stray = [place for place in path if os.path.realpath(place or ".") == here and not _of_library(place) and not place.endswith("-packages")]
    return sorted((place for place in path if place not in stray), key=lambda place: not _of_library(place)) + stray


def _failure(modules):
    """Why the modules cannot be imported, in words; empty where they can."""
    if sys.version_info < OLDEST:
        return f"{sys.executable} is Python {sys.version.split()[0]}"
    import importlib
    import logging
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # what it says of its cache is of no use here
    for module in modules:
        try:
            importlib.import_module(module)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a damaged package may raise anything, SystemExit too
            if isinstance(error, ModuleNotFoundError) and error.name == module.split(".")[0]:
                return f"{sys.executable} has no {error.name}"
            return f"{sys.executable}: import {module} fails: {_reason(error)}"
    return ""


def _reason(error):
    """The exception that began it, and where: packages wrap it in advice many lines long."""
    while error.__cause__ or (error.__context__ and not error.__suppress_context__):
        error = error.__cause__ or error.__context__
    if isinstance(error, ModuleNotFoundError):
        return str(error)
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f", in {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    if isinstance(error, SyntaxError):
        place = ""  # its text names the file
    text = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}{place}" if text else type(error).__name__ + place


def _other_python(script, modules, failure, program):
    """Starts again under a Python that can import the modules: this one or the system's, without PYTHONPATH, without the user's packages."""
    import subprocess
    probe = (f"import os, sys\nos.environ['MPLBACKEND'] = 'Agg'\nsys.path.pop(0)\n"
             f"if sys.version_info < {OLDEST}: sys.exit(1)\nimport {', '.join(modules)}")
    for python in dict.fromkeys(filter(None, (sys.executable, SYSTEM_PYTHON))):
        for flags in (["-E"], ["-E", "-s"]):
            same = os.path.realpath(python) == os.path.realpath(sys.executable or "")
            if not os.access(python, os.X_OK) or (same and sys.flags.ignore_environment and (len(flags) == 1 or sys.flags.no_user_site)):
                continue
            command = [python, *flags, "-X", "utf8", *(["-B"] if sys.dont_write_bytecode else [])]
            if subprocess.run([*command, "-c", probe], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120).returncode == 0:
                if " has no " not in failure:
                    program.say(f"note: {failure}; goes on with {' '.join(command)}")
                os.execv(python, [*command, script, *sys.argv[1:]])
