"""What the scripts share at their edge: one-line errors, exit codes, files that are whole or absent.

Exit codes are those of the deepfog program: 0 good, 1 different, 2 the user's input is wrong, 3 the result is INVALID.
"""
import argparse
import os
import sys
import tempfile

GOOD, DIFFERENT, BAD_INPUT, INVALID = 0, 1, 2, 3


class InputError(Exception):
    """The user's input is wrong; the message is one line: where, what, what is allowed."""


class Parser(argparse.ArgumentParser):
    """argparse with one-line errors instead of the usage and the error."""

    def __init__(self, **keywords):
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **keywords)

    def error(self, message):
        print(f"{self.prog}: {message} (see --help)", file=sys.stderr)
        sys.exit(BAD_INPUT)


def run(main, arguments=None):
    """Call main(arguments) and end the process with its exit code; an InputError or OSError becomes one line and code 2."""
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        code = main(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader went away (report.py FILE | head): nobody is left to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = GOOD
    except (InputError, OSError) as error:
        print(f"{os.path.basename(sys.argv[0])}: {' '.join(str(error).split())}", file=sys.stderr)
        code = BAD_INPUT
    sys.exit(code)


def write_whole(path, content):
    """Write bytes so that path holds all of them or is untouched: temporary file, fsync, rename."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
