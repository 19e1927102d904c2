"""Networks cut over devices, run for real: every failure combination, deaths, lost messages and timeouts, each answer held
against the same network in one process.

DEEPFOG_CUT_CASE is the program that cuts a network with drawn weights; ctest sets it.
"""
import os
import subprocess
import unittest

import numpy as np

import infer_harness
from harness import LIMIT_S, PROGRAM, ProgramTest
from infer_harness import PACED, InferTest, kill, recovery_flags

CASE = os.environ.get("DEEPFOG_CUT_CASE", os.path.join(os.path.dirname(PROGRAM), "tests", "programs", "cut_case"))
DEVICES = ("d1", "d2", "d3", "d4")
SIDE, CLASSES = 16, 10
# Silence means death after a quarter of a second: the machine may be busy with other tests.
CALM = ("--limit", "250ms", "--heartbeat", "20ms", "--progress", "never", "--dataset", "images", "--check")
NETWORKS = {"lop": "vgg_bn_small", "robustdice": "convnext_small", "replicated": "alexnet_small", "cdc": "convnext_small"}


class CutTest(InferTest):
    @classmethod
    def setUpClass(cls):
        ProgramTest.setUpClass.__func__(cls)  # nothing is trained
        cls.recovery = recovery_flags()
        cls.make_data("images", "--sources", f"image:{3 * SIDE * SIDE}", "--classes", str(CLASSES), "--samples", "2000")
        for method, network in NETWORKS.items():
            subprocess.run([CASE, network, "3", str(SIDE), str(CLASSES), method, str(len(DEVICES)), cls.path(f"{method}.h5")],
                           check=True, capture_output=True, timeout=LIMIT_S)
            spare = ("spare",) if method == "cdc" else ()
            infer_harness.NODES[f"{method}.h5"] = (*DEVICES, *spare, "host")

    def run_to_results(self, method, *options):
        output = f"{method}-results.h5"
        done = self.infer(f"{method}.h5", "--output", output, *CALM, *options)
        measured = self.read(output, said=done.stdout + done.stderr)
        self.assertEqual(measured.ending, "complete", done.stderr)
        self.assertEqual(measured.attributes["unequal_rounds"], 0, done.stderr)
        self.assertEqual(measured.attributes["checked_rounds"], len(measured["rounds/round"]))
        return measured

    def walk(self, method, samples=12):
        """Predictions under each combination, [samples]; all were held against the network in one process."""
        measured = self.run_to_results(method, "--failures", "all", "--samples", str(samples), "--batch", "4")
        self.assertEqual(sorted(measured["phases/combination"]), list(range(16)))
        self.assert_every_sample(measured, phases=16)
        self.assertEqual(measured.attributes["rounds_off_plan"], 0)
        rows, found = measured.rows_of_rounds(), {}
        for row, phase in enumerate(measured["rounds/phase"]):
            place = found.setdefault(int(measured["phases/combination"][phase]), np.full(samples, -2))
            first = measured["rounds/first_sample"][row]
            place[first:first + measured["rounds/samples"][row]] = measured["rounds/prediction"][rows[row]:rows[row + 1]]
        return measured, found

    def carrying(self, measured):
        """Names of the links that carried messages."""
        return [name for name, messages in zip(measured["links/link"], measured["links/messages"]) if messages > 0]

    def test_contiguous_parts_under_every_combination(self):
        measured, found = self.walk("lop")
        self.assertTrue((found[0] == -1).all(), "nobody is left: guessed")
        self.assertTrue(all((found[alive] >= 0).all() for alive in range(1, 16)))
        self.assertGreater(len({tuple(found[alive]) for alive in range(1, 16)}), 4, "failures matter")
        exchanged = [name for name in self.carrying(measured) if not name.endswith("->host")]
        layers = len([name for name in measured["links/link"] if name.startswith("d1-in-")])
        self.assertEqual(len(exchanged), (layers - 1) * 12)

    def test_robust_parts_under_every_combination(self):
        _, found = self.walk("robustdice")
        self.assertTrue(all((found[alive] >= 0).all() for alive in range(1, 16)))
        self.assertGreater(len({tuple(found[alive]) for alive in range(1, 16)}), 2)

    def test_full_replication_loses_nothing_and_exchanges_nothing(self):
        measured, found = self.walk("replicated")
        for alive in range(1, 16):
            np.testing.assert_array_equal(found[alive], found[15])
        self.assertTrue(all(name.endswith("->host") for name in self.carrying(measured)))

    def test_the_spare_makes_up_for_one_device(self):
        measured, found = self.walk("cdc")
        for alive in (7, 11, 13, 14):
            np.testing.assert_array_equal(found[alive], found[15])
        self.assertTrue((found[0] == 0).all(), "the spare alone: all scores are zero")
        self.assertTrue(any((found[alive] != found[15]).any() for alive in (3, 5, 6, 9, 10, 12)))
        self.assertTrue((measured["nodes/resident_bytes"] > 1e6).all())

    def test_a_device_that_is_killed(self):
        job, ranks = self.start_infer("lop.h5", "killed.h5", *CALM, *PACED, "--samples", "200")
        kill(ranks[1])
        out, errors = self.finish(job)
        measured = self.read("killed.h5", said=out + errors)
        self.assertEqual(measured.ending, "complete", errors)
        self.assert_every_sample(measured)
        self.assertEqual(measured.attributes["unequal_rounds"], 0)
        silent = [name for name, reported in zip(measured["nodes/node"], measured["nodes/reported"]) if not reported]
        self.assertEqual(silent, ["d2"])
        observers = {measured["membership/observer"][row] for row in measured.transitions("d2")}
        self.assertEqual(observers, {"d1", "d3", "d4", "host"})
        self.assertTrue((measured["rounds/prediction"] >= 0).all())
        last = measured["rounds/used"][-1]
        self.assertFalse(any(flag and name.startswith("d2-") for name, flag in zip(measured["topology/links"], last)))

    def test_lost_messages_a_hang_and_a_crash(self):
        lines = ("lose d1-features-0->d3-in-features-4 rounds 0.. with .5", "lose d4-features-0->d3-in-features-4 rounds 0..",
                 "hang d2 round 20 for 400ms", "crash d4 round 60")
        fails = [word for line in lines for word in ("--fail", line)]
        measured = self.run_to_results("lop", *PACED, "--samples", "120", "--timeout", "10ms", *fails)
        self.assert_every_sample(measured)
        lost = dict(zip(measured["links/link"], measured["links/lost"]))
        self.assertGreater(lost["d1-features-0->d3-in-features-4"], 10)
        silent = [name for name, reported in zip(measured["nodes/node"], measured["nodes/reported"]) if not reported]
        self.assertEqual(silent, ["d4"])

    def test_the_timeout_study(self):
        measured = self.run_to_results("robustdice", "--timeout", "100us,2ms,10ms", "--variants", "none,d2", "--samples", "6")
        names = measured["phases/name"]
        self.assertEqual(names, ["no failure@100us", "no failure@2ms", "no failure@10ms", "d2 dead@100us", "d2 dead@2ms",
                                 "d2 dead@10ms"])
        latency = {name: np.median(measured["rounds/latency_us"][measured["rounds/phase"] == phase]) for phase, name in enumerate(names)}
        exchanges = 16  # of convnext_small, the host's included: each waits for the dead
        self.assertGreaterEqual(latency["d2 dead@2ms"], exchanges * 2000)
        self.assertGreaterEqual(latency["d2 dead@10ms"], exchanges * 10000)
        self.assertLess(latency["d2 dead@2ms"], latency["d2 dead@10ms"])
        late = measured["rounds/timed_out"].any(axis=1)
        self.assertTrue(late[measured["rounds/phase"] >= 3].all())

    def test_a_cut_network_is_told_before_it_runs(self):
        plan = self.run_well("infer", "--weights", "cdc.h5", "--dataset", "images", "--dry-run", "--failures", "all").stdout
        self.assertIn("convnext_small.cdc: 6 ranks a group, 16 phases", plan)
        self.assertEqual(self.run_well("infer", "--weights", "lop.h5", "--dataset", "images", "--print-ranks").stdout, "5\n")


if __name__ == "__main__":
    unittest.main()
