"""A script whose packages are missing says what to install, in one line."""
import os
import subprocess
import sys
import unittest

import program


class Interpreter(unittest.TestCase):
    def require(self, *modules):
        return subprocess.run([sys.executable, "-c", f"import interpreter; interpreter.require(*{modules!r}); print('found')"], cwd=program.SCRIPTS,
                              capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})

    def test_present(self):
        done = self.require("numpy", "h5py", "matplotlib")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "found\n", ""))

    def test_missing(self):
        done = self.require("numpy", "nosuchpackage")
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1))
        self.assertIn("has no nosuchpackage: apt-get install python3-nosuchpackage", done.stderr)


if __name__ == "__main__":
    unittest.main()
