"""What every command of this folder shares at its edge: one-line errors and exit codes (0 good, 2 the input is wrong)."""
import argparse
import importlib.util
import os
import sys

SYSTEM_PYTHON = "/usr/bin/python3"
PACKAGES = {"numpy": "python3-numpy", "h5py": "python3-h5py", "PIL": "python3-pil"}


def _require_packages():
    """Imported first by every script: where its Python lacks a package, starts it again under the system's or says what to install."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    script = os.path.realpath(sys.argv[0])
    ours = os.path.dirname(script) == os.path.dirname(os.path.realpath(__file__))
    if missing and ours and os.access(SYSTEM_PYTHON, os.X_OK) and not os.path.samefile(sys.executable, SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, script, *sys.argv[1:]])
    if missing:
        print(f"{os.path.basename(script)}: {sys.executable} has no {', '.join(missing)}: "
              f"apt-get install {' '.join(PACKAGES[name] for name in missing)}", file=sys.stderr)
        sys.exit(2)


_require_packages()


class DataError(Exception):
    """The user's input is wrong: one line "FILE:LINE: what (what is allowed)"."""


class Parser(argparse.ArgumentParser):
    """argparse whose errors are one line."""

    def __init__(self, description):
        super().__init__(description=description, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message):
        print(f"{self.prog}: {message} (see --help)", file=sys.stderr)
        sys.exit(2)


def first_line(error):
    """The first line of an exception's text, or its type's name."""
    text = " ".join(str(error).split("\n")[0].split())
    return text or type(error).__name__


def run(main):
    """Runs a command's main() and exits with its code; a DataError becomes its one line and exit code 2."""
    try:
        code = main()
        sys.stdout.flush()
    except DataError as error:
        print(" ".join(str(error).split("\n")), file=sys.stderr)
        code = 2
    except BrokenPipeError:  # the reader of a pipe went away: nobody is left to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
