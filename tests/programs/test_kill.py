"""kill -9 of the whole job at random moments; the same command then gives the file an undisturbed run gives, and repeats
no finished unit."""
import os
import random
import re
import shutil
import time
import unittest

import h5py

from harness import LIMIT_S, UNITS, ProgramTest, journal_records, kill_job

KILLS = 20
RUNS = [(model, run) for model in ("plain", "failout") for run in range(4)]


class KillTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        begin = time.monotonic()
        done = cls.deepfog("run", "--config", "small.ini", "--output", "whole.h5", ranks=2)
        cls.undisturbed_s = time.monotonic() - begin
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def weights(self):
        """(inode, time of change) of each run's weights: a training that is repeated writes the file anew."""
        found = {}
        for model, run in RUNS:
            name = self.path("out", "killed.h5.weights", f"sensors.{model}.run{run}.h5")
            if os.path.exists(name):
                status = os.stat(name)
                found[model, run] = (status.st_ino, status.st_mtime_ns)
        return found

    def kill_and_resume(self, ranks, after_s):
        """Units that were done when the job was killed."""
        shutil.rmtree(self.path("out"), ignore_errors=True)
        call = ("run", "--config", "small.ini", "--output", "out/killed.h5", "--progress", "never")
        job = self.start(*call, ranks=ranks)
        time.sleep(after_s)
        kill_job(job)
        job.communicate(timeout=LIMIT_S)
        records = journal_records(self.path("out", "killed.h5.journal"))
        finished = job.returncode == 0 or os.path.exists(self.path("out", "killed.h5")) and not records
        trained = records.count("training")
        before = self.weights()
        done = self.deepfog(*call, ranks=ranks)
        self.assertEqual(done.returncode, 0, done.stderr)
        units = sum(kind in ("training", "sweep") for kind in records)
        resumed = re.search(rf"resuming: (\d+) of {UNITS} units are done already", done.stderr)
        if not finished:
            self.assertEqual(int(resumed[1]) if resumed else 0, units, done.stderr)
        after = self.weights()
        kept = [run for run in before if after[run] == before[run]]
        # Weights may be there whose record was not written any more; never the other way round.
        self.assertGreaterEqual(len(kept), trained)
        self.assert_same_results("whole.h5", "out/killed.h5")
        self.assertFalse(os.path.exists(self.path("out", "killed.h5.journal")))
        return units

    def test_twenty_kills(self):
        draw = random.Random(time.time_ns())
        units = []
        for kill in range(KILLS):
            ranks, after_s = 1 + kill % 3, draw.uniform(0.1, 1.1 * self.undisturbed_s)
            with self.subTest(kill=kill, ranks=ranks, after_s=after_s):
                units.append(self.kill_and_resume(ranks, after_s))
        # The kills must have hit the work, or nothing was tested.
        self.assertGreaterEqual(sum(0 < count < UNITS for count in units), 3, units)

    def test_a_job_killed_again_and_again_comes_to_its_end(self):
        shutil.rmtree(self.path("out"), ignore_errors=True)
        call = ("run", "--config", "small.ini", "--output", "out/killed.h5", "--progress", "never")
        before = 0
        for attempt in range(100):
            job = self.start(*call, ranks=2)
            # Long enough to begin, a little longer every time, so that the end comes on any machine.
            deadline = time.monotonic() + LIMIT_S
            while job.poll() is None and time.monotonic() < deadline:
                if len(journal_records(self.path("out", "killed.h5.journal"))) >= before + 4:
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
        self.assertGreater(attempt, 2)
        self.assert_same_results("whole.h5", "out/killed.h5")
        with h5py.File(self.path("out", "killed.h5")) as file:
            self.assertEqual(file.attrs["status"].decode(), "complete")


if __name__ == "__main__":
    unittest.main()
