"""compare.py: what counts as equal, what as different, and what it says."""
import os
import tempfile
import unittest

import h5py
import numpy as np

import program
import sample
import compare
import schema

VANILLA = "/experiments/health/models/vanilla"


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.a, self.b = (os.path.join(folder.name, name) for name in ("a.h5", "b.h5"))
        for path in (self.a, self.b):
            sample.build(path, experiments=("health",), runs=2, models=("vanilla", "deepfogguard"), measures=("precision",))

    def change(self, path, index, value):
        with h5py.File(self.b, "r+") as file:
            file[path][index] = value

    def compared(self, *arguments):
        code, out, err = program.call(compare.main, self.a, self.b, *arguments)
        self.assertEqual(err, "")
        return code, out

    def test_equal_whatever_the_clock_says(self):
        self.change(VANILLA + "/train_seconds", 0, 77)
        self.change(VANILLA + "/sweep_seconds", 0, np.nan)
        with h5py.File(self.b, "r+") as file:
            sample.put(file, {"created": "2030-01-01T00:00:00Z", "finished": ""})
        code, out = self.compared("--strict")
        self.assertEqual(code, 0, out)
        self.assertRegex(out, r"^EQUAL: \d\d tables within tolerance 0\n$")

    def test_other_ranks_are_noted_and_count_only_when_strict(self):
        with h5py.File(self.b, "r+") as file:
            sample.put(file, {"ranks": 5, "hosts": "c"})
        self.assertEqual(self.compared()[0], 0)
        self.assertIn("note: ranks differs: 2 against 5\n", self.compared()[1])
        code, out = self.compared("--strict")
        self.assertEqual(code, 1)
        self.assertIn("  /ranks: 2 against 5", out)

    def test_one_count(self):
        with h5py.File(self.a, "r") as file:
            value = int(file[VANILLA + "/correct"][1, 7])
        self.change(VANILLA + "/correct", (1, 7), value + 2)
        code, out = self.compared()
        self.assertEqual(code, 1)
        self.assertIn(f"{VANILLA}/correct [run 1, combination 7]: {value} against {value + 2} (difference 2, 1 cells differ)", out)
        self.assertEqual(self.compared("--tolerance", "2")[0], 0)
        self.assertEqual(self.compared("--tolerance", "1.5")[0], 1)
        self.assertEqual(self.compared("--table", "accuracy", "average_accuracy")[0], 0)
        self.assertEqual(self.compared("--table", "accuracy", "correct")[0], 1)

    def test_every_axis_of_the_layout_has_a_name(self):
        self.assertEqual(compare._named((1, 2, 3), VANILLA + "/right"), "run 1, outcome 2, byte 3")
        for entry in schema.LABELLED:
            path = entry.path.replace("<name>", "health").replace("<model>", "vanilla").replace("<setting>", "normal")
            with self.subTest(path):
                self.assertEqual(compare._named((0,) * len(entry.shape), path).count(" 0"), len(entry.shape))

    def test_largest_first_and_the_rest_counted(self):
        for place, step in (("average_accuracy/poor", 1e-3), ("accuracy", 0.2), ("validation_accuracy", 0.05)):
            with h5py.File(self.b, "r+") as file:
                file[f"{VANILLA}/{place}"][0] += step
        code, out = self.compared("--show", "2", "--tolerance", "1e-6")
        self.assertEqual(code, 1)
        lines = out.splitlines()
        self.assertIn("3 tables or attributes", lines[0])
        self.assertIn("/accuracy [run 0, combination ", lines[1])
        self.assertIn("8 cells differ", lines[1])
        self.assertIn("/validation_accuracy [run 0]", lines[2])
        self.assertEqual(lines[3], "  and 1 more (--show)")

    def test_nan_equals_only_nan(self):
        self.change(VANILLA + "/validation_accuracy", 1, np.nan)
        code, out = self.compared("--tolerance", "100")
        self.assertEqual(code, 1)
        self.assertIn("against nan", out)
        with h5py.File(self.a, "r+") as file:
            file[VANILLA + "/validation_accuracy"][1] = np.nan
        self.assertEqual(self.compared()[0], 0)

    def test_large_counts_are_subtracted_exactly(self):
        for path, value in ((self.a, 2 ** 60), (self.b, 2 ** 60 + 1)):
            with h5py.File(path, "r+") as file:
                file[VANILLA + "/correct"][0, 7] = value
        self.assertEqual(self.compared()[0], 1)

    def test_structure_attributes_and_text(self):
        for spoil, expected in ((lambda f: f.pop("/experiments/health/models/deepfogguard"), "deepfogguard/accuracy: present against missing"),
                                (lambda f: f[VANILLA].attrs.create("epochs", np.int64(9)), f"{VANILLA}/epochs: 5 against 9"),
                                (lambda f: f[VANILLA].attrs.create("mood", np.int64(9)), f"{VANILLA}/mood: missing against present"),
                                (lambda f: f[VANILLA].attrs.create("optimiser", np.bytes_("sgd")), "optimiser: adam against sgd"),
                                (lambda f: f[VANILLA + "/topology_text"].write_direct(np.array(b"x", dtype="S11")), "topology_text: [topology]")):
            sample.build(self.b, experiments=("health",), runs=2, models=("vanilla", "deepfogguard"), measures=("precision",))
            with h5py.File(self.b, "r+") as file:
                spoil(file)
            code, out = self.compared()
            self.assertEqual(code, 1)
            self.assertIn(expected, out)

    def test_other_number_of_runs(self):
        sample.build(self.b, experiments=("health",), runs=3, models=("vanilla", "deepfogguard"), measures=("precision",))
        code, out = self.compared("--show", "100")
        self.assertEqual(code, 1)
        self.assertIn("/correct: int64 (2, 8) against int64 (3, 8)", out)

    def test_table_that_neither_file_has(self):
        code, _, err = program.call(compare.main, self.a, self.b, "--table", "confusion")
        self.assertEqual(code, 2)
        self.assertIn("has a table confusion", err)


if __name__ == "__main__":
    unittest.main()
