"""Every Python program starts whatever the environment holds, and what keeps it from its work is one line."""
import glob
import os
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import unittest

import program
import sample

HEAD = f"""
import os, sys
sys.path.insert(0, {program.SCRIPTS!r})
from deepfog.start import start
start(__name__, *MODULES)
from deepfog.program import InputError, Parser, run
"""
PROGRAMS = [path for folder in ("data", "postprocess", "jobs") for path in sorted(glob.glob(os.path.join(sample.ROOT, folder, "*.py")))
            if os.stat(path).st_mode & stat.S_IXUSR]


class StartTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(content))
        return path

    def small(self, body, modules=()):
        """A program that does nothing but this."""
        return self.write("small.py", HEAD.replace("*MODULES", ", ".join(map(repr, modules))) + textwrap.dedent(body))

    def ended(self, script, *arguments, shell=None, python=(sys.executable,), **environment):
        """(exit code, stdout, stderr) as bytes; with `shell`, that is the command, "$@" the program."""
        command = [*python, script, *arguments]
        command = ["bash", "-c", shell, "bash", *command] if shell else command
        done = subprocess.run(command, capture_output=True, timeout=300, check=False, cwd=self.folder, stdin=subprocess.DEVNULL,
                              env={**os.environ, **environment})
        return done.returncode, done.stdout, done.stderr

    def one_line(self, answer, code, *parts):
        self.assertEqual((answer[0], answer[1], answer[2].count(b"\n")), (code, b"", 1), answer)
        for part in parts:
            self.assertIn(part.encode(), answer[2])


class Environment(StartTest):
    def test_no_variable_of_python_matters(self):
        script = self.small("import warnings\ndef main():\n    warnings.warn('w', PendingDeprecationWarning)\n    print(sys.flags.optimize, sys.flags.dev_mode, 'ü')\n    return 0\nrun(main)")
        for variable in ("PYTHONSAFEPATH=1", "PYTHONWARNINGS=error", "PYTHONOPTIMIZE=2", "PYTHONIOENCODING=ascii", "PYTHONUTF8=0", "PYTHONDEVMODE=1", "PYTHONVERBOSE=",
                         "PYTHONINSPECT=1", "PYTHONHASHSEED=7", "LC_ALL=C", "LC_ALL=POSIX", "COLUMNS=1", "MPLBACKEND=foo", "TZ=nowhere", "HOME=/nowhere"):
            with self.subTest(variable):
                self.assertEqual(self.ended(script, **dict([variable.split("=")])), (0, "0 False ü\n".encode(), b""))
        ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
        self.assertEqual(self.ended(script, **ascii_only), (0, "0 False ü\n".encode(), b""))
        plotting = self.small("def main():\n    return 0\nrun(main)", ("matplotlib.backends.backend_agg",))
        for variables in ({"MPLCONFIGDIR": "/proc"}, {"XDG_CACHE_HOME": "/dev/null", "XDG_CONFIG_HOME": "/proc/self"}):
            with self.subTest(variables):
                self.assertEqual(self.ended(plotting, **variables), (0, b"", b""))

    def test_every_program_finds_its_modules(self):
        self.assertGreater(len(PROGRAMS), 13)
        away = {"PYTHONSAFEPATH": "1", "PYTHONPATH": ":" + os.path.join(self.folder, "lib"), "MPLBACKEND": "foo", "MPLCONFIGDIR": "/proc/none", "HOME": "/nowhere"}
        for name in ("random", "results", "errors", "dataset"):  # in the working folder, which the colon puts first
            self.write(name + ".py", "raise SystemExit('not this one')")
        for path in PROGRAMS:
            with self.subTest(path):
                link = os.path.join(self.folder, "link")
                os.symlink(path, link)
                code, out, err = self.ended(link, "--help", **away)
                os.unlink(link)
                self.assertEqual((code, err), (0, b""))
                self.assertTrue(out.startswith(b"usage: "), out)

    def test_a_package_that_fails_says_why(self):
        """As no other Python has these packages, the first one's failure is what is said."""
        script = self.small("print('begun')", ["json", "absent_one"])
        self.one_line(self.ended(script), 2, "small.py: ", "has no absent_one (needed: Python 3.9 or later with json, absent_one: ")
        for name, content, said in (
                ("raises", "raise RuntimeError('a driver\\nis too old')", "RuntimeError: a driver, in "),
                ("wrapped", "try:\n    import no_such_part\nexcept ImportError as error:\n    raise ImportError('long\\nadvice') from error", "No module named 'no_such_part'"),
                ("ends", "raise SystemExit(0)", "SystemExit: 0, in "), ("damaged", "def (:", "SyntaxError: "), ("binary", "\0", "binary.py")):
            with self.subTest(name):
                script = self.small("print('begun')", [name])
                self.write(f"lib/{name}.py", content)
                self.one_line(self.ended(script, PYTHONPATH=os.path.join(self.folder, "lib")), 2, f"import {name} fails: ", said if name != "binary" else "null bytes")

    def test_a_broken_package_in_the_way_is_passed_by(self):
        """Without PYTHONPATH the same Python, or the system's, has a whole one."""
        self.write("lib/numpy/__init__.py", "raise ImportError('numpy of another Python')")
        script = self.small("import numpy\nprint(numpy.pi > 3, os.environ['PYTHONPATH'][-3:])", ["numpy"])
        code, out, err = self.ended(script, PYTHONPATH=os.path.join(self.folder, "lib"))
        self.assertEqual((code, out, err.count(b"\n")), (0, b"True lib\n", 1), err)
        self.assertIn(b"numpy of another Python", err)
        self.write("numpy.py", "raise ImportError('beside the program')")  # in the program's own folder, and in the working folder
        self.write("random.py", "raise ImportError('beside the program')")
        self.assertEqual(self.ended(script, PYTHONPATH=":" + self.folder), (0, f"True {self.folder[-3:]}\n".encode(), b""))

    def test_a_python_without_packages_is_left(self):
        script = self.small("import numpy\nprint(sys.flags.no_site)", ["numpy"])
        code, out, err = self.ended(script, python=(sys.executable, "-S"))
        self.assertEqual((code, out, err), (0, b"0\n", b""))


