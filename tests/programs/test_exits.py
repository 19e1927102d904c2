"""Networks with early exits run whole: any number of ranks, either engine and a killed job give the same tables of exits, which
add up; wrong input ends in one line."""
import os
import time
import unittest

import h5py
import numpy as np

from harness import LIMIT_S, ProgramTest, journal_records, kill_job

TOPOLOGY = """\
topology views
let CONV binary-conv
let LINEAR binary-linear
let CLOUD concat
source cam1 1x6x6
source cam2 1x6x6 channels-last
node d1 $CONV:2
stage s1 on d1 $LINEAR:3
node d2 $CONV:2
stage s2 on d2 $LINEAR:3
node gateway
stage local on gateway max
node edge mean $CONV:2
stage t on edge $LINEAR:3
node cloud $CLOUD $CONV:2 $LINEAR:3
link cam1 -> d1
link cam2 -> d2
link d1 -> s1
link d2 -> s2
link s1 -> local
link s2 -> local
link d1 -> edge
link d2 -> edge
link edge -> t
link edge -> cloud
exit local threshold=0.8
exit t threshold=0.7
exit cloud
summary s1
summary s2 loss=0.5
fails d1 d2 gateway edge
"""
CONFIG = """\
[campaign]
name = views
output = out/views.h5
runs = 2
sweep_block = 64

[experiment.views]
dataset = views
reliability.often = d1:.9 d2:.7 gateway:.8 edge:.9
epochs = 4
max_train_samples = 256
batch_size = 32
learning_rate = 0.02

[model.views.binary]
topology = views.topology

[model.views.half]
topology = views.topology
let.CONV = conv
let.LINEAR = norm-linear
exit_threshold = share 0.5

[model.views.failout]
topology = views.topology
training = failout
failout_rate = 0.2
exit_threshold = best

[model.views.without-d1]
topology = views.topology
train_without = d1
exit_threshold = 0.6
"""
MODELS = ("binary", "half", "failout", "without-d1")
RUN = ("run", "--config", "views.ini", "--progress", "never")


class ExitsTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_data("views", "--sources", "cam1:1x6x6,cam2:36", "--classes", "3", "--samples", "1400")
        cls.write("views.topology", TOPOLOGY)
        cls.write("views.ini", CONFIG)
        done = cls.deepfog(*RUN, "--output", "one.h5")
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.result_lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT experiment=")]

    def assert_same_exits(self, other):
        self.assert_same_results("one.h5", other)
        with h5py.File(self.path("one.h5")) as one, h5py.File(self.path(other)) as two:
            for model in MODELS:
                exits = one[f"experiments/views/models/{model}/exits"]
                tables = [name for name in exits if isinstance(exits[name], h5py.Dataset)]
                self.assertLessEqual({"answered", "correct", "curve_answered", "curve_correct", "alone", "thresholds"}, set(tables))
                for table in tables:
                    where = f"experiments/views/models/{model}/exits/{table}"
                    if one[where].dtype.kind != "O":
                        self.assertEqual(one[where][()].tobytes(), two[where][()].tobytes(), where)

    def test_any_number_of_ranks_and_either_engine(self):
        for ranks, options in ((2, ("--set", "engine=reference")), (3, ())):
            with self.subTest(ranks=ranks):
                done = self.run_well(*RUN, "--output", f"out/{ranks}.h5", *options, ranks=ranks)
                self.assertEqual([line for line in done.stdout.splitlines() if line.startswith("RESULT experiment=")], self.result_lines)
                self.assert_same_exits(f"out/{ranks}.h5")

    def test_a_killed_campaign_goes_on(self):
        call = (*RUN, "--output", "out/killed.h5")
        journal = self.path("out", "killed.h5.journal")
        job = self.start(*call)
        deadline = time.monotonic() + LIMIT_S
        while job.poll() is None and len(journal_records(journal)) < 6 and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertIsNone(job.poll(), "killed while at work, or nothing is tested")
        kill_job(job)
        job.communicate(timeout=LIMIT_S)
        self.assertTrue(os.path.exists(journal))
        done = self.run_well(*call)
        self.assertIn("resuming: ", done.stderr)
        self.assert_same_exits("out/killed.h5")

    def test_every_sample_is_answered_once(self):
        self.run_well("verify", "one.h5")
        with h5py.File(self.path("one.h5")) as file:
            experiment = file["experiments/views"]
            for model in MODELS:
                group = experiment["models"][model]
                flow, exits = group["flow"][()], group["exits"]
                samples = int(round(group["correct"][0, -1] / group["accuracy"][0, -1]))
                answered, correct = exits["answered"][()], exits["correct"][()]
                self.assertEqual(answered.shape, (2, 16, 3))
                np.testing.assert_array_equal(answered.sum(axis=2), np.tile(flow * samples, (2, 1)))
                np.testing.assert_array_equal(correct.sum(axis=2), group["correct"][()])
                curve = exits["curve_answered"][()]
                np.testing.assert_array_equal(curve.sum(axis=3), np.tile((flow * samples)[None, :, None], (2, 1, 21)))
                self.assertFalse(curve[:, :, 0, :2][:, [15]].any(), "nobody leaves early at the threshold 0")
                # Bit 2 is the gateway, bit 3 the edge: a dead one answers nothing.
                gateway_dead = [b for b in range(16) if not b & 4]
                edge_dead = [b for b in range(16) if not b & 8]
                self.assertFalse(answered[:, gateway_dead, 0].any())
                self.assertFalse(answered[:, edge_dead, 1:].any())
            self.assertGreater(experiment["models/half/accuracy"][:, -1].mean(), 0.4)

    def test_thresholds_are_as_asked_for(self):
        with h5py.File(self.path("one.h5")) as file:
            models = file["experiments/views/models"]
            thresholds = {model: models[model]["exits/thresholds"][()] for model in MODELS}
            np.testing.assert_allclose(thresholds["binary"], [[0.8, 0.7, 0.8]] * 2, rtol=1e-6)
            np.testing.assert_allclose(thresholds["without-d1"], [[0.6, 0.6, 0.8]] * 2, rtol=1e-6)
            grid = models["failout/exits/grid"][()]
            for value in thresholds["failout"][:, :2].flat:
                self.assertLess(np.abs(grid - value).min(), 1e-6)
            answered = models["half/exits/answered"][0, 15]
            self.assertAlmostEqual(answered[0] / answered.sum(), 0.5, delta=0.2)
            self.assertEqual(models["without-d1"].attrs["trained_without"].decode(), "d1")

    def test_bad_input(self):
        self.write("plain.topology", "topology plain\nsource cam1 36\nnode d1 relu:4\nnode d2 relu:4\nnode gateway relu:4\n"
                                     "node edge relu:4\nnode end linear:3\nlink cam1 -> d1\nlink d1 -> d2\nlink d2 -> gateway\n"
                                     "link gateway -> edge\nlink edge -> end\nfails d1 d2 gateway edge\n")
        cases = [
            (("[model.views.without-d1]\ntopology = views", "[model.views.without-d1]\ntopology = plain"),
             "bad.ini:33: exit_threshold for a topology without exits (exit STAGE in its file)"),
            (("let.CONV", "let.CONF"), "bad.ini:20: has no let \"CONF\" (a name that the topology lets)"),
            (("train_without = d1", "train_without = d3"), "bad.ini:32: train_without names \"d3\" (nodes: d1, d2, gateway, edge)"),
            (("share 0.5", "share 5"), "bad.ini:22: exit_threshold = \"share 5\" (a number from 0 to 1, share NUMBER, or best)"),
            (("let.CONV = conv", "let.CONV = convv"), "views.topology:7: "),
            (("runs = 2", "runs = 2\ntrainer = fused"), "views.topology: trainer = fused knows dense layers and sums only"),
            (("epochs = 4", "epochs = 4\nnormalise = standard"), "views.topology: normalise = standard hides which views are missing"),
        ]
        before = self.files()
        for (old, new), message in cases:
            with self.subTest(message):
                self.assertIn(old, CONFIG)
                self.write("bad.ini", CONFIG.replace(old, new, 1))
                done = self.deepfog("run", "--config", "bad.ini")
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
                self.assertIn(message, done.stderr)
        self.assertEqual(set(self.files()) - set(before), {"bad.ini"})


if __name__ == "__main__":
    unittest.main()
