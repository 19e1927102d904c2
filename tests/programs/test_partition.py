"""deepfog partition whole: a small network on made-up images is trained, scored, cut in every way and swept; the numbers do not
depend on the number of ranks, a second call trains nothing, wrong input ends in one line."""
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

import h5py
import numpy as np

from harness import LIMIT_S, ROOT, ProgramTest, kill_job

CONFIG = """\
[partition]
name = tiny
output = out/tiny.h5
dataset = pictures
network = alexnet_small
epochs = 1
runs = 2
batch_size = 32
max_train_samples = 96
calibration = 8
search_images = 20
samples = 90
sweep_block = 16
memory = 8MiB

[experiment.d3]
devices = 3
reliability.no_failure = 1
reliability.poor = .8

[model.lop]
method = lop

[model.cdc]
method = cdc

[model.replicated]
method = replicated

[model.zero]
method = robustdice
threshold = 0

[model.huge]
method = robustdice
threshold = 1e9

[model.half]
method = robustdice
memory = 50%
front = 3
"""


class PartitionTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        script = os.path.join(ROOT, "data", "make_synthetic.py")
        subprocess.run([sys.executable, script, "cifar10", os.path.join(cls.data, "pictures.h5"), "--samples", "600"], check=True,
                       capture_output=True, timeout=LIMIT_S)
        cls.write("tiny.ini", CONFIG)
        cls.first = cls.deepfog("partition", "--config", "tiny.ini", ranks=2)

    def model(self, name, path="out/tiny.h5"):
        """(accuracy [runs, combinations], bytes [runs, devices], flow)"""
        with h5py.File(self.path(path)) as file:
            group = file[f"experiments/d3/models/{name}"]
            return group["accuracy"][:], group["partition/device_bytes"][:], group["flow"][:]

    def test_it_ends_well_and_says_so(self):
        self.assertEqual(self.first.returncode, 0, self.first.stdout + self.first.stderr)
        self.assertRegex(self.first.stdout, r"RESULT study=tiny file=out/tiny.h5 valid=1 status=complete seconds=")
        self.assertRegex(self.first.stdout, r"RESULT experiment=d3 partition=lop method=lop devices=3 device_bytes=[0-9]+ ")
        self.assertIn("SYNTHETIC", self.first.stdout)
        self.run_well("verify", "out/tiny.h5")

    def test_threshold_zero_keeps_everything_while_one_device_lives(self):
        """Full replication: under any failure that leaves a device the accuracy is that without failure, exactly."""
        for name in ("zero", "replicated"):
            accuracy, _, flow = self.model(name)
            np.testing.assert_array_equal(accuracy[:, 1:], np.repeat(accuracy[:, -1:], 7, axis=1))
            np.testing.assert_array_equal(flow, [0] + [1] * 7)
        np.testing.assert_array_equal(self.model("zero")[0], self.model("replicated")[0])

    def test_a_huge_threshold_takes_the_memory_of_lop(self):
        self.assertEqual(self.model("huge")[1].max(), self.model("lop")[1].max())

    def test_a_budget_is_kept(self):
        whole = self.model("replicated")[1].max()
        half = self.model("half")[1].max()
        self.assertLessEqual(half, whole / 2)
        self.assertGreater(half, self.model("lop")[1].max())

    def test_cdc_loses_nothing_with_one_device(self):
        accuracy, _, flow = self.model("cdc")
        for one in (0b011, 0b101, 0b110):
            np.testing.assert_array_equal(accuracy[:, one], accuracy[:, 0b111])
        np.testing.assert_array_equal(flow, [1] * 8)  # the spare never fails

    def test_all_are_the_same_network_without_failure(self):
        for name in ("cdc", "replicated", "zero", "huge", "half"):
            np.testing.assert_array_equal(self.model(name)[0][:, -1], self.model("lop")[0][:, -1])

    def test_the_averages_are_equation_3(self):
        accuracy = self.model("half")[0]
        expected = np.zeros(2)
        for combination in range(8):
            failed = 3 - bin(combination).count("1")
            expected += 0.8 ** (3 - failed) * 0.2 ** failed * accuracy[:, combination]
        with h5py.File(self.path("out/tiny.h5")) as file:
            np.testing.assert_allclose(file["experiments/d3/models/half/average_accuracy/poor"][:], expected, rtol=1e-12)

    def test_ranks_and_memory_change_no_number(self):
        for ranks, name in ((1, "one"), (3, "three")):
            self.run_well("partition", "--config", "tiny.ini", "--output", f"out/{name}.h5", ranks=ranks)
            for model in ("lop", "cdc", "half"):
                for mine, theirs in zip(self.model(model, f"out/{name}.h5"), self.model(model)):
                    np.testing.assert_array_equal(mine, theirs)

    def test_a_second_call_trains_nothing(self):
        networks = [self.path(f"out/tiny.h5.partitions/network.run{run}.h5") for run in range(2)]
        before = [os.stat(path).st_mtime_ns for path in networks]
        shutil.copy(self.path("out/tiny.h5"), self.path("out/before.h5"))
        self.run_well("partition", "--config", "tiny.ini", ranks=2)
        self.assertEqual(before, [os.stat(path).st_mtime_ns for path in networks])
        for name in ("lop", "half"):
            np.testing.assert_array_equal(self.model(name)[0], self.model(name, "out/before.h5")[0])

    def test_an_interrupted_study_goes_on(self):
        job = self.start("partition", "--config", "tiny.ini", "--output", "out/stopped.h5", "--set", "epochs=2000", "--progress", "always",
                         ranks=2)
        self.addCleanup(lambda: job.poll() is None and kill_job(job))
        said = job.stderr.readline()
        while said and not said.startswith("train"):
            said = job.stderr.readline()
        self.assertTrue(said, "ended before the first epoch")
        time.sleep(0.3)  # the other rank may be slower
        job.send_signal(signal.SIGUSR1)
        _, errors = job.communicate(timeout=LIMIT_S)
        self.assertEqual(job.returncode, 75, errors)
        self.assertIn("the same command goes on", errors)
        self.assertFalse(os.path.exists(self.path("out/stopped.h5")))

    def test_random_weights_have_no_accuracy(self):
        self.write("random.ini", "[partition]\nname = random\noutput = out/random.h5\ndataset = pictures\nnetwork = vgg_bn_small\n"
                                 "weights = random\ncalibration = 4\n[experiment.d4]\ndevices = 4\n[model.lop]\nmethod = lop\n"
                                 "[model.half]\nmethod = robustdice\nmemory = 50%\n")
        done = self.run_well("partition", "--config", "random.ini")
        self.assertIn("RANDOM weights: accuracy is not looked at", done.stdout)
        self.assertNotIn("accuracy=", done.stdout)
        self.assertFalse(os.path.exists(self.path("out/random.h5")))
        self.assertTrue(os.path.exists(self.path("out/random.h5.partitions/d4.half.run0.h5")))

    def test_scores_are_added_to_a_network_that_has_none(self):
        """A study of partitions without scores comes first; one by scores takes its network as it is."""
        study = ("[partition]\nname = later\noutput = out/later.h5\ndataset = pictures\nnetwork = alexnet_small\nepochs = 1\n"
                 "max_train_samples = 96\ncalibration = 4\nsamples = 30\n[experiment.d3]\ndevices = 3\nreliability.good = 1\n"
                 "[model.lop]\nmethod = lop\n")
        self.write("later.ini", study)
        self.run_well("partition", "--config", "later.ini")
        network = self.path("out/later.h5.partitions/network.run0.h5")
        with h5py.File(network) as file:
            self.assertNotIn("scores", file)
            weights, seconds = file["weights"][:], file.attrs["train_seconds"]
        self.write("later.ini", study + "[model.half]\nmethod = robustdice\nmemory = 50%\n")
        self.run_well("partition", "--config", "later.ini")
        with h5py.File(network) as file:
            self.assertEqual(file["scores/values"].shape[0], file["scores/neurons"][:].sum())
            np.testing.assert_array_equal(file["weights"][:], weights)
            self.assertEqual(file.attrs["train_seconds"], seconds)
        before = os.stat(network).st_mtime_ns
        self.run_well("partition", "--config", "later.ini")
        self.assertEqual(os.stat(network).st_mtime_ns, before)

    def test_dry_run_and_print_config_write_nothing(self):
        before = self.files()
        plan = self.run_well("partition", "--config", "tiny.ini", "--output", "out/dry.h5", "--dry-run").stdout
        self.assertIn("d3: 3 devices, 8 combinations, 6 partitions", plan)
        printed = self.run_well("partition", "--config", "tiny.ini", "--print-config").stdout
        self.assertRegex(printed, r"(?m)^memory = 50% +# tiny.ini:[0-9]+$")
        self.assertEqual(before, self.files())

    def test_wrong_input_is_one_line_and_leaves_nothing(self):
        self.run_well("run", "--config", "small.ini", "--set", "campaign.runs=1", "--output", "out/campaign.h5")
        before = self.files()
        # Beside mpirun's own report the first rank's line alone.
        for change, words in ((("dataset=sensors",), "images"), (("network=vgg",), "network = \"vgg\""),
                              (("experiment.d3.devices=16",), "has only 10 neurons"),
                              (("model.half.memory=3%",), "are too few (at least"),
                              (("dataset=nowhere",), "nowhere"), (("weights=data/pictures.h5",), "epochs without weights = train")):
            done = self.deepfog("partition", "--config", "tiny.ini", "--output", "out/wrong.h5", "--set", *change)
            self.assertEqual(done.returncode, 2, change[0] + done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn(words, done.stderr)
        done = self.deepfog("partition", "--config", "tiny.ini", "--output", "out/campaign.h5")
        self.assertEqual(done.returncode, 2)
        self.assertIn("has the results of a campaign", done.stderr)
        self.assertEqual(self.files(), before)


if __name__ == "__main__":
    unittest.main()
