"""How sure averages are: results by sample, the two-level bootstrap, which differences are more than noise."""
import os
import shutil
import tempfile
import unittest
from itertools import combinations
from math import factorial

import h5py
import numpy as np

import sample
import sample_right

# pylint: disable=wrong-import-order
import certainty
import certainty_figures
import correctness
import figures
import program
import report
import resilience
import results
import uncertainty


def effects(random, runs, samples, training, test, rest):
    """Crossed effects: what a run, a sample and both together do to a value, around 0."""
    return training * random.standard_normal((runs, 1)) + test * random.standard_normal((1, samples)) + rest * random.standard_normal((runs, samples))


class EstimatesTest(unittest.TestCase):
    def test_no_noise_leaves_no_interval(self):
        """Also where the draws differ by rounding, as sums of single precision do."""
        for value, runs, samples in ((0.75, 4, 50), (1 / 3, 1, 64), (0.1, 4, 32), (0.7, 2, 128), (1 / 12, 1, 19)):
            with self.subTest(value=value, runs=runs):
                found, = uncertainty.estimates(np.full((1, runs, samples), value), draws=200)
                self.assertAlmostEqual(found.mean, value)
                self.assertAlmostEqual(found.high - found.low, 0, places=6)
                self.assertAlmostEqual(0 if runs == 1 else found.training, 0, places=12)
                self.assertAlmostEqual(found.test, 0, places=12)

    def test_standard_errors_are_those_of_the_means(self):
        values = np.array([[[0.0, 1, 1, 1], [0, 0, 1, 1]]])
        found, = uncertainty.estimates(values)
        self.assertAlmostEqual(found.training, np.std([.75, .5], ddof=1) / np.sqrt(2))
        self.assertAlmostEqual(found.test, np.std([0, .5, 1, 1], ddof=1) / 2)
        self.assertAlmostEqual(found.mean, .625)

    def test_spread_of_the_draws_has_both_noises(self):
        random = np.random.default_rng(5)
        values = effects(random, 12, 400, .1, 1, 0)
        both, runs, samples = uncertainty.estimates(np.stack([values, values.mean(1, keepdims=True) + 0 * values, values.mean(0, keepdims=True) + 0 * values]))
        self.assertAlmostEqual(np.std(runs.draws), runs.training * np.sqrt(11 / 12), delta=.1 * runs.training)
        self.assertAlmostEqual(np.std(samples.draws), samples.test, delta=.1 * samples.test)
        self.assertAlmostEqual(np.std(both.draws), np.hypot(np.std(runs.draws), np.std(samples.draws)), delta=.1 * np.std(both.draws))

    def test_intervals_hold_the_truth_about_as_often_as_they_say(self):
        for runs, training in ((10, .2), (3, 1)):
            random, held = np.random.default_rng(7), 0
            for seed in range(150):
                found, = uncertainty.estimates(effects(random, runs, 60, training, 1, .5)[None], seed, 400)
                held += found.low <= 0 <= found.high
            self.assertGreater(held, .9 * 150, runs)
            self.assertLess(held, 150, runs)

    def test_runs_alone_give_students_interval(self):
        by_run = np.array([.5, .6, .75, .71])
        found, = uncertainty.estimates(np.repeat(by_run[:, None], 30, axis=1)[None], draws=20_000)
        mean, half = resilience.mean_interval(by_run)
        self.assertAlmostEqual((found.high - found.low) / 2, half, delta=.1 * half)

    def test_one_run_has_test_noise_alone(self):
        found, = uncertainty.estimates(np.array([[[0.0, 1, 1, 0, 1]]]), draws=300)
        self.assertTrue(np.isnan(found.training))
        self.assertLess(found.low, found.high)

    def test_a_seed_gives_the_same_draws_to_all_figures(self):
        values = np.random.default_rng(2).random((1, 3, 40))
        one, two = uncertainty.estimates(np.concatenate([values, values + .25]))
        np.testing.assert_allclose(two.draws - one.draws, .25, atol=1e-6)


