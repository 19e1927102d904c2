"""`deepfog analyze` on a campaign's file, held against plain arithmetic over its table."""
import csv
import itertools
import math
import os
import re
import subprocess
import sys
import unittest

import h5py
import numpy as np

from harness import ROOT, ProgramTest


def results(text, kind):
    """The RESULT lines of one kind as dictionaries."""
    return [dict(word.split("=", 1) for word in line.split()[1:]) for line in text.splitlines() if line.startswith(f"RESULT analysis={kind} ")]


def equation_3(accuracy, near, middle):
    chances = np.array([(1 - near) * (1 - middle), near * (1 - middle), (1 - near) * middle, near * middle])
    return accuracy @ chances


class AnalyzeTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cls.deepfog("run", "--config", "small.ini", "--output", "out/small.h5", "--progress", "never")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        with h5py.File(cls.path("out", "small.h5")) as file:
            cls.accuracy = {name: model["accuracy"][()] for name, model in file["experiments/sensors/models"].items()}
            cls.right = {name: cls.expected_right(file, model) for name, model in file["experiments/sensors/models"].items()}

    @staticmethod
    def expected_right(file, model):
        """What every sample may expect under every combination: [runs, combinations, samples]; guessing is even."""
        experiment = file["experiments/sensors"]
        bits = np.unpackbits(model["right"][()], axis=2, count=experiment.attrs["test_samples"], bitorder="little").astype(float)
        row_of = model["right_row"][()]
        right = np.concatenate([np.full_like(bits[:, :1], experiment.attrs["guess_accuracy"]), bits], axis=1)
        return right[:, row_of]

    def test_settings_of_the_file(self):
        text = self.run_well("analyze", "out/small.h5").stdout
        risks = results(text, "risk")
        self.assertEqual([(risk["model"], risk["setting"]) for risk in risks],
                         list(itertools.product(("plain", "failout"), ("no_failure", "often"))))
        for risk in risks:
            averages = equation_3(self.accuracy[risk["model"]], *((1, 1) if risk["setting"] == "no_failure" else (0.9, 0.7)))
            self.assertAlmostEqual(float(risk["average_accuracy"]), averages.mean(), delta=1e-6)
            half = 3.182446 * averages.std(ddof=1) / math.sqrt(4)
            self.assertAlmostEqual(float(risk["average_accuracy_ci95"]), half, delta=1e-5)
            self.assertAlmostEqual(float(risk["nothing_flows"]), 0 if risk["setting"] == "no_failure" else 0.03, places=9)
        self.assertIn("nothing flows when these have failed: near + middle", text)
        self.assertIn("SYNTHETIC data", text)

    def test_bits_of_the_samples_are_the_table(self):
        for name, right in self.right.items():
            np.testing.assert_allclose(right.mean(axis=2), self.accuracy[name], atol=1e-12)

    def test_how_sure_an_average_is(self):
        text = self.run_well("analyze", "out/small.h5").stdout
        for risk in results(text, "risk"):
            self.assertEqual(risk["noise"], "both")
            by_run_and_sample = np.einsum("rks,k->rs", self.right[risk["model"]], equation_3(np.eye(4), *((1, 1) if risk["setting"] == "no_failure"
                                                                                                       else (0.9, 0.7))))
            self.assertAlmostEqual(float(risk["training_error"]), by_run_and_sample.mean(axis=1).std(ddof=1) / 2, delta=1e-6)
            test_error = by_run_and_sample.mean(axis=0).std(ddof=1) / math.sqrt(by_run_and_sample.shape[1])
            self.assertAlmostEqual(float(risk["test_error"]), test_error, delta=0.07 * test_error)
            self.assertLess(float(risk["average_accuracy_low"]), float(risk["average_accuracy"]))
            self.assertGreater(float(risk["average_accuracy_high"]), float(risk["average_accuracy"]))
        self.assertRegex(text, r"95 % interval of the average [0-9.]+ to [0-9.]+ %; standard error [0-9.]+ points from training \(4 runs\), "
                               r"[0-9.]+ from testing \([0-9]+ samples\)\n")
        for name in ("plain", "failout"):
            rows = [row for row in results(text, "importance") if (row["model"], row["setting"]) == (name, "often")]
            self.assertAlmostEqual(sum(float(row["first"]) for row in rows), 1, delta=1e-5)
            for row in rows:
                self.assertLessEqual(float(row["shapley_low"]), float(row["shapley"]) + 1e-6)
                self.assertGreaterEqual(float(row["shapley_high"]), float(row["shapley"]) - 1e-6)

    def test_a_paired_difference(self):
        text = self.run_well("analyze", "out/small.h5", "--setting", "often", "--against", "plain").stdout
        row, = results(text, "difference")
        self.assertEqual((row["model"], row["against"], row["setting"], row["runs"], row["noise"]), ("failout", "plain", "often", "4", "both"))
        by_run = equation_3(self.accuracy["failout"], 0.9, 0.7) - equation_3(self.accuracy["plain"], 0.9, 0.7)
        self.assertAlmostEqual(float(row["difference"]), by_run.mean(), delta=1e-6)
        self.assertAlmostEqual(float(row["training_error"]), by_run.std(ddof=1) / 2, delta=1e-6)
        low, high = float(row["difference_low"]), float(row["difference_high"])
        self.assertEqual(row["told_apart"], str(int(low > 0 or high < 0)))
        said = "not told apart" if row["told_apart"] == "0" else "better" if by_run.mean() > 0 else "worse"
        self.assertRegex(text, rf"against plain, at the same runs and samples: .*: {said}\n")

    def test_the_report_is_as_sure(self):
        report = subprocess.run([sys.executable, os.path.join(ROOT, "postprocess", "report.py"), self.path("out", "small.h5"), "--formats", "", "--out", self.path("report")],
                                capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(report.returncode, 0, report.stderr)
        with open(self.path("report", "differences.csv"), encoding="utf-8", newline="") as file:
            rows = {(row["setting"], row["model"], row["other"]): row for row in csv.DictReader(file)}
        found = results(self.run_well("analyze", "out/small.h5", "--against", "plain").stdout, "difference")
        self.assertEqual(len(found), 2)
        for one in found:
            row = rows[one["setting"], "failout", "plain"]
            self.assertAlmostEqual(float(one["difference"]), float(row["difference"]), delta=1e-6)
            width = float(row["ci95_high"]) - float(row["ci95_low"])
            for end in ("low", "high"):
                self.assertAlmostEqual(float(one[f"difference_{end}"]), float(row[f"ci95_{end}"]), delta=0.12 * width)

    def test_a_file_without_bits_says_so(self):
        self.run_well("run", "--config", "small.ini", "--output", "out/none.h5", "--progress", "never", "--set", "campaign.per_sample_mib=0")
        with h5py.File(self.path("out", "none.h5")) as file:
            self.assertNotIn("right", file["experiments/sensors/models/plain"])
            self.assertNotIn("test_labels", file["experiments/sensors"])
        text = self.run_well("analyze", "out/none.h5", "--setting", "often", "--against", "plain").stdout
        for risk in results(text, "risk"):
            self.assertEqual(risk["noise"], "runs")
            self.assertNotIn("test_error", risk)
            self.assertAlmostEqual(float(risk["average_accuracy_high"]) - float(risk["average_accuracy"]), float(risk["average_accuracy_ci95"]),
                                   delta=2e-6)
        self.assertIn("the file keeps no bits of the test samples", text)
        row, = results(text, "difference")
        self.assertEqual(row["noise"], "runs")
        both, = results(self.run_well("analyze", "out/small.h5", "--setting", "often", "--against", "plain").stdout, "difference")
        self.assertEqual(row["difference"], both["difference"])
        self.assertEqual(row["training_error"], both["training_error"])

    def test_importance_of_nodes(self):
        text = self.run_well("analyze", "out/small.h5", "--model", "failout", "--setting", "often").stdout
        table = self.accuracy["failout"]
        game = {(n, m): equation_3(table, 1 if n else 0.9, 1 if m else 0.7).mean() for n in (0, 1) for m in (0, 1)}
        near, middle = results(text, "importance")
        self.assertAlmostEqual(float(near["shapley"]), (game[1, 0] - game[0, 0] + game[1, 1] - game[0, 1]) / 2, delta=1e-6)
        self.assertAlmostEqual(float(middle["shapley"]), (game[0, 1] - game[0, 0] + game[1, 1] - game[1, 0]) / 2, delta=1e-6)
        self.assertAlmostEqual(float(near["birnbaum"]), equation_3(table, 1, 0.7).mean() - equation_3(table, 0, 0.7).mean(), delta=1e-6)
        self.assertAlmostEqual(float(middle["improvement"]), game[0, 1] - game[0, 0], delta=1e-6)

    def test_a_setting_of_ones_own_with_nodes_that_fail_together(self):
        text = self.run_well("analyze", "out/small.h5", "--model", "plain", "--reliability", "near:190h/10h *:.8", "--group",
                             "rack near,middle:.99").stdout
        risk, = results(text, "risk")
        table = self.accuracy["plain"]
        expected = 0.99 * equation_3(table, 0.95, 0.8) + 0.01 * equation_3(table, 0, 0)
        self.assertAlmostEqual(float(risk["average_accuracy"]), expected.mean(), delta=1e-6)
        self.assertEqual(risk["setting"], "given")
        self.assertAlmostEqual(float(risk["nothing_flows"]), 0.99 * 0.05 * 0.2 + 0.01, places=9)

    def test_what_is_good_enough(self):
        text = self.run_well("analyze", "out/small.h5", "--model", "plain", "--setting", "often", "--at-least", "60", "--tail", "10").stdout
        risk, = results(text, "risk")
        chances = np.array([0.1 * 0.3, 0.9 * 0.3, 0.1 * 0.7, 0.9 * 0.7])
        expected = np.mean([chances[row >= 0.6].sum() for row in self.accuracy["plain"]])
        self.assertAlmostEqual(float(risk["good_enough"]), expected, delta=1e-6)
        self.assertRegex(text, r"P\(accuracy >= 60\.0 %\)")
        self.assertIn("mean of the worst 10 %", text)

    def test_bad_input_is_one_line(self):
        for options, words in (((), "no file given"), (("none.h5",), "none.h5"), (("out/small.h5", "--model", "plian"), "did you mean plain?"),
                               (("out/small.h5", "--against", "plian"), "--against plian: not in the file (did you mean plain?)"),
                               (("out/small.h5", "--setting", "x"), "not in the file (no_failure, often)"),
                               (("out/small.h5", "--reliability", "near:.9"), "says nothing of middle"),
                               (("out/small.h5", "--reliability", "near:.9 *:1", "--setting", "often"), "one of the two"),
                               (("out/small.h5", "--group", "rack nowhere:.9"), "--group: no node"), (("out/small.h5", "--tail", "0"), "--tail"),
                               (("out/small.h5", "--at-least", "101"), "--at-least")):
            done = self.deepfog("analyze", *options)
            self.assertEqual(done.returncode, 2, (options, done.stdout))
            self.assertIn(words, done.stderr)
            self.assertEqual(len(re.findall("\n", done.stderr)), 1, done.stderr)
            self.assertEqual(done.stdout, "", options)


if __name__ == "__main__":
    unittest.main()
