"""Equations 2 and 3, the sums by failed nodes and the t interval against hand-made and published numbers."""
import csv
import os
import time
import unittest

import numpy as np

import sample
import resilience

# Sum of p over combinations without flow, and their number: (skips, combinations, normal, poor, hazardous).
NO_FLOW = {"camera": [(False, 219, .016997, .040494, .272913), (True, 99, .000077, .000584, .030229)],
           "health": [(False, 7, .068608, .134464, .388000), (True, 3, .000992, .003936, .042000)]}
LOW = [.8, .8, .75, .7, .65, .65, .6, .6]
POSTER = [("poster_baseline_holdout", "medium", .8135), ("poster_baseline_holdout", "low", .7200), ("poster_baseline_val", "medium", .8097),
          ("poster_baseline_val", "low", .7159), ("poster_dropout_forHigh_holdout", "high", .9679),
          ("poster_dropout_forMedium_holdout", "medium", .8986), ("poster_dropout_forLow_holdout", "low", .8546)]


def data_file(name):
    """Path of a file of the real data, or None: DEEPFOG_DATA_DIR, then beside the checkout."""
    for folder in (os.environ.get("DEEPFOG_DATA_DIR"), os.path.join(sample.ROOT, "data", "cache"), os.path.join(sample.ROOT, "..", "shared", "data")):
        if folder and os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return None


class Equations(unittest.TestCase):
    def test_worked_example_of_the_paper(self):
        probabilities = resilience.combination_probabilities([.98, .98, .95, .94])
        self.assertAlmostEqual(probabilities[0b0111], .98 * .98 * .95 * .06, places=15)

    def test_every_combination_against_the_product(self):
        r = [.9, .85, .8, .35]
        for combination, value in enumerate(resilience.combination_probabilities(r)):
            self.assertAlmostEqual(value, sample.probability(combination, r), places=15)

    def test_probabilities_sum_to_one_and_certain_nodes_never_fail(self):
        self.assertAlmostEqual(resilience.combination_probabilities(LOW).sum(), 1, places=14)
        np.testing.assert_array_equal(resilience.combination_probabilities([1, 1, 1]), [0] * 7 + [1])

    def test_sixteen_nodes_at_once(self):
        start = time.monotonic()
        value = resilience.average(np.ones((10, 2 ** 16)), np.linspace(.5, .99, 16))
        self.assertLess(time.monotonic() - start, 0.5)
        np.testing.assert_allclose(value, np.ones(10), rtol=1e-12)

    def test_wrong_number_of_combinations_is_refused(self):
        with self.assertRaisesRegex(ValueError, "8 combinations, but 2 nodes have 4"):
            resilience.average(np.ones(8), [.5, .5])

    def test_probability_that_nothing_flows(self):
        for name, rows in NO_FLOW.items():
            for skips, count, *expected in rows:
                dead = 1 - sample.flow(sample.NETWORKS[name], skips)
                self.assertEqual(dead.sum(), count)
                for setting, value in zip(("normal", "poor", "hazardous"), expected):
                    self.assertAlmostEqual(resilience.average(dead, sample.NETWORKS[name]["settings"][setting]), value, places=6)

    def test_vertical_network_has_a_closed_form(self):
        accuracy = np.full(8, 1 / 12)
        accuracy[7] = .9512
        self.assertAlmostEqual(resilience.average(accuracy, [.90, .85, .80]), (1 - .388) * .9512 + .388 / 12, delta=1e-12)

    def test_the_authors_accuracies_give_the_authors_averages(self):
        path = data_file("poster_accuracies_per_combination.csv")
        if path is None:
            self.skipTest("poster_accuracies_per_combination.csv is not here: set DEEPFOG_DATA_DIR")
        with open(path, newline="", encoding="utf-8") as stream:
            header, *rows = csv.reader(stream)
        settings = {"high": sample.CAMERA["settings"]["poor"], "medium": sample.CAMERA["settings"]["hazardous"], "low": LOW}
        # The file writes f1 first; here f1 is the least significant bit.
        index = [sum(int(bit) << i for i, bit in enumerate(row[1])) for row in rows]
        self.assertEqual(sorted(index), list(range(256)))
        for column, setting, expected in POSTER:
            accuracy = np.empty(256)
            accuracy[index] = [float(row[header.index(column)]) for row in rows]
            self.assertAlmostEqual(resilience.average(accuracy, settings[setting]), expected, delta=5e-5, msg=f"{column} {setting}")


class FailedNodes(unittest.TestCase):
    def test_two_nodes_by_hand(self):
        # Combinations: none alive, node 0 alive, node 1 alive, both alive; two runs.
        accuracy = np.array([[.1, .4, .6, .9], [.1, .7, .5, .8]])
        best, mean, worst = resilience.by_failed_nodes(accuracy, 2)
        np.testing.assert_allclose(best, [[.9, .6, .1], [.8, .7, .1]])
        np.testing.assert_allclose(mean, [[.9, .5, .1], [.8, .6, .1]])
        np.testing.assert_allclose(worst, [[.9, .4, .1], [.8, .5, .1]])

    def test_counts_are_binomial(self):
        np.testing.assert_array_equal(np.bincount(resilience.failed_nodes(8)), [1, 8, 28, 56, 70, 56, 28, 8, 1])
        self.assertEqual(resilience.failed_nodes(3)[0b110], 1)


class Intervals(unittest.TestCase):
    def test_quantiles_of_printed_tables(self):
        for degrees, value in ((1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (9, 2.2622), (10, 2.2281), (30, 2.0423), (120, 1.9799)):
            self.assertAlmostEqual(resilience.student_t_quantile(.975, degrees), value, delta=5e-5)
        self.assertAlmostEqual(resilience.student_t_quantile(.95, 5), 2.0150, delta=5e-5)
        self.assertAlmostEqual(resilience.student_t_quantile(.5, 7), 0, delta=1e-12)
        with self.assertRaises(ValueError):
            resilience.student_t_quantile(.3, 4)

    def test_interval_by_hand(self):
        # Mean 3, standard deviation sqrt(2.5), five values: half width 2.7764 * sqrt(0.5).
        mean, half = resilience.mean_interval([1, 2, 3, 4, 5])
        self.assertEqual(mean, 3)
        self.assertAlmostEqual(half, 1.96324, delta=1e-5)

    def test_one_value_has_no_interval(self):
        self.assertEqual(resilience.mean_interval([.5]), (.5, None))


if __name__ == "__main__":
    unittest.main()
