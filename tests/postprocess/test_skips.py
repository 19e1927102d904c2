"""Which skip hyperconnections matter, from models with every subset of them."""
import os
import shutil
import tempfile
import unittest

import h5py
import numpy as np

import sample

# pylint: disable=wrong-import-order
import program
import report
import results
import skips

BASE = "topology t\nsource in 4\nnode a relu:4  # first\nnode b relu:4\nnode c linear:3\nlink in -> a\nlink a->b\nlink b -> c\n"
LINES = {"in->b": "link in -> b skip\n", "a->c": "link a->c  skip weight=1\n"}


class SkipsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "r.h5")

    def build(self, texts, **attributes):
        """A file whose models have these topologies."""
        models = tuple(f"m{place}" for place in range(len(texts)))
        sample.MODELS.update({name: (True, 0.9, 0.05) for name in models})
        self.addCleanup(lambda: [sample.MODELS.pop(name, None) for name in models])
        sample.build(self.path, experiments=("health",), models=models)
        with h5py.File(self.path, "a") as file:
            for name, text in zip(models, texts):
                group = file[f"experiments/health/models/{name}"]
                del group["topology_text"]
                group["topology_text"] = np.bytes_(text)
                if name == "m0":
                    sample.put(group, attributes)
        return results.read(self.path)

    def every_subset(self):
        return [BASE, BASE + LINES["in->b"], BASE + LINES["a->c"], BASE + LINES["a->c"] + LINES["in->b"]]

    def test_parts_of_a_text(self):
        found, rest = skips.parts(self.every_subset()[3])
        self.assertEqual(found, {"in->b", "a->c"})
        self.assertEqual(rest, skips.parts("topology other\n" + BASE.replace("# first", "").replace("a->b", "a -> b"))[1])

    def test_every_subset_makes_a_family(self):
        family, = skips.families(self.build(self.every_subset()).experiments[0])
        self.assertEqual([sorted(key) for key in family], [[], ["a->c"], ["in->b"], ["a->c", "in->b"]])

    def test_a_missing_subset_or_another_training_makes_none(self):
        self.assertEqual(skips.families(self.build(self.every_subset()[1:]).experiments[0]), [])
        os.remove(self.path)
        self.assertEqual(skips.families(self.build(self.every_subset(), epochs=6).experiments[0]), [])
        self.assertEqual(skips.all_tables(results.read(self.path)), [])

    def test_shares_sum_to_the_gain_of_all(self):
        values = {frozenset(): np.array([.5, .6]), frozenset({"x"}): np.array([.7, .7]), frozenset({"y"}): np.array([.6, .6]),
                  frozenset({"x", "y"}): np.array([.75, .9])}
        shares = skips.shapley(values)
        np.testing.assert_allclose(shares["x"], [(.2 + .15) / 2, (.1 + .3) / 2])
        np.testing.assert_allclose(shares["x"] + shares["y"], [.25, .3])

    def test_the_report_says_it(self):
        content = self.build(self.every_subset())
        table, = skips.all_tables(content)
        code, out, _ = program.call(report.main, self.path, "--formats", "")
        self.assertEqual(code, 0)
        self.assertIn("Which skip hyperconnections matter", out)
        family, = skips.families(content.experiments[0])
        values = skips.values_of(family, "poor")
        rows = {(row[5], row[6], row[7]): float(row[8]) for row in table.csv_rows}
        self.assertEqual(len(rows), 4 * 2 * 3)
        self.assertAlmostEqual(rows["poor", "a->c", "alone"], float((values[frozenset({"a->c"})] - values[frozenset()]).mean()))
        self.assertAlmostEqual(rows["poor", "a->c", "without"], float((values[frozenset({"in->b"})] - values[frozenset({"in->b", "a->c"})]).mean()))


if __name__ == "__main__":
    unittest.main()