class CorrectnessTest(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(1)
        self.rows = np.array([0, 1, 0, 2, 3, 3, 4, 5], dtype=np.int32)
        self.right = random.random((2, 5, 21)) < .7
        self.guess = random.random(21)
        self.of = correctness.Correctness(np.arange(2), np.packbits(self.right, axis=2, bitorder="little"), 21, self.guess, self.rows, None, 3)
        full = np.concatenate([np.broadcast_to(self.guess, (2, 1, 21)), self.right], axis=1)
        self.table = full[:, self.rows]  # [runs, combinations, samples]

    def test_expected_correctness_is_equation_3_of_every_sample(self):
        r = [.9, .8, .6]
        np.testing.assert_allclose(self.of.weighted(self.of.chances(r)), np.einsum("c,rcs->rs", resilience.combination_probabilities(r), self.table))

    def test_small_chunks_change_nothing(self):
        weights = self.of.hardening([.5, .6, .7])
        whole, counts = self.of.weighted(weights), self.of.counts()
        self.addCleanup(setattr, correctness, "CHUNK_BYTES", correctness.CHUNK_BYTES)
        correctness.CHUNK_BYTES = 42
        np.testing.assert_allclose(self.of.weighted(weights), whole)
        np.testing.assert_array_equal(self.of.counts(), counts)

    def test_hardening_is_the_shapley_value_of_its_game(self):
        r, nodes = np.array([.9, .5, .6]), range(3)
        mean = self.table.mean(axis=(0, 2))

        def game(chosen):
            return resilience.average(mean, np.where(np.isin(nodes, list(chosen)), 1, r))

        values = self.of.weighted(self.of.hardening(r)).mean(axis=(1, 2))
        for node in nodes:
            rest = [other for other in nodes if other != node]
            wanted = sum(factorial(size) * factorial(2 - size) / 6 * (game({*some, node}) - game(some)) for size in range(3) for some in combinations(rest, size))
            self.assertAlmostEqual(values[node], wanted, places=12)
        self.assertAlmostEqual(values.sum(), game(nodes) - game(()), places=12)


class TablesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = sample_right.add(sample.build(os.path.join(self.folder, "r.h5"), experiments=("camera",), runs=4))

    def test_means_are_the_averages_of_the_file(self):
        experiment, = results.read(self.path).experiments
        for model in experiment.models:
            for setting in experiment.settings:
                self.assertAlmostEqual(experiment.certainty.figure(setting, model).mean, model.average[setting].mean(), places=9)

    def test_a_model_is_not_told_apart_from_itself(self):
        with h5py.File(self.path, "r+") as file:
            models = file["experiments/camera/models"]
            models.copy("vanilla", "zz_again")
        experiment, = results.read(self.path).experiments
        vanilla, again = (next(model for model in experiment.models if model.name == name) for name in ("vanilla", "zz_again"))
        found = experiment.certainty.difference("poor", vanilla, again)
        self.assertEqual((found.mean, found.low, found.high, found.told_apart), (0, 0, 0, False))

    def test_tables_of_the_report(self):
        averages, differences, nodes = certainty.all_tables(results.read(self.path))
        self.assertEqual(len([row for row in averages.rows if row]), 12)
        marks = {(row[1], row[2]): row[5] for row in differences.rows if row}
        self.assertEqual(marks["Hazardous", "deepFogGuard + failout"], "")
        self.assertEqual(marks["No failure", "deepFogGuard"], "≈")
        pairs = [dict(zip(differences.csv_header, row)) for row in differences.csv_rows]
        self.assertEqual(len(pairs), 4 * 3)
        for pair in pairs:
            self.assertEqual(pair["told_apart"], int(float(pair["ci95_low"]) > 0 or float(pair["ci95_high"]) < 0))
        ranked = [row for row in nodes.rows if row and row[2] == "Vanilla"]
        self.assertEqual(sorted(row[3] for row in ranked), sorted(sample.CAMERA["nodes"].split()))
        shares = [float(row[5]) for row in ranked]
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertAlmostEqual(sum(float(row[nodes.csv_header.index("first_in")]) for row in nodes.csv_rows if "vanilla" in row), 1)

    def test_where_nothing_can_fail_no_node_is_ranked(self):
        content = results.read(self.path)
        content.experiments[0].nodes = []
        self.assertEqual(certainty.nodes(content, content.experiments).rows, [])
        self.assertEqual(len([row for row in certainty.averages(content, content.experiments).rows if row]), 12)

    def test_a_file_without_results_by_sample_has_no_such_tables(self):
        with h5py.File(self.path, "r+") as file:
            for model in file["experiments/camera/models"].values():
                del model["right"], model["right_row"]
        self.assertEqual(certainty.all_tables(results.read(self.path)), [])

    def test_the_picture_marks_what_may_be_noise(self):
        content = results.read(self.path)
        (name, draw), = certainty_figures.all_figures(content)
        panel = draw(content).axes[0]
        points = [line for line in panel.lines if line.get_marker() not in ("None", None, "")]
        self.assertEqual((name, len(points)), ("differences", 2 * 4))
        experiment, = content.experiments
        hollow = sum(not experiment.certainty.difference(setting, model, experiment.models[0]).told_apart
                     for setting in experiment.settings for model in experiment.models[1:])
        self.assertGreater(hollow, 0)
        self.assertEqual(sum(line.get_markerfacecolor() == "white" for line in points), hollow)
        self.assertTrue(figures.render(draw, content, "png").startswith(b"\x89PNG"))

    def test_unfinished_runs_are_left_out(self):
        path = sample_right.add(sample.build(os.path.join(self.folder, "half.h5"), experiments=("camera",), runs=4, done=2))
        experiment, = results.read(path).experiments
        self.assertEqual(experiment.certainty.runs, 2)

    def test_bits_that_do_not_count_up_make_the_file_invalid(self):
        with h5py.File(self.path, "r+") as file:
            file["experiments/camera/models/vanilla/right"][1, 2, 0] ^= 1
        code, out, _ = program.call(report.main, self.path, "--formats", "")
        self.assertEqual(code, 3)
        self.assertIn("camera/vanilla/right: does not count up to correct", out)

    def test_a_row_that_is_not_there_is_bad_input(self):
        with h5py.File(self.path, "r+") as file:
            file["experiments/camera/models/vanilla/right_row"][5] = 10_000
        code, _, err = program.call(report.main, self.path)
        self.assertEqual(code, 2)
        self.assertIn("right_row: leads to a row that is not there", err)


if __name__ == "__main__":
    unittest.main()
