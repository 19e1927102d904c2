"""Which skip hyperconnections matter, from models with every subset of them."""
import os
import shutil
import tempfile
import unittest

import h5py
import numpy as np

import sample
import sample_right

# pylint: disable=wrong-import-order
import program
import report
import results
import skip_families
import skips

BASE = "topology t\nsource in 4\nnode a relu:4  # first\nnode b relu:4\nnode c linear:3\nlink in -> a\nlink a->b\nlink b -> c\n"
VALUES = {frozenset(): np.array([.5, .6]), frozenset("x"): np.array([.7, .7]), frozenset("y"): np.array([.6, .6]), frozenset("xy"): np.array([.75, .9])}
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
        found, rest = skip_families.parts(self.every_subset()[3])
        self.assertEqual(found, {"in->b", "a->c"})
        self.assertEqual(rest, skip_families.parts("topology other\n" + BASE.replace("# first", "").replace("a->b", "a -> b"))[1])

    def test_every_subset_makes_a_whole_family(self):
        family, = skip_families.families(self.build(self.every_subset()).experiments[0])
        self.assertEqual(sorted(map(sorted, family.models)), [[], ["a->c"], ["a->c", "in->b"], ["in->b"]])
        self.assertTrue(family.whole)
        self.assertEqual(family.weights, "retrained")

    def test_a_missing_subset_or_another_training_leaves_it_in_part(self):
        family, = skip_families.families(self.build(self.every_subset()[1:]).experiments[0])
        self.assertFalse(family.whole)
        os.remove(self.path)
        content = self.build(self.every_subset(), epochs=6)
        self.assertFalse(skip_families.families(content.experiments[0])[0].whole)
        self.assertNotIn("skips", [table.name for table in skips.all_tables(content)])

    def test_models_on_one_training_are_a_family_of_their_own(self):
        content = self.build(self.every_subset()[::-1] + self.every_subset()[:2])
        for name in ("m1", "m2", "m3"):
            content.experiments[0].models[int(name[1])].attributes["weights_of"] = "m0"
        same, anew = sorted(skip_families.families(content.experiments[0]), key=lambda family: family.owner, reverse=True)
        self.assertEqual((same.weights, same.whole), ("same weights, those of m0", True))
        self.assertEqual({"m0", "m1", "m2", "m3"}, {model.name for model in same.models.values()})
        self.assertEqual({"m0", "m4", "m5"}, {model.name for model in anew.models.values()})
        self.assertEqual({row[5] for table in skips.all_tables(content) for row in table.csv_rows if table.name == "skips"}, {"same weights, those of m0"})

    def test_shares_sum_to_the_gain_of_all(self):
        shares = skip_families.shapley(VALUES)
        np.testing.assert_allclose(shares["x"], [(.2 + .15) / 2, (.1 + .3) / 2])
        np.testing.assert_allclose(shares["x"] + shares["y"], [.25, .3])

    def test_a_search_takes_the_best_of_every_step(self):
        steps = skip_families.path(VALUES, frozenset("xy"), "add")
        self.assertEqual([(step.skip, sorted(step.kept)) for step in steps], [("", []), ("x", ["x"]), ("y", ["x", "y"])])
        np.testing.assert_allclose(steps[1].gain, [.2, .1])
        self.assertEqual([step.told_apart for step in steps], [None, False, False])
        steps = skip_families.path(VALUES, frozenset("xy"), "remove")
        self.assertEqual([(step.skip, sorted(step.kept)) for step in steps], [("", ["x", "y"]), ("y", ["x"]), ("x", [])])
        clear = {kept: values + 0.3 * len(kept) for kept, values in VALUES.items()}
        self.assertTrue(skip_families.path({**clear, frozenset("x"): np.array([.9, .91])}, frozenset("xy"), "add")[1].told_apart is False)
        self.assertTrue(skip_families.path({**clear, frozenset("x"): np.array([.9, 1.0])}, frozenset("xy"), "add")[1].told_apart)

    def test_a_search_ends_where_a_candidate_is_unknown(self):
        known = {kept: values for kept, values in VALUES.items() if kept != frozenset("y")}
        self.assertEqual(len(skip_families.path(known, frozenset("xy"), "add")), 1)
        self.assertEqual(len(skip_families.path(known, frozenset("xy"), "remove")), 1)
        self.assertEqual(skip_families.path({}, frozenset("xy"), "add"), [])

    def test_the_fewest_that_are_good_enough(self):
        self.assertEqual(skip_families.smallest(VALUES, 0.6), frozenset("x"))
        self.assertEqual(skip_families.smallest(VALUES, 0.5), frozenset())
        self.assertEqual(skip_families.smallest(VALUES, 0.8), frozenset("xy"))
        self.assertIsNone(skip_families.smallest(VALUES, 0.9))

    def test_models_without_a_run_in_common_are_left_out(self):
        content = self.build(self.every_subset())
        models = content.experiments[0].models
        for place, model in enumerate(models):
            model.runs = np.array([place])
            for setting in model.average:
                model.average[setting] = model.average[setting][:1]
        self.assertEqual(skips.all_tables(content), [])
        self.assertEqual(skips.all_figures(content), [])

    def test_results_by_sample_widen_the_intervals(self):
        self.build(self.every_subset())
        sample_right.add(self.path)
        content = results.read(self.path)
        experiment, (family,) = content.experiments[0], skip_families.families(content.experiments[0])
        with_samples = family.path("poor", "add", experiment.settings["poor"])
        for model in experiment.models:
            model.right = None
        over_runs = family.path("poor", "add", experiment.settings["poor"])
        self.assertEqual([step.skip for step in with_samples], [step.skip for step in over_runs])
        for one, other in zip(with_samples[1:], over_runs[1:]):
            self.assertIsNone(other.both)
            self.assertEqual(one.interval, one.both)
            self.assertNotEqual(one.interval, other.interval)
            self.assertLess(one.interval[0], one.gain.mean())
            self.assertGreater(one.interval[1], one.gain.mean())

    def test_the_report_says_it(self):
        content = self.build(self.every_subset())
        table, order = skips.all_tables(content)
        code, out, _ = program.call(report.main, self.path, "--formats", "")
        self.assertEqual(code, 0)
        self.assertIn("Which skip hyperconnections matter", out)
        family, = skip_families.families(content.experiments[0])
        values = family.values("poor")
        rows = {tuple(row[5:9]): float(row[9]) for row in table.csv_rows if row[8] != "skip"}
        self.assertEqual(len(rows), 4 * 2 * 3)
        self.assertAlmostEqual(rows["retrained", "poor", "a->c", "alone"], float((values[frozenset({"a->c"})] - values[frozenset()]).mean()))
        self.assertAlmostEqual(rows["retrained", "poor", "a->c", "without"], float((values[frozenset({"in->b"})] - values[frozenset({"in->b", "a->c"})]).mean()))
        self.assertEqual(len(order.csv_rows), 4 * 2 * 3)
        self.assertEqual({row[1] for row in order.rows if row}, {"Hazardous"})

    def test_a_folder_is_read_as_one(self):
        """Two files with two subsets each say what one with all four says."""
        folder = os.path.join(self.folder, "parts")
        os.mkdir(folder)
        whole = self.build(self.every_subset())
        os.rename(self.path, os.path.join(self.folder, "whole.h5"))
        for name, chosen in (("subsets-001.h5", (0, 1)), ("subsets-002.h5", (2, 3))):
            shutil.copy(os.path.join(self.folder, "whole.h5"), os.path.join(folder, name))
            with h5py.File(os.path.join(folder, name), "a") as file:
                for place in set(range(4)) - set(chosen):
                    del file[f"experiments/health/models/m{place}"]
        contents, groups = skips.read([folder])
        self.assertEqual([content.name for content in contents], ["subsets-001.h5", "subsets-002.h5"])
        self.assertEqual([table.csv_rows for table in skips.tables_of(whole, groups)], [table.csv_rows for table in skips.all_tables(whole)])
        out = os.path.join(self.folder, "out")
        code, said, _ = program.call(skips.main, folder, "--setting", "poor", "--out", out)
        self.assertEqual(code, 0)
        self.assertIn("retrained", said)
        self.assertNotIn("Hazardous", said)
        self.assertEqual(sorted(os.listdir(out)), [f"skip_order.{form}" for form in ("csv", "pdf", "png", "tex", "txt")] + [f"skips.{form}" for form in ("csv", "tex", "txt")])

    def test_bad_input_is_one_line(self):
        self.build(self.every_subset())
        empty = os.path.join(self.folder, "empty")
        os.mkdir(empty)
        plain = os.path.join(self.folder, "plain.h5")
        sample.build(plain, experiments=("health",))
        for arguments, words in (([empty], "holds no results file"), ([self.path, "--setting", "bad"], "--setting bad: no setting of"),
                                 ([plain], "no models that differ in their skips"), ([self.path + "x"], "no such file")):
            code, _, err = program.call(skips.main, *arguments)
            self.assertEqual(code, 2)
            self.assertIn(words, err)
            self.assertEqual(err.count("\n"), 1, err)


if __name__ == "__main__":
    unittest.main()
