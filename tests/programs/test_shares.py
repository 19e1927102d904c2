"""A campaign done in shares, as the jobs of an array do it, and put together: the file that a run of the whole writes."""
import os
import signal
import unittest

import h5py

from harness import LIMIT_S, ProgramTest, kill_job, journal_records

CALL = ("run", "--config", "small.ini", "--progress", "never")


class SharesTest(ProgramTest):
    def share(self, k, n, output, **options):
        return self.start(*CALL, "--output", output, "--share", f"{k}/{n}", **options)

    def merge(self, output):
        return self.deepfog("merge", "--config", "small.ini", "--output", output)

    def test_shares_at_the_same_time_give_the_file_of_the_whole(self):
        whole = self.start(*CALL, "--output", "whole.h5")
        jobs = [self.share(k, 3, "out/merged.h5", ranks=2 if k == 1 else 0) for k in (1, 2, 3)]
        for job in (whole, *jobs):
            out, err = job.communicate(timeout=LIMIT_S)
            self.assertEqual(job.returncode, 0, out + err)
        self.assertIn("share 3 of 3 is done", err)
        self.assertIn("status=share", out)
        merged = self.merge("out/merged.h5")
        self.assertEqual(merged.returncode, 0, merged.stderr)
        self.assertIn("file=out/merged.h5 valid=1 status=complete", merged.stdout)
        self.assert_same_results("whole.h5", "out/merged.h5")
        self.run_well("verify", "out/merged.h5")
        with h5py.File(self.path("out", "merged.h5")) as file:
            shares = [session.attrs["share"].decode() for session in file["sessions"].values()]
            self.assertEqual(sorted(shares), ["1 of 3", "2 of 3", "3 of 3", "merge"])
            self.assertEqual(sorted(int(session.attrs["ranks"]) for session in file["sessions"].values()), [1, 1, 1, 2])
            self.assertIn(b"OMP_NUM_THREADS=1", file["sessions/0/environment"][()])
        self.assertEqual(sorted(os.listdir(self.path("out"))), ["merged.h5", "merged.h5.weights"])
        again = self.deepfog(*CALL, "--output", "out/merged.h5", "--share", "2/3")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("out/merged.h5 is complete and valid already", again.stderr)

    def test_a_killed_share_goes_on_and_a_stopped_one_says_how(self):
        journal = self.path("late.h5.shares", "1-of-1.h5.journal")
        job = self.share(1, 1, "late.h5")
        while "training" not in journal_records(journal):
            self.assertIsNone(job.poll())
        kill_job(job)
        job.communicate(timeout=LIMIT_S)
        missing = self.merge("late.h5")
        self.assertEqual(missing.returncode, 75, missing.stderr)
        self.assertRegex(missing.stderr, r"share 1 of 1: \d+ of 32 tasks are done; go on with --share 1/1")
        self.assertFalse(os.path.exists(self.path("late.h5")))
        job = self.share(1, 1, "late.h5")
        while journal_records(journal).count("training") < 2:
            self.assertIsNone(job.poll())
        second = self.deepfog(*CALL, "--output", "late.h5", "--share", "1/1")
        self.assertEqual(second.returncode, 2)
        self.assertIn("in use by another job", second.stderr)
        job.send_signal(signal.SIGUSR1)
        _, err = job.communicate(timeout=LIMIT_S)
        self.assertEqual(job.returncode, 75, err)
        self.assertIn("--share 1/1", err.split("resume with:")[1])
        whole = self.deepfog(*CALL, "--output", "late.h5")
        self.assertEqual(whole.returncode, 2)
        self.assertIn("this campaign is being done in shares", whole.stderr)

    def test_bad_input_is_one_line(self):
        for options, words in (((*CALL, "--share", "5/4"), "K/N, share K of N"),
                               ((*CALL, "--share", "a"), "--share: 'a'"),
                               (("merge", "--config", "small.ini", "--output", "none.h5"), "no shares of this campaign")):
            done = self.deepfog(*options)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
