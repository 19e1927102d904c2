"""The report run whole: tables, figures, labels, intervals and what an unfinished or INVALID file looks like."""
import csv
import io
import os
import tempfile
import unittest

import h5py
import numpy as np
from PIL import Image

import program
import sample
import report
import results
import summary
import tables

STEMS = ("table1_reliability", "fig3_average_accuracy", "accuracy_by_failed_nodes", "overview")


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(self.folder, "r.h5")

    def make(self, *arguments, code=0):
        """stdout of a report without figures."""
        got, out, err = program.call(report.main, self.path, "--formats", "", *arguments)
        self.assertEqual((got, err), (code, ""))
        return out

    def read(self, name):
        with open(os.path.join(self.folder, "r-report", name), encoding="utf-8", newline="") as stream:
            return stream.read()

    def test_text_is_the_stored_one(self):
        sample.build(self.path, runs=3, measures=("precision", "recall"))
        self.make()
        with open(os.path.join(sample.HERE, "golden", "summary.txt"), encoding="utf-8") as stream:
            self.assertEqual(self.read("summary.txt"), stream.read())
        with open(os.path.join(sample.HERE, "golden", "overview.tex"), encoding="utf-8") as stream:
            self.assertEqual(self.read("overview.tex"), stream.read())

    def test_last_lines_are_the_paths_and_all_exist(self):
        sample.build(self.path, runs=2)
        code, out, err = program.execute("report.py", self.path)
        self.assertEqual((code, err), (0, ""))
        expected = ["summary.txt", "report.html"] + [f"{stem}.{form}" for stem in STEMS for form in ("txt", "csv", "tex")]
        expected += [f"{stem}.{form}" for stem in ("fig3_average_accuracy", "accuracy_by_failed_nodes") for form in ("png", "pdf")]
        paths = out.splitlines()[-len(expected):]
        self.assertEqual([os.path.relpath(path, self.folder) for path in paths], [os.path.join("r-report", name) for name in expected])
        self.assertEqual(sorted(os.listdir(os.path.join(self.folder, "r-report"))), sorted(expected))
        for path in paths:
            self.assertGreater(os.path.getsize(path), 200, path)
        self.figures_show_something(paths[-4:])
        before = {path: open_bytes(path) for path in paths}
        code, out, err = program.execute("report.py", self.path, "--paths-only", PYTHONHASHSEED="7", TZ="Asia/Tokyo")
        self.assertEqual((code, out.splitlines(), err), (0, paths, ""))
        for path in paths:
            self.assertEqual(open_bytes(path), before[path], f"{path} differs the second time")

    def figures_show_something(self, paths):
        for path in paths:
            if path.endswith(".pdf"):
                self.assertTrue(open_bytes(path).startswith(b"%PDF-") and b"%%EOF" in open_bytes(path)[-10:])
                continue
            pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
            self.assertGreater(len(pixels), 1_000_000)
            for colour in ((0xE6, 0x9F, 0), (0x56, 0xB4, 0xE9), (0, 0x72, 0xB2)):  # every model's colour covers something
                self.assertGreater((pixels == colour).all(axis=1).sum(), 1000, f"{path}: {colour}")

    def test_csv_is_equation_3_of_the_counts(self):
        sample.build(self.path, runs=4)
        self.make()
        rows = list(csv.DictReader(io.StringIO(self.read("fig3_average_accuracy.csv"))))
        self.assertEqual(len(rows), 2 * 3 * 4)
        with h5py.File(self.path, "r") as file:
            for row in rows:
                network = sample.NETWORKS[row["experiment"]]
                model = file[f"experiments/{row['experiment']}/models/{row['model']}"]
                table = np.where(model["flow"][()], model["correct"][()] / network["samples"], 1 / network["classes"])
                r = network["settings"][row["setting"]]
                values = [sum(sample.probability(c, r) * a for c, a in enumerate(run)) for run in table]
                half = 3.182446 * np.std(values, ddof=1) / 2
                self.assertAlmostEqual(float(row["mean"]), np.mean(values), places=12)
                self.assertAlmostEqual(float(row["ci95_low"]), np.mean(values) - half, places=8)
                self.assertAlmostEqual(float(row["ci95_high"]), np.mean(values) + half, places=8)
                self.assertEqual((row["runs"], row["split"], row["data_origin"], row["file_state"]), ("4", "rows", "real", "VALID"))

    def test_gains_are_paired_over_common_runs(self):
        sample.build(self.path, experiments=("health",), runs=4, models=("vanilla", "deepfogguard"))
        with h5py.File(self.path, "r+") as file:
            file["experiments/health/models/vanilla/done"][0] = 0
            file["experiments/health/models/deepfogguard/done"][2] = 0
            a, b = (file[f"experiments/health/models/{m}/average_accuracy/poor"][()] for m in ("vanilla", "deepfogguard"))
        experiment = results.read(self.path).experiments[0]
        np.testing.assert_allclose(summary.paired_gains(*experiment.models, "poor"), (b - a)[[1, 3]], atol=1e-14)
        out = self.make()
        self.assertIn("2 paired runs", out)
        self.assertIn("INCOMPLETE: 6 of 8 training runs done", out)
        self.assertIn("3 of 4 runs", out)
        with h5py.File(self.path, "r+") as file:
            file["experiments/health/models/vanilla/done"][1] = 0
        self.assertIn("runs done: vanilla 2 of 4, deepFogGuard 3 of 4", self.make())

    def test_headline(self):
        sample.build(self.path, experiments=("health",), runs=3)
        experiment = results.read(self.path).experiments[0]
        gains = 100 * summary.paired_gains(experiment.models[0], experiment.models[1], "hazardous")
        half = 4.302653 * gains.std(ddof=1) / np.sqrt(3)
        self.assertIn(f"Health, hazardous: deepFogGuard {gains.mean():+.1f} points over vanilla (95 % interval {gains.mean() - half:+.1f} to "
                      f"{gains.mean() + half:+.1f}, 3 paired runs), deepFogGuard + failout ", self.make())

    def test_settings_and_models_in_sensible_order(self):
        for track in (True, False):
            sample.build(self.path, runs=1, track=track, models=("vanilla", "deepfogguard_failout"))
            for experiment in results.read(self.path).experiments:
                self.assertEqual(list(experiment.settings), ["no_failure", "normal", "poor", "hazardous"])
                self.assertEqual([model.name for model in experiment.models], ["vanilla", "deepfogguard_failout"])

    def test_one_run_has_no_interval(self):
        sample.build(self.path, runs=1)
        out = self.make()
        self.assertIn("one run, no interval", out)
        self.assertNotIn("0.00 ±", out)

    def test_unfinished_runs_are_left_out_and_said(self):
        sample.build(self.path, runs=3, done=1)
        out = self.make()
        self.assertIn("!! INCOMPLETE: 6 of 18 training runs done, campaign interrupted; the rest is left out !!", out)
        self.assertEqual(out.count("1 of 3 runs"), 2 * len(STEMS))
        self.assertNotIn("nan", out.lower().replace("random", ""))
        for stem in STEMS:
            for form in ("txt", "csv", "tex"):
                self.assertIn("INCOMPLETE", self.read(f"{stem}.{form}"))

    def test_unfinished_is_not_invalid_but_may_be_both(self):
        for status, reasons, expected in (("running", "not complete: status running", []), ("interrupted", "", []), ("complete", "", ["no reason given"]),
                                          ("interrupted", "not complete: status interrupted; counts differ", ["counts differ"])):
            sample.build(self.path, experiments=("health",), runs=2, status=status, valid=np.uint8(0), invalid_reasons=reasons)
            content = results.read(self.path)
            self.assertEqual((content.invalid, bool(content.incomplete)), (expected, status != "complete"))

    def test_nothing_finished_yet(self):
        sample.build(self.path, runs=2, done=0)
        code, out, err = program.call(report.main, self.path, "--formats", "png")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("nothing to compare yet", out)

    def test_synthetic_data_is_labelled_everywhere(self):
        sample.build(self.path, experiments=("health",), runs=1, origin="synthetic")
        code, out, _ = program.call(report.main, self.path, "--formats", "png,pdf,svg")
        self.assertEqual(code, 0)
        self.assertIn("!! SYNTHETIC DATA: health !!", out)
        self.assertIn("Health [SYNTHETIC DATA], hazardous:", out)
        for name in os.listdir(os.path.join(self.folder, "r-report")):
            content = open_bytes(os.path.join(self.folder, "r-report", name))
            self.assertIn(b"synthetic", content.lower(), name)

    def test_invalid_file_is_loud(self):
        sample.build(self.path, runs=2, valid=np.uint8(0), invalid_reasons="counts above the samples; hosts disagree")
        out = self.make(code=3)
        self.assertIn("!! INVALID: counts above the samples", out.splitlines()[1])
        self.assertIn("!! INVALID: hosts disagree", out.splitlines()[2])
        for stem in STEMS:
            for form in ("txt", "csv", "tex"):
                self.assertIn("INVALID", self.read(f"{stem}.{form}"))

    def test_numbers_that_cannot_be_right_make_a_file_invalid(self):
        model = "experiments/health/models/vanilla/"
        for name, index, value, reason in (("correct", (0, 7), 99999, "correct: outside 0..34320"), ("correct", (0, 0), 3, "correct: outside"),
                                           ("accuracy", (1, 7), .5, "accuracy: is not correct / test_samples"),
                                           ("accuracy", (1, 7), np.nan, "accuracy: is not correct / test_samples"),
                                           ("average_accuracy/poor", (0,), .5, "average_accuracy/poor: is not Equation 3"),
                                           ("../../reliability/poor", (1,), 1.5, "reliability/poor: outside 0..1")):
            sample.build(self.path, experiments=("health",), runs=2)
            with h5py.File(self.path, "r+") as file:
                file[os.path.normpath("/" + model + name)][index] = value
            self.assertTrue(any(reason in line for line in results.read(self.path).invalid), name)

    def test_precision_and_recall_only_when_recorded(self):
        sample.build(self.path, runs=2)
        self.assertNotIn("Precision", self.make())
        sample.build(self.path, runs=2, measures=("precision", "recall"))
        self.assertRegex(self.make(), r"Gain, points +Precision, % +Recall, % +Runs")

    def test_many_models_and_experiments_of_different_models(self):
        names = {f"wide_{i}": (True, .9, .05) for i in range(9)}
        sample.MODELS.update(names)
        self.addCleanup(lambda: [sample.MODELS.pop(name) for name in names])
        sample.build(self.path, runs=2, models=tuple(sample.MODELS), experiments=("health",))
        code, out, err = program.call(report.main, self.path, "--formats", "png", "--out", os.path.join(self.folder, "a", "b"))
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(out.splitlines()[-1].endswith(os.path.join("a", "b", "accuracy_by_failed_nodes.png")))


