"""Bad input through the real program: one line that says where and what, exit code 2, and nothing written.

DEEPFOG_STORE=1 writes the stored messages anew; look at the difference before it is committed.
"""
import os
import re
import shutil
import unittest

import h5py

from bad_input_cases import CASES, INVALID
from harness import CONFIG, ProgramTest, masked

STORED = os.path.join(os.path.dirname(os.path.realpath(__file__)), "expected", "bad_input.txt")


class BadInputTest(ProgramTest):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment["CUDA_VISIBLE_DEVICES"] = ""  # no GPU, on any machine
        cls.write("case.ini", CONFIG.replace("out/small.h5", "made/small.h5"))
        done = cls.deepfog("run", "--config", "case.ini", "--output", "out/small.h5", "--set", "experiment.sensors.epochs=2")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        shutil.rmtree(cls.path("out", "small.h5.weights"))
        cls.good = cls.folder + ".good"
        shutil.copytree(cls.folder, cls.good, ignore=shutil.ignore_patterns("ompi.*"))
        cls.addClassCleanup(shutil.rmtree, cls.good)

    def restore(self):
        for name in os.listdir(self.folder):
            path = self.path(name)
            if name.startswith("ompi."):
                continue
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.remove(path)
        shutil.copytree(self.good, self.folder, dirs_exist_ok=True)

    def spoil(self, steps):
        for kind, name, change in steps:
            path = self.path(name)
            if kind == "edit":
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                self.assertIn(change[0], text)
                self.write(name, text.replace(change[0], change[1]))
            elif kind == "data":
                with h5py.File(path, "r+") as file:
                    change(file)
            else:
                change(path)

    def snapshot(self):
        """Every file and its content."""
        found = {}
        for name in self.files():
            with open(self.path(name), "rb") as file:
                found[name] = file.read()
        return found

    def test_one_line_exit_code_2_and_nothing_written(self):
        self.assertGreaterEqual(len(CASES), 40)
        lines = []
        for name, steps, arguments in CASES:
            with self.subTest(name):
                self.restore()
                self.spoil(steps)
                before = self.snapshot()
                done = self.deepfog(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertTrue(done.stderr.startswith("deepfog: error: "), done.stderr)
                self.assertEqual(self.snapshot(), before)
                message = re.sub(r"eof = [0-9]+", "eof = <bytes>", masked(done.stderr, self.folder))
                # Looked into only where data were prepared in the source tree.
                message = message.replace(", <source>/data/cache", "")
                lines.append(f"{name}\n  {message.replace(chr(10), chr(10) + '  ').rstrip(' ')}")
        text = "".join(lines)
        if os.environ.get("DEEPFOG_STORE") == "1":
            with open(STORED, "w", encoding="utf-8") as file:
                file.write(text)
        with open(STORED, encoding="utf-8") as file:
            self.assertEqual(text, file.read())

    def test_under_mpirun_the_line_comes_once_and_nobody_hangs(self):
        for name, steps, arguments in CASES:
            if name not in ("unknown option", "unknown key", "topology with a cycle", "data set missing", "label too large",
                            "output of another campaign", "output in a file"):
                continue
            with self.subTest(name):
                self.restore()
                self.spoil(steps)
                done = self.deepfog(*arguments, ranks=3, limit=60)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stderr.count("deepfog: error: "), 1, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_impossible_results_are_invalid(self):
        for name, change in INVALID:
            with self.subTest(name):
                self.restore()
                with h5py.File(self.path("out", "small.h5"), "r+") as file:
                    change(file)
                done = self.deepfog("verify", "out/small.h5")
                self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
                self.assertTrue(done.stdout.startswith("out/small.h5: INVALID\n  /"), done.stdout)
                self.assertIn(" valid=0 ", done.stdout)


if __name__ == "__main__":
    unittest.main()