class Streams(StartTest):
    NAME = b"b\xe9.h5"

    def test_undecodable_names_come_back_as_they_are(self):
        script = self.small("print(sys.argv[1], os.listdir('.')[0] == 'small.py')\ndef main():\n    raise InputError(f'{sys.argv[1]}: \\udcff \\ud800 a\\nb\\x1b[0m')\nrun(main)")
        for variables in ({}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}):
            with self.subTest(variables):
                self.assertEqual(self.ended(script, self.NAME, **variables), (2, self.NAME + b" True\n", b"small.py: " + self.NAME + rb": " + b"\xff" + rb" \ud800 a b\x1b[0m" + b"\n"))

    def test_closed_full_and_broken(self):
        script = self.small("def main():\n    for _ in range(20000):\n        print('a line')\n    print('told', file=sys.stderr)\n    return 3\nrun(main)")
        for shell, expected in (('"$@" >&-', (3, b"", b"told\n")), ('"$@" 2>&- | wc -l; exit ${PIPESTATUS[0]}', (3, b"20000\n", b"")),
                                ('"$@" > /dev/full', (2, b"", b"small.py: standard output: No space left on device\n")), ('"$@" 2> /dev/full > /dev/null', (3, b"", b"")),
                                ('"$@" > /dev/full 2>&1', (2, b"", b"")), ('"$@" | head -1; exit ${PIPESTATUS[0]}', (3, b"a line\n", b"told\n")),
                                ('"$@" <&- >&- 2>&-', (3, b"", b"")), ('"$@" 2>&1 | head -1; exit ${PIPESTATUS[0]}', (3, b"a line\n", b""))):
            with self.subTest(shell):
                self.assertEqual(self.ended(script, shell=shell), expected)

    def test_a_file_does_not_take_a_closed_streams_place(self):
        script = self.small("with open('made', 'w') as file:\n    print('told')\n    sys.stdout.flush()\n    print('written', file=file)\nrun(lambda: 0)")
        self.assertEqual(self.ended(script, shell='"$@" >&-; cat made'), (0, b"written\n", b""))

    def test_help_into_a_full_file(self):
        self.one_line(self.ended(os.path.join(program.SCRIPTS, "schema.py"), "--list", shell='"$@" > /dev/full'), 2, "schema.py: standard output: No space left")


class Ends(StartTest):
    def test_signals_are_one_line_and_no_half_files(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            for place in ("main", "import"):
                body = f"os.kill(os.getpid(), {int(number)})\n    __import__('time').sleep(60)"
                script = self.small(f"from deepfog.files import write_whole\nos.fsync = lambda handle: main()\ndef main():\n    {body}\n"
                                    + ("run(lambda: write_whole('made', b''))" if place == "main" else "main()"))
                with self.subTest(number=number, place=place):
                    self.one_line(self.ended(script), code, f"small.py: interrupted by {number.name}")
                    self.assertEqual(os.listdir(self.folder), ["small.py"])

    def test_no_memory_is_one_line_and_a_fault_is_a_traceback(self):
        self.one_line(self.ended(self.small("def main():\n    return bytearray(1 << 62)\nrun(main)")), 2, "small.py: out of memory")
        self.one_line(self.ended(self.small("import numpy\nrun(lambda: numpy.zeros(1 << 50))", ["numpy"])), 2, "out of memory: Unable to allocate 8.00 PiB")
        for body in ("run(lambda: {}['x'])", "{}['x']"):
            code, out, err = self.ended(self.small(body))
            self.assertEqual((code, out), (70, b""))
            self.assertIn(b"KeyError: 'x'\nsmall.py: the lines above are a fault of the program", err)


if __name__ == "__main__":
    unittest.main()
