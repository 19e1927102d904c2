"""Bad input to deepfog infer: one line that says where and what, exit code 2, and nothing written.

DEEPFOG_STORE=1 writes the stored messages anew; look at the difference before it is committed.
"""
import os
import re
import shutil
import unittest

import h5py

from harness import masked
from infer_bad_input_cases import CASES, UNDER_MPIRUN
from infer_harness import THREE, InferTest

STORED = os.path.join(os.path.dirname(os.path.realpath(__file__)), "expected", "infer_bad_input.txt")


class InferBadInputTest(InferTest):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_data("others", "--sources", "left:4,right:6", "--classes", "3", "--samples", "500", "--seed", "9")
        cls.make_data("narrow", "--sources", "left:4,right:5", "--classes", "3", "--samples", "500")
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
            if kind == "text":
                self.write(name, change)
            elif kind == "data":
                with h5py.File(self.path(name), "r+") as file:
                    change(file)
            else:
                change(self.path(name))

    def snapshot(self):
        """Every file and its content."""
        found = {}
        for name in self.files():
            with open(self.path(name), "rb") as file:
                found[name] = file.read()
        return found

    def said_of(self, name, options, ranks=0):
        """One line, exit code 2, nothing written. One rank is wrong for this network, but what is wrong comes first."""
        before = self.snapshot()
        done = self.deepfog("infer", *(() if ranks else ("--dry-run",)), *options, ranks=ranks)
        said = [line for line in done.stderr.splitlines() if line.startswith("deepfog: ")]
        self.assertEqual(done.returncode, 2, name + ": " + done.stdout + done.stderr)
        self.assertEqual((len(said), done.stdout), (1, ""), done.stderr)
        self.assertTrue(said[0].startswith("deepfog: error: "), said)
        self.assertEqual(self.snapshot(), before)
        message = re.sub(r"eof = [0-9]+", "eof = <bytes>", masked(said[0], self.folder))
        message = re.sub(r"\b[0-9a-f]{64}\b", "<sum>", message)  # of trained weights: rounding differs between processors
        return message.replace(", <source>/data/cache", "")

    def test_one_line_exit_code_2_and_nothing_written(self):
        self.assertGreaterEqual(len(CASES), 40)
        text = ""
        for name, steps, options in CASES:
            with self.subTest(name):
                self.restore()
                self.spoil(steps)
                text += f"{name}\n  {self.said_of(name, options)}\n"
        if os.environ.get("DEEPFOG_STORE") == "1":
            with open(STORED, "w", encoding="utf-8") as file:
                file.write(text)
        with open(STORED, encoding="utf-8") as file:
            self.assertEqual(text, file.read())

    def test_under_mpirun_the_line_comes_once_and_nobody_hangs(self):
        for name, steps, options in CASES:
            if name not in UNDER_MPIRUN:
                continue
            with self.subTest(name):
                self.restore()
                self.spoil(steps)
                self.said_of(name, options, ranks=3)

    def test_a_wrong_number_of_ranks(self):
        self.restore()
        for ranks, words in ((1, "1 rank"), (2, "2 ranks"), (4, "4 ranks")):
            with self.subTest(ranks):
                message = self.said_of("ranks", ("--weights", THREE), ranks=ranks)
                self.assertEqual(message, f"deepfog: error: mpirun: {words}, but each physical node needs one "
                                          "(3 or a multiple: near, middle, server)")
        message = self.deepfog("infer", "--weights", THREE).stderr
        self.assertEqual(message.count("deepfog: error: mpirun: 1 rank, but each physical node needs one"), 1, message)


if __name__ == "__main__":
    unittest.main()
