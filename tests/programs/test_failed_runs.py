"""One bad run: a model that diverges, alone or beside models on its weights, in a whole campaign, in shares, in a partition study.
The others are finished, the failed ones are named everywhere, and what does not depend on a change is kept."""
import os
import subprocess
import sys
import unittest

import h5py

from harness import LIMIT_S, ROOT, ProgramTest, journal_records

SET = ("--progress", "never", "--set", "campaign.runs=2", "experiment.sensors.epochs=4", "experiment.sensors.optimiser=sgd")
BAD = "model.sensors.failout.learning_rate=1000"


class FailedRunsTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(cls.path("small.ini"), encoding="utf-8") as file:
            text = file.read()
        cls.write("borrowed.ini", text + "\n[model.sensors.same]\ntopology = three-nodes.topology\nweights_of = failout\n")

    def run_it(self, output, *changes, config="small.ini", options=(), ranks=0):
        return self.deepfog("run", "--config", config, "--output", output, *options, *SET, *changes, ranks=ranks)

    def state(self, output):
        """(words of the last line of status, exit code and first line of verify)"""
        said = self.run_well("status", output).stdout.splitlines()[-1]
        verified = self.deepfog("verify", output)
        return dict(word.split("=") for word in said.split()[1:]), verified.returncode, verified.stdout.splitlines()[0]

    def kept(self, output, model="plain"):
        return [os.stat(self.path(output + ".weights", f"sensors.{model}.run{run}.h5")).st_mtime_ns for run in range(2)]

    def test_the_others_are_finished_and_a_mended_model_is_done_alone(self):
        done = self.run_it("a.h5", BAD, config="borrowed.ini", ranks=2)
        self.assertEqual(done.returncode, 1, done.stderr)
        for model, words in (("failout", "training: training diverged"), ("same", "model failout, whose weights it takes: ")):
            self.assertIn(f"FAILED: experiment sensors, model {model}, run 1: {words}", done.stderr)
        self.assertIn("RESULT experiment=sensors model=plain ", done.stdout)
        self.assertNotIn("model=failout", done.stdout)
        self.assertRegex(done.stdout, r"RESULT campaign=small file=a\.h5 valid=0 status=failed-runs seconds=[0-9.]+ failed_runs=4\n")
        words, code, first = self.state("a.h5")
        self.assertEqual((words["status"], words["done"], words["failed_runs"]), ("failed-runs", "2", "4"))
        self.assertEqual((code, first), (1, "a.h5: COMPLETE WITH FAILED RUNS"))
        with h5py.File(self.path("a.h5")) as file:
            self.assertIn(b"run 0: training: training diverged", file["experiments/sensors/models/failout"].attrs["failed_runs"])
            self.assertEqual(list(file["experiments/sensors/models/plain/done"]), [1, 1])
        before, records = self.kept("a.h5"), journal_records(self.path("a.h5.journal"))
        again = self.run_it("a.h5", BAD, config="borrowed.ini")
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertEqual(journal_records(self.path("a.h5.journal")).count("failed"), records.count("failed"), "tried again unasked")
        self.run_it("a.h5", BAD, config="borrowed.ini", options=("--retry",))
        self.assertEqual(journal_records(self.path("a.h5.journal")).count("failed"), 2 * records.count("failed"))
        mended = self.run_it("a.h5", config="borrowed.ini")
        self.assertEqual(mended.returncode, 0, mended.stderr)
        self.assertIn("model failout of sensors has changed, model same of sensors has changed", mended.stderr)
        self.assertEqual(self.kept("a.h5"), before, "a finished run was repeated")
        self.assertFalse(os.path.exists(self.path("a.h5.journal")))
        self.assertEqual(self.run_it("fresh.h5", config="borrowed.ini").returncode, 0)
        self.assert_same_results("fresh.h5", "a.h5")
        self.assertEqual(self.state("a.h5")[1:], (0, "a.h5: VALID"))

    def test_a_model_may_be_taken_out_and_others_added(self):
        first = self.run_it("b.h5", BAD, "campaign.trainer=fused")
        self.assertEqual(first.returncode, 1, first.stderr)
        before = self.kept("b.h5")
        refused = self.run_it("b.h5", BAD, "campaign.trainer=fused", "campaign.seed=2")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("campaign.seed: 1 -> 2", refused.stderr)
        with open(self.path("small.ini"), encoding="utf-8") as file:
            text = file.read().split("[model.sensors.failout]")[0]
        self.write("other.ini", text + "[model.sensors.third]\ntopology = three-nodes.topology\n")
        done = self.run_it("b.h5", "campaign.trainer=fused", config="other.ini")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("model failout of sensors is gone, model third of sensors is new", done.stderr)
        self.assertEqual(self.kept("b.h5"), before)
        self.run_it("fresh_b.h5", "campaign.trainer=fused", config="other.ini")
        self.assert_same_results("fresh_b.h5", "b.h5")

    def test_shares(self):
        def share(k, *changes):
            return self.run_it("c.h5", *changes, options=("--share", f"{k}/2"))

        def merge(*changes):
            return self.deepfog("merge", "--config", "small.ini", "--output", "c.h5", *SET[2:], *changes)

        codes = [share(k, BAD).returncode for k in (1, 2)]
        self.assertEqual(max(codes), 1)
        merged = merge(BAD)
        self.assertEqual(merged.returncode, 1, merged.stderr)
        self.assertIn("valid=0 status=failed-runs", merged.stdout)
        self.assertEqual(self.state("c.h5")[1], 1)
        before = self.kept("c.h5")
        self.assertEqual(merge().returncode, 75, "the mended model is still to be done")
        done = [share(k) for k in (1, 2)]
        self.assertEqual([one.returncode for one in done], [0, 0], done[0].stderr + done[1].stderr)
        self.assertRegex(done[1].stdout, r"^RESULT campaign=small file=c\.h5\.shares/2-of-2\.h5 valid=unknown status=share seconds=")
        verified = self.deepfog("verify", "c.h5.shares/2-of-2.h5")
        self.assertEqual((verified.returncode, verified.stdout.splitlines()[0]), (75, "c.h5.shares/2-of-2.h5: UNFINISHED (share)"))
        merged = merge()
        self.assertEqual(merged.returncode, 0, merged.stderr)
        self.assertEqual(self.kept("c.h5"), before)
        self.run_it("fresh_c.h5")
        self.assert_same_results("fresh_c.h5", "c.h5")

    def test_a_partition_study(self):
        script = os.path.join(ROOT, "data", "make_synthetic.py")
        subprocess.run([sys.executable, script, "cifar10", os.path.join(self.data, "pictures.h5"), "--samples", "300"], check=True,
                       capture_output=True, timeout=LIMIT_S)
        self.write("cut.ini", "[partition]\nname = cut\noutput = cut.h5\ndataset = pictures\nnetwork = alexnet_small\nepochs = 1\n"
                              "max_train_samples = 64\ncalibration = 4\nsamples = 30\nsearch_images = 10\n[experiment.d3]\ndevices = 3\n"
                              "reliability.good = 1\n[model.lop]\nmethod = lop\n[model.best]\nmethod = robustdice\naccuracy = 1\n")
        call = ("partition", "--config", "cut.ini")
        done = self.deepfog(*call, ranks=2)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("FAILED: experiment d3, model best, run 0: ", done.stderr)
        self.assertIn("RESULT experiment=d3 partition=lop", done.stdout)
        self.assertNotIn("partition=best", done.stdout)
        self.assertRegex(done.stdout, r"RESULT study=cut file=cut\.h5 valid=0 status=failed-runs seconds=[0-9.]+ failed_runs=1\n")
        self.assertEqual(self.deepfog("verify", "cut.h5").returncode, 1)
        network = os.stat(self.path("cut.h5.partitions", "network.run0.h5")).st_mtime_ns
        self.run_well(*call, "--set", "model.best.accuracy=0.01")
        self.assertEqual(os.stat(self.path("cut.h5.partitions", "network.run0.h5")).st_mtime_ns, network)
        diverged = self.deepfog(*call, "--output", "worse.h5", "--set", "learning_rate=1000", "optimiser=sgd", "batch_size=8",
                                "epochs=9")
        self.assertEqual(diverged.returncode, 1, diverged.stdout + diverged.stderr)
        self.assertIn("model lop, run 0: training: training diverged", diverged.stderr)
        self.assertEqual(self.deepfog("verify", "worse.h5").returncode, 1)


if __name__ == "__main__":
    unittest.main()
