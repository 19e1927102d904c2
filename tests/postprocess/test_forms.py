"""Models whose counts are kept by class, and those whose averages are known by bounds only: read, checked, reported, compared."""
import csv
import os
import tempfile
import unittest

import h5py
import numpy as np

import program
import sample
import compare
import report
import resilience
import results
import schema

MODEL = "experiments/health/models/deepfogguard"


def tree(nodes, classes_of):
    """The largest diagram there is: a state a combination of the nodes decided so far."""
    states = 2 ** np.arange(nodes, dtype=np.int64)
    failed = np.concatenate([np.arange(size) for size in states]).astype(np.int32)
    alive = np.concatenate([size + np.arange(size) for size in states]).astype(np.int32)
    return {"position": np.arange(nodes, dtype=np.int32), "states": states, "failed": failed, "alive": alive,
            "class_of_state": np.asarray(classes_of, dtype=np.int32)}


def table(group, name, values, runs=True):
    group[name] = values
    sample.put(group[name], {"units": "1", "long_name": "a table of a test"})
    if runs:
        group[name].dims[0].attach_scale(group.file["experiments/health/scales/run"])


def by_class(file):
    """The models' counts by class instead of by combination; a class a combination that flows."""
    for group in file["experiments/health/models"].values():
        flow, correct, accuracy = (group[name][()] for name in ("flow", "correct", "accuracy"))
        classes_of = np.where(flow, np.cumsum(flow), 0)
        first = [0] + [int(np.flatnonzero(classes_of == c)[0]) for c in range(1, int(flow.sum()) + 1)]
        for name in ("flow", "correct", "accuracy"):
            del group[name]
        sample.put(group, {"table": "classes"})
        table(group, "class_correct", correct[:, first])
        table(group, "class_accuracy", accuracy[:, first])
        for name, values in tree(3, classes_of).items():
            table(group, f"diagram/{name}", values, runs=False)
    del file["experiments/health/scales/combination"]


def by_bounds(file):
    """The averages between bounds a point wide; hazardous was sampled."""
    for group in file["experiments/health/models"].values():
        for name in ("flow", "correct", "accuracy"):
            del group[name]
        sample.put(group, {"table": "bounds"})
        for setting, average in group["average_accuracy"].items():
            table(group, f"bounds/{setting}", np.stack([average[()] - 0.005, average[()] + 0.005], axis=1))
            sample.put(group[f"bounds/{setting}"], {"method": "sampling, 95 % interval" if setting == "hazardous" else "bounds"})
            table(group, f"explored_mass/{setting}", np.full(average.size, 0.99))
        table(group, "explored", np.full(group["done"].size, 12))
    del file["experiments/health/scales/combination"]


