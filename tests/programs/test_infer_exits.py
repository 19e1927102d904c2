"""A network with early exits, run for real: every answer and every exit held against the same network in one process and against
the counts of the campaign that trained it, for all failure combinations; bytes and shares; a killed device; packed kernels."""
import os
import re
import unittest

import h5py
import numpy as np

import infer_harness
from harness import ProgramTest
from infer_harness import InferTest, recovery_flags
from test_exits import TOPOLOGY

CONFIG = """\
[campaign]
name = views
output = views.h5
runs = 1
sweep_block = 64

[experiment.views]
dataset = views
reliability.often = d1:.9 d2:.7 gateway:.8 edge:.9
epochs = 5
max_train_samples = 400
batch_size = 32
learning_rate = 0.01

[model.views.binary]
topology = views.topology
exit_threshold = share 0.4
"""
WEIGHTS = "views.h5.weights/views.binary.run0.h5"
NODES = ("d1", "d2", "gateway", "edge", "cloud")
CALM = ("--limit", "250ms", "--heartbeat", "20ms", "--progress", "never", "--check")


class InferExitsTest(InferTest):
    @classmethod
    def setUpClass(cls):
        ProgramTest.setUpClass.__func__(cls)
        cls.recovery = recovery_flags()
        cls.make_data("views", "--sources", "cam1:1x6x6,cam2:36", "--classes", "3", "--samples", "900")
        cls.write("views.topology", TOPOLOGY)
        cls.write("views.ini", CONFIG)
        done = cls.deepfog("run", "--config", "views.ini", "--progress", "never")
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        infer_harness.NODES[WEIGHTS] = NODES

    def measured(self, output, *options):
        done = self.infer(WEIGHTS, "--output", output, *CALM, *options)
        run = self.read(output, said=done.stdout + done.stderr)
        self.assertEqual(run.ending, "complete", done.stderr)
        self.assertEqual(run.attributes["unequal_rounds"], 0, done.stderr)
        return run, done.stdout

    def test_all_combinations_as_the_campaign_counted_them(self):
        run, _ = self.measured("all.h5", "--failures", "all", "--batch", "30")
        self.assertEqual(run.attributes["rounds_off_plan"], 0)
        with h5py.File(self.path("views.h5")) as file:
            model = file["experiments/views/models/binary"]
            flow, correct, answered = model["flow"][()], model["correct"][0], model["exits/answered"][0]
        rows = run.rows_of_rounds()
        counted = np.zeros((16, 4), dtype=np.int64)
        for number, phase in enumerate(run["rounds/phase"]):
            combination = int(run["phases/combination"][phase]) & 15
            counted[combination, 0] += run["rounds/correct"][number]
            for exit_of_sample in run["rounds/exit"][rows[number]:rows[number + 1]]:
                if exit_of_sample >= 0:
                    counted[combination, 1 + exit_of_sample] += 1
        for combination in np.flatnonzero(flow):
            self.assertEqual(counted[combination].tolist(), [correct[combination], *answered[combination]], f"combination {combination}")
        self.assertTrue((counted[15, 1:] > 0).all(), "samples leave at every exit")

    def test_shares_bytes_and_packed_kernels(self):
        run, said = self.measured("one.h5", "--samples", "60")
        packed, _ = self.measured("packed.h5", "--samples", "60", "--kernels", "packed")
        self.assertEqual(run["rounds/prediction"].tolist(), packed["rounds/prediction"].tolist())
        self.assertEqual(run["rounds/exit"].tolist(), packed["rounds/exit"].tolist())
        shares = np.bincount(run["rounds/exit"], minlength=3) / 60
        told = re.findall(r"^RESULT .* exit=(\S+) samples=\d+ share=([\d.]+) ", said, re.M)
        self.assertEqual([name for name, _ in told], ["local", "t", "cloud"])
        np.testing.assert_allclose([float(share) for _, share in told], shares, atol=1e-6)
        sent, formula = map(float, re.search(r"device_bytes_per_sample=([\d.]+) formula=([\d.]+)", said).groups())
        # 3 floats, and 18 bits of the samples that stay at the first exit.
        self.assertAlmostEqual(formula, 12 + (1 - shares[0]) * 18 / 8, places=2)
        # A bitmap and the last byte's rest; what is answered early may never be sent.
        self.assertLess(abs(sent - formula), 3)
        self.assertGreaterEqual(sent, 12)

    def test_a_threshold_of_the_call(self):
        run, _ = self.measured("all-leave.h5", "--samples", "40", "--batch", "20", "--exit-threshold", "1")
        self.assertEqual(set(run["rounds/exit"]), {0})
        self.assertEqual(run.attributes["exit_threshold"], 1)

    def test_a_killed_device_and_a_killed_gateway(self):
        run, _ = self.measured("killed.h5", "--samples", "60", "--fail", "crash d1 round 15", "--fail", "crash gateway round 35")
        self.assertLessEqual({"d1", "gateway"}, set(run["membership/peer"]))
        self.assertEqual(len(run["rounds/round"]), 60)
        self.assertNotIn(0, run["rounds/exit"][-20:], "nobody leaves where nobody is")

    def test_bad_input(self):
        done = self.infer(WEIGHTS, "--exit-threshold", "1.5", "--output", "no.h5", recovery=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("exit-threshold", done.stderr.replace("_", "-"))
        self.assertFalse(os.path.exists(self.path("no.h5")))


if __name__ == "__main__":
    unittest.main()