class Tables(unittest.TestCase):
    def test_latex_is_escaped(self):
        table = tables.Table("t", "50 % of A_b & c#", ["x_1", "{y}"], [["~^\\", "1 ± 2"], None, ["$", "-3"]], ["note_1"])
        self.assertEqual(table.as_latex().splitlines(), [
            r"\begin{tabular}{lr}", r"\multicolumn{2}{l}{\textbf{50 \% of A\_b \& c\#}} \\", r"\hline", r"x\_1 & \{y\} \\", r"\hline",
            r"\textasciitilde{}\textasciicircum{}\textbackslash{} & 1 $\pm$ 2 \\", r"\hline", r"\$ & $-$3 \\", r"\hline",
            r"\multicolumn{2}{l}{\footnotesize note\_1} \\", r"\end{tabular}"])

    def test_columns_are_aligned(self):
        table = tables.Table("t", "T", ["name", "value"], [["a", "1"], ["long name", "22.5"]])
        self.assertEqual(table.as_text(), "T\n" + "-" * 16 + "\nname       value\n" + "-" * 16
                         + "\na              1\nlong name   22.5\n" + "-" * 16 + "\n")

    def test_labels(self):
        for name, expected in (("deepfogguard_failout", "deepFogGuard + failout"), ("vanilla", "Vanilla"), ("vanilla_failout", "Vanilla + failout"),
                               ("ddnn", "DDNN"), ("my_net", "My net")):
            self.assertEqual(results.label(name), expected)


def open_bytes(path):
    with open(path, "rb") as stream:
        return stream.read()


if __name__ == "__main__":
    unittest.main()