class Forms(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def make(self, change, name="r.h5"):
        path = os.path.join(self.folder, name)
        sample.build(path, experiments=("health",), runs=3, models=("vanilla", "deepfogguard"))
        with h5py.File(path, "r+") as file:
            change(file)
        return path

    def report(self, path, code=0):
        got, out, err = program.call(report.main, path, "--formats", "svg")
        self.assertEqual((got, err), (code, ""), out)
        return out

    def read_csv(self, path, name):
        with open(os.path.join(path[:-3] + "-report", name + ".csv"), encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def test_both_are_in_step_with_the_layout(self):
        for change in (by_class, by_bounds):
            with h5py.File(self.make(change), "r") as file:
                self.assertEqual(schema.check(file), [])

    def test_departures_are_named(self):
        cases = ((by_class, "diagram/alive", "diagram/alive is missing"), (by_class, "class_correct", "class_correct is missing"),
                 (by_bounds, "bounds/normal", "bounds/normal is missing"), (by_bounds, "explored", "explored is missing"))
        for change, name, words in cases:
            with h5py.File(self.make(change), "r+") as file:
                del file[f"{MODEL}/{name}"]
                self.assertIn(words, "; ".join(schema.check(file)))
        with h5py.File(self.make(by_class), "r+") as file:
            file[f"{MODEL}/correct"] = np.zeros((3, 8), dtype=np.int64)
            self.assertIn("correct does not belong to a table of classes", "; ".join(schema.check(file)))
        with h5py.File(self.make(by_class), "r+") as file:
            sample.put(file[MODEL], {"table": "rows"})
            self.assertIn("allowed are combinations, classes, bounds", "; ".join(schema.check(file)))

    def test_classes_give_what_combinations_give(self):
        plain, classes = self.make(lambda file: None, "plain.h5"), self.make(by_class)
        a, b = (results.read(path).experiments[0] for path in (plain, classes))
        self.assertEqual(results.read(classes).invalid, [])
        for one, other in zip(a.models, b.models):
            for setting in a.settings:
                np.testing.assert_allclose(one.average[setting], other.average[setting], atol=1e-14)
            np.testing.assert_allclose(one.by_failed_nodes(3), other.by_failed_nodes(3), atol=1e-14)
        self.report(plain)
        out = self.report(classes)
        self.assertIn("all 2^3 combinations, counted by the", out)
        for name in ("accuracy_by_failed_nodes", "overview", "table1_reliability"):
            self.assert_same_figures(self.read_csv(plain, name), self.read_csv(classes, name))

    def assert_same_figures(self, rows, others):
        self.assertEqual(len(rows), len(others))
        for row, other in zip(rows, others):
            for key, value in row.items():
                try:
                    self.assertAlmostEqual(float(value), float(other[key]), places=12)
                except ValueError:
                    self.assertEqual(value, other[key])

    def test_the_map_leads_every_combination_to_its_class(self):
        classes_of = [0, 1, 0, 2, 1, 3, 2, 1]
        diagram = resilience.Diagram(*tree(3, classes_of).values(), nodes=3, classes=4)
        self.assertEqual([diagram.class_of(c) for c in range(8)], classes_of)
        self.assertEqual(diagram.classes_of_all().tolist(), classes_of)
        r = [0.9, 0.7, 0.4]
        expected = [sum(sample.probability(c, r) for c in range(8) if classes_of[c] == k) for k in range(4)]
        np.testing.assert_allclose(diagram.class_probabilities(r), expected, atol=1e-15)
        sizes = diagram.sizes_by_failed_nodes()
        self.assertEqual(sizes.sum(axis=0).tolist(), [1, 3, 3, 1])
        self.assertEqual(sizes.sum(axis=1).tolist(), [2, 3, 2, 1])

    def test_a_map_that_leads_nowhere_is_bad_input(self):
        spoil = {"position": (0, 1), "alive": (0, 9), "states": (1, 3), "class_of_state": (7, 99)}
        for name, (at, value) in spoil.items():
            def change(file, name=name, at=at, value=value):
                by_class(file)
                file[f"{MODEL}/diagram/{name}"][at] = value
            code, _, err = program.call(report.main, self.make(change), "--formats", "")
            self.assertEqual(code, 2, name)
            self.assertIn("/diagram: ", err)

    def test_wrong_counts_are_invalid(self):
        def change(file):
            by_class(file)
            file[f"{MODEL}/class_correct"][1, 1] += 1
        self.assertIn("is not correct / test_samples", self.report(self.make(change), code=3))

    def test_bounds_are_printed_and_drawn(self):
        path = self.make(by_bounds)
        out = self.report(path)
        self.assertIn("certified bounds, in brackets: no failure, normal, poor.", out)
        self.assertIn("sampling, 95 % interval, in brackets: hazardous.", out)
        self.assertIn("only averages are known, not the accuracies by failed nodes", out)
        rows = self.read_csv(path, "fig3_average_accuracy")
        self.assertEqual(len(rows), 2 * 4)
        for row in rows:
            self.assertAlmostEqual(float(row["bound_high"]) - float(row["bound_low"]), 0.01, places=12)
            self.assertAlmostEqual(float(row["bound_high"]) + float(row["bound_low"]), 2 * float(row["mean"]), places=12)
            self.assertEqual(row["method"], "sampling, 95 % interval" if row["setting"] == "hazardous" else "bounds")
        low, high = 100 * float(rows[0]["bound_low"]), 100 * float(rows[0]["bound_high"])
        self.assertIn(f"[{low:.2f}, {high:.2f}]", out)
        with open(os.path.join(self.folder, "r-report", "fig3_average_accuracy.svg"), encoding="utf-8") as stream:
            self.assertIn("#b30000", stream.read().lower())

    def test_averages_outside_their_bounds_are_invalid(self):
        def change(file):
            by_bounds(file)
            file[f"{MODEL}/average_accuracy/normal"][0] += 0.1
        self.assertIn("average_accuracy/normal: is outside its bounds", self.report(self.make(change), code=3))

    def test_compare_knows_both(self):
        for change, name in ((by_class, "class_correct"), (by_bounds, "bounds/normal")):
            def other(file, change=change, name=name):
                change(file)
                file[f"{MODEL}/{name}"][1, 1] += 1
            a, b, c = self.make(change, "a.h5"), self.make(change, "b.h5"), self.make(other, "c.h5")
            self.assertEqual(program.call(compare.main, a, b)[0], 0)
            code, out, _ = program.call(compare.main, a, c)
            self.assertEqual(code, 1)
            self.assertIn(name, out)
            self.assertIn("run 1", out)


if __name__ == "__main__":
    unittest.main()
