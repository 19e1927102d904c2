"""Distributed runs of networks with early exits: tabled and drawn by exit."""
import unittest

import h5py
import numpy as np

import program
from report_case import ReportCase
import sample_inference
import inference_exits
import inference_figures
import report
import results

TEXT = "topology early\nexit local threshold=0.8  # first\n# exit nowhere\nexit cloud\nsummary s1\n"


def build(path, exits, variants=("no failure",), timeouts=(10000,), **how):
    """Rounds of four samples, by default of one phase, of which the given numbers of exits are repeated; how many samples."""
    sample_inference.build(path, variants=variants, timeouts=timeouts, **how)
    with h5py.File(path, "r+") as file:
        run = file["inference/study"]
        del run["topology/text"]
        run["topology/text"] = np.bytes_(TEXT)
        count = len(run["rounds/prediction"])
        run["rounds/exit"] = np.resize(np.array(exits, dtype=np.int64), count)
        for place, name in (("topology/text", "topology file"), ("rounds/exit", "exit that answered")):
            run[place].attrs.update({"units": np.bytes_("1"), "long_name": np.bytes_(name)})
    return count


class Case(ReportCase):
    def build(self, exits, **how):
        return build(self.path, exits, **how)

    def run_of(self, exits, **how):
        self.build(exits, **how)
        return results.read(self.path).inference[0]


class Reading(Case):
    def test_exits_and_the_last_of_each_round(self):
        run = self.run_of([0, 0, 0, 0, 0, 1, 0, 0])
        self.assertEqual(run.exits, ["local", "cloud"])
        last = inference_exits.last_exit(run)
        self.assertEqual(last[:4].tolist(), [0, 1, 0, 1])
        self.assertEqual([(name, len(values)) for name, values in inference_exits.latencies(run)], [("local", 10), ("cloud", 10)])

    def test_a_network_without_exits_has_none(self):
        sample_inference.build(self.path)
        self.assertEqual(results.read(self.path).inference[0].exits, [])
        self.assertNotIn("early exits", self.report())

    def test_an_exit_that_is_none(self):
        self.build([0, 2])
        self.assertIn("rounds/exit", self.report_refused())

    def report_refused(self):
        code, out, err = program.call(report.main, self.path, "--formats", "")
        self.assertEqual(code, 2, out)
        return err


class Shown(Case):
    def test_the_table_by_hand(self):
        count = self.build([0, 0, 0, 1])
        out = self.report()
        self.assertIn("early exits", out)
        rows = {row["exit"]: row for row in self.read_csv("inference_exits")}
        self.assertEqual((int(rows["local"]["samples"]), int(rows["cloud"]["samples"])), (count * 3 // 4, count // 4))
        self.assertAlmostEqual(float(rows["local"]["share"]), 0.75)
        self.assertEqual(rows["local"]["p50_us"], "", "every round has one sample that stayed")
        run = results.read(self.path).inference[0]
        right = (run.rounds["prediction"] == run.rounds["label"])[run.rounds["exit"] == 1]
        self.assertEqual(int(rows["cloud"]["correct"]), int(right.sum()))
        self.assertAlmostEqual(float(rows["cloud"]["p50_us"]), float(np.median(run.rounds["latency_us"])), places=3)

    def test_the_distribution_is_drawn_by_exit(self):
        run = self.run_of([0, 0, 0, 0, 0, 1, 0, 0])
        self.assertEqual([label for label, _ in inference_figures.series(run)], ["left at local", "left at cloud"])
        one = self.run_of([0])
        self.assertEqual([label for label, _ in inference_figures.series(one)], ["no failure@10000us"])


if __name__ == "__main__":
    unittest.main()
