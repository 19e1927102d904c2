"""Runs the scripts for the tests: in this process where speed counts, as a program where the program is the question."""
import contextlib
import io
import os
import subprocess
import sys

import sample
from deepfog.program import run

SCRIPTS = os.path.join(sample.ROOT, "postprocess")


def call(main, *arguments):
    """(exit code, stdout, stderr) of a script's main function behind its command line."""
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run(main, list(arguments))
        except SystemExit as end:
            code = end.code
        out.flush()
    return code, out.buffer.getvalue().decode("utf-8"), err.getvalue()


def execute(script, *arguments, errors="strict", **environment):
    """(exit code, stdout, stderr) of a script as a program."""
    done = subprocess.run([sys.executable, os.path.join(SCRIPTS, script), *arguments], capture_output=True, encoding="utf-8", errors=errors, timeout=600,
                          check=False, env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr
