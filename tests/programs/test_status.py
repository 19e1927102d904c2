"""`deepfog status` beside a campaign at work, of shares, of a finished one."""
import os
import re
import signal
import subprocess
import unittest

from harness import LIMIT_S, ProgramTest, journal_records

CALL = ("run", "--config", "small.ini", "--progress", "never")


class StatusTest(ProgramTest):
    def status(self, *arguments):
        return self.run_well("status", *arguments).stdout

    def test_beside_a_campaign_and_after_it(self):
        journal = self.path("out", "a.h5.journal")
        job = self.start(*CALL, "--output", "out/a.h5")
        while journal_records(journal).count("training") < 2:
            self.assertIsNone(job.poll())
        job.send_signal(signal.SIGSTOP)
        try:
            before = os.stat(journal).st_mtime_ns
            text = self.status("out/a.h5")
            trained = journal_records(journal).count("training")
            self.assertEqual(os.stat(journal).st_mtime_ns, before)
        finally:
            job.send_signal(signal.SIGCONT)
        self.assertEqual(sum(int(n) for n in re.findall(r"^ +sensors +\S+ +(\d) of 4", text, re.M)), trained)
        self.assertRegex(text, r"out/a\.h5: \d+ % of the runs, last task ")
        self.assertRegex(text, r"to now, or killed: 1 ranks on ")
        watched = subprocess.run(self.command("status", "out/a.h5", "--watch", "0.2"), capture_output=True, text=True, timeout=LIMIT_S, check=False,
                                 cwd=self.folder, env=self.environment)
        self.assertEqual(watched.returncode, 0, watched.stderr)
        self.assertEqual(job.wait(timeout=LIMIT_S), 0)
        job.communicate()
        self.assertIn("out/a.h5: complete, VALID\n", watched.stdout)
        self.assertEqual(self.status("out/a.h5").splitlines()[0], "out/a.h5: complete, VALID")

    def test_of_shares(self):
        for share in ("1/2", "2/2"):
            self.run_well(*CALL, "--output", "b.h5", "--share", share)
        text = self.status("b.h5")
        self.assertIn("b.h5: 100 % of the runs", text)
        self.assertIn(", 2 shares\n", text)
        self.assertEqual(re.findall(r"(\d of \d) +(\d of \d)", text), [("4 of 4", "4 of 4")] * 2)
        self.assertIn("share 2 of 2", text)

    def test_of_a_model_on_the_weights_of_another(self):
        with open(self.path("small.ini"), encoding="utf-8") as file:
            text = file.read()
        self.write("same.ini", text + "\n[model.sensors.same]\ntopology = three-nodes.topology\nweights_of = failout\n")
        said = self.run_well("run", "--config", "same.ini", "--dry-run").stdout
        self.assertIn("same: 0 training tasks (0 GFLOP), 12 sweep tasks", said)
        self.run_well("run", "--config", "same.ini", "--progress", "never", "--output", "c.h5", "--share", "1/1")
        text = self.status("c.h5")
        self.assertIn("c.h5: 100 % of the runs", text)
        self.assertRegex(text, r"(?m)^ +sensors +same +as failout +4 of 4 +-$")
        self.run_well("merge", "--config", "same.ini", "--output", "c.h5")
        self.run_well("run", "--config", "same.ini", "--progress", "never", "--output", "d.h5", ranks=2)
        self.assert_same_results("c.h5", "d.h5")

    def test_bad_input_is_one_line(self):
        self.write("none.h5.journal", "no journal")
        for options, words in (((), "no file given"), (("nothing.h5",), "no results file and no journal"), (("none.h5",), "not a DeepFog record log"),
                               (("nothing.h5", "--watch", "0"), "0.1 to 86400 seconds")):
            done = self.deepfog("status", *options)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
