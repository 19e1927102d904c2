"""kill -9 at random moments over the whole life of a campaign, its shares and merge, and a partition study (see kill_jobs.py):
the same command then gives the file that an undisturbed run gives, and repeats no finished task."""
import os
import shutil
import time
import unittest

import h5py

from harness import LIMIT_S, journal_records, kill_job
from kill_jobs import PHASES, KillCase

KILLS = 10


class KillTest(KillCase):
    def test_kills_in_every_phase(self):
        self.assertEqual(KILLS % len(PHASES), 0, "every phase has its turn")
        hits = self.spread(KILLS, time.time_ns())
        # The kills must have hit work, or nothing was tested.
        self.assertGreater(hits["tasks kept"], 0)

    def test_a_job_killed_again_and_again_comes_to_its_end(self):
        shutil.rmtree(self.path("out"), ignore_errors=True)
        call = ("run", "--config", "small.ini", "--output", "out/killed.h5", "--progress", "never")
        before = 0
        for attempt in range(100):
            job = self.start(*call, ranks=2)
            # Long enough to begin, a little longer every time, so that the end comes on any machine.
            deadline = time.monotonic() + LIMIT_S
            while job.poll() is None and time.monotonic() < deadline:
                if len(journal_records(self.path("out", "killed.h5.journal"))) >= before + 8:
                    break
                time.sleep(0.01)
            if job.poll() is not None:
                break
            kill_job(job)
            job.communicate(timeout=LIMIT_S)
            records = len(journal_records(self.path("out", "killed.h5.journal")))
            self.assertTrue(records > before or records == 0, (attempt, records, before))
            before = records
        out, errors = job.communicate(timeout=LIMIT_S)
        self.assertEqual(job.returncode, 0, out + errors)
        self.assertGreater(attempt, 1)
        self.assert_same_results("whole.h5", "out/killed.h5")
        with h5py.File(self.path("out", "killed.h5")) as file:
            self.assertEqual(file.attrs["status"].decode(), "complete")


if __name__ == "__main__":
    unittest.main()
