"""Layers beyond dense ones, run whole: images and series over real ranks answer as the simulated network does, any number of
ranks and either engine give the same tables, and the config of the paper's future work runs."""
import os
import subprocess
import sys
import unittest

import h5py

from harness import LIMIT_S, ROOT, ProgramTest
from infer_harness import CALM, Measured, recovery_flags

IMAGES = """\
topology pictures
let SUM add
source image 3x8x8
node a conv3:4/2 separable:6/2
node b $SUM dropout:0.1                  # has no weights
node c $SUM residual-conv:8/2
node cloud $SUM pool residual:8 linear:3
link image -> a
link a -> b
link b -> c
link c -> cloud
link image -> b skip expand=pool
link a -> c skip
link b -> cloud skip expand=pool
fails a b c
"""
SERIES = """\
topology moves
let SUM add
source iot 3x1x8
node a gru:6
node b $SUM gru:6
node c $SUM gru:6
node cloud $SUM gru:8 last linear:3
link iot -> a
link a -> b
link b -> c
link c -> cloud
link iot -> b skip
link a -> c skip
link b -> cloud skip
fails a b c
"""
CONFIG = """\
[campaign]
name = layers
output = one.h5
runs = 1
sweep_block = 64
""" + "".join(f"""
[experiment.{name}]
dataset = {name}
reliability.often = a:.9 b:.7 c:.8
epochs = 3
max_train_samples = 300
learning_rate = 0.01

[model.{name}.plain]
topology = {name}.topology

[model.{name}.failout]
topology = {name}.topology
let.SUM = rescale
training = failout
failout_setting = often
""" for name in ("pictures", "moves"))
RUN = ("run", "--config", "layers.ini", "--progress", "never")
TINY = ("runs=1", "experiment.health.epochs=1", "experiment.health.max_train_samples=256", "experiment.camera.epochs=1",
        "experiment.cifar10.epochs=1", "experiment.cifar10.max_train_samples=64", "experiment.mhealth-windows.epochs=1",
        "experiment.mhealth-windows.max_train_samples=64")


def results(text):
    return [line for line in text.splitlines() if line.startswith("RESULT experiment=")]


class LayersTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_data("pictures", "--sources", "image:3x8x8", "--classes", "3", "--samples", "1000")
        cls.make_data("moves", "--sources", "iot:3x1x8", "--classes", "3", "--samples", "1000")
        cls.write("pictures.topology", IMAGES)
        cls.write("moves.topology", SERIES)
        cls.write("layers.ini", CONFIG)
        done = cls.deepfog(*RUN)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.lines = results(done.stdout)

    def test_any_number_of_ranks_and_either_engine(self):
        self.assertEqual(len(self.lines), 4)
        done = self.run_well(*RUN, "--output", "two.h5", "--set", "engine=reference", ranks=2)
        self.assertEqual(results(done.stdout), self.lines)
        self.assert_same_results("one.h5", "two.h5")

    def test_real_ranks_answer_as_the_simulated_network(self):
        for name in ("pictures", "moves"):
            for model in ("plain", "failout"):
                with self.subTest(f"{name} {model}"):
                    output, weights = f"{name}-{model}.h5", f"one.h5.weights/{name}.{model}.run0.h5"
                    call = self.command("infer", "--weights", weights, "--output", output, "--failures", "all", "--check",
                                        "--batch", "16", *CALM, ranks=4)
                    done = subprocess.run([*call[:3], *recovery_flags(), *call[3:]], capture_output=True, text=True, check=False,
                                          timeout=LIMIT_S, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL)
                    self.run_well("verify", output)
                    measured = Measured(self.path(output))
                    self.assertEqual((measured.ending, measured.attributes["unequal_rounds"]), ("complete", 0), done.stderr)
                    self.assertEqual(measured.attributes["checked_rounds"], 8 * 7)
                    self.assert_counts_of_the_campaign(measured, name, model)

    def assert_counts_of_the_campaign(self, measured, experiment, model):
        """Near ties may be seen the other way round in batches of another size."""
        with h5py.File(self.path("one.h5")) as file:
            correct = file["experiments"][experiment]["models"][model]["correct"][0]
        for phase, combination in enumerate(measured["phases/combination"]):
            own = measured["rounds/correct"][measured["rounds/phase"] == phase].sum()
            if combination != 0:  # nothing flows: guessed
                self.assertLessEqual(abs(int(own) - int(correct[combination])), 1, combination)

    def test_the_config_of_the_future_work(self):
        maker = os.path.join(ROOT, "data", "make_synthetic.py")
        for name, samples in (("mhealth", 1000), ("camera", 300), ("cifar10", 400), ("mhealth-windows", 3000)):
            subprocess.run([sys.executable, maker, name, os.path.join(self.data, name + ".synthetic.h5"), "--samples", str(samples)],
                           check=True, capture_output=True, timeout=LIMIT_S)
        config = os.path.join(ROOT, "configs", "future-work.ini")
        done = self.run_well("run", "--config", config, "--output", "future.h5", "--progress", "never",
                             *(word for setting in TINY for word in ("--set", setting)))
        self.run_well("verify", "future.h5")
        self.assertEqual(len(results(done.stdout)), 4 * (8 + 8 + 5 + 5))
        with h5py.File(self.path("future.h5")) as file:
            text = file["experiments/health/models/reliability-weighted/topology_text"][()]
        text = text.decode() if isinstance(text, bytes) else str(text)
        # Into f1: f2 (.85) and e1 (.80), two inputs.
        self.assertIn(f"link e1 -> f1 skip weight={2 * .8 / 1.65!r}\n", text)


if __name__ == "__main__":
    unittest.main()
