"""Find a Python that has the packages: several may be installed, and the first in PATH may have none of them."""
import importlib.util
import os
import subprocess
import sys

SYSTEM_PYTHON = "/usr/bin/python3"


def require(*modules):
    """Return if all modules can be imported; else start again under the system's Python if that has them, or say what to install."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if not missing:
        return
    same = os.path.realpath(sys.executable) == os.path.realpath(SYSTEM_PYTHON)
    if not same and os.access(SYSTEM_PYTHON, os.X_OK):
        probe = subprocess.run([SYSTEM_PYTHON, "-c", "import " + ", ".join(modules)], capture_output=True, check=False)
        if probe.returncode == 0:
            os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON] + sys.argv)
    packages = " ".join("python3-" + name for name in missing)
    print(f"{os.path.basename(sys.argv[0])}: {sys.executable} has no {', '.join(missing)}: "
          f"apt-get install {packages} (or pip install {' '.join(missing)})", file=sys.stderr)
    sys.exit(2)
