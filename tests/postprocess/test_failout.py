"""The best failout rate of a sweep, and how sure it is."""
import os
import shutil
import tempfile
import unittest

import h5py
import numpy as np

import sample

# pylint: disable=wrong-import-order
import failout
import report
import results
import program

RATES = {"vanilla": 0.0, "deepfogguard": 0.1, "deepfogguard_failout": 0.3}


class FailoutTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "r.h5")

    def build(self, rates=None, **options):
        sample.build(self.path, experiments=("health",), **options)
        with h5py.File(self.path, "a") as file:
            for name, rate in (rates or RATES).items():
                file[f"experiments/health/models/{name}"].attrs["failout_rates"] = np.full(3, rate) if np.isscalar(rate) else np.array(rate)
        return results.read(self.path)

    def models(self, averages):
        """[(rate, model)] whose average accuracies of the setting "poor" are these rows."""
        content = self.build(runs=len(averages[0]))
        found = failout.sweeps(content.experiments[0])["x.topology"]
        for (_, model), row in zip(found, averages):
            model.average["poor"] = np.array(row)
        return found

    def test_three_rates_of_one_topology_are_a_sweep(self):
        found = failout.sweeps(self.build().experiments[0])
        self.assertEqual([(rate, model.name) for rate, model in found["x.topology"]], [(0.0, "vanilla"), (0.1, "deepfogguard"), (0.3, "deepfogguard_failout")])

    def test_other_models_are_none(self):
        self.assertEqual(failout.sweeps(self.build({"vanilla": 0.0, "deepfogguard": 0.1, "deepfogguard_failout": 0.1}).experiments[0]), {})
        os.remove(self.path)
        self.assertEqual(failout.sweeps(self.build({"vanilla": 0.0, "deepfogguard": 0.1, "deepfogguard_failout": (0.1, 0.2, 0.3)}).experiments[0]), {})
        self.assertEqual(failout.all_tables(results.read(self.path)), [])
        self.assertEqual(failout.all_figures(results.read(self.path)), [])

    def test_a_clear_winner_is_held_and_told_apart(self):
        best, held, alike, runs = failout.best_rate(self.models([[.80, .81, .79], [.90, .91, .89], [.85, .86, .84]]), "poor")
        self.assertEqual((best, held, alike, runs), (1, 1.0, [], 3))

    def test_noise_is_said(self):
        best, held, alike, _ = failout.best_rate(self.models([[.90, .80, .85, .70], [.80, .90, .80, .80], [.50, .50, .50, .50]]), "poor")
        self.assertEqual((best, alike), (1, [0]))
        self.assertTrue(0.4 < held < 0.9, held)

    def test_runs_are_paired(self):
        # Every run gains a point, though runs differ by thirty: told apart.
        best, held, alike, _ = failout.best_rate(self.models([[.60, .70, .90], [.61, .71, .91], [.50, .60, .80]]), "poor")
        self.assertEqual((best, held, alike), (1, 1.0, []))

    def test_one_run_says_nothing_of_certainty(self):
        self.assertEqual(failout.best_rate(self.models([[.6], [.7], [.5]]), "poor"), (1, None, [], 1))

    def test_the_report_has_table_figure_and_page(self):
        self.build(runs=3)
        code, out, err = program.call(report.main, self.path, "--formats", "png")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("What failout rate is best", out)
        folder = os.path.join(self.folder, "r-report")
        self.assertGreater(os.path.getsize(os.path.join(folder, "failout_rates.png")), 10_000)
        with open(os.path.join(folder, "failout_rates.csv"), encoding="utf-8") as file:
            rows = [line.split(",") for line in file.read().splitlines()]
        self.assertEqual(len(rows), 1 + 4 * 3)
        self.assertEqual(sum(int(row[rows[0].index("best")]) for row in rows[1:]), 4)
        with open(os.path.join(folder, "report.html"), encoding="utf-8") as file:
            self.assertIn("What failout rate is best", file.read())


if __name__ == "__main__":
    unittest.main()
