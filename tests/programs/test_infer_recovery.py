"""Runs that lose all their ranks, or mpirun, or somebody before the first round: a file or a line in time, and nothing measured lost."""
import os
import shutil
import signal
import subprocess
import time
import unittest
from unittest import mock

from harness import LIMIT_S, PROGRAM, ROOT, alive, kill_job, processes_below
from infer_harness import CALM, PACED, THREE, InferTest, kill, ranks_of, recovery_flags, rounds_in

NOT_ALL = "deepfog: error: the ranks did not all come to the start within 3 s"
LOG = "{}.group0.rounds"


def launched(job):
    """Process of each rank, also of one whose libraries are still being loaded."""
    found = {}
    for process in processes_below(job.pid):
        try:
            with open(f"/proc/{process}/environ", "rb") as file:
                words = dict(word.split(b"=", 1) for word in file.read().split(b"\0") if b"=" in word)
            if os.readlink(f"/proc/{process}/exe") == os.path.realpath(PROGRAM):
                found[int(words[b"OMPI_COMM_WORLD_RANK"])] = process
        except (OSError, KeyError):
            continue  # it has just ended, or is no rank
    return found


@unittest.skipUnless(recovery_flags(), "this MPI library ends the job when a rank dies")
class RecoveryTest(InferTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment["DEEPFOG_BUILD_DIR"] = os.path.dirname(PROGRAM)

    def start(self, command):
        job = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.environment,
                               stdin=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(self.end, job)
        return job

    def start_job(self, output, *options):
        """By jobs/infer.sh."""
        return self.start([os.path.join(ROOT, "jobs", "infer.sh"), "--no-setup", "--weights", THREE, "--output", output, *CALM, *options])

    def wait_for(self, job, what):
        deadline = time.monotonic() + LIMIT_S
        while not what():
            self.assertIsNone(job.poll(), "the run ended too early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)

    def kill_at_the_start(self, job, victims, later_s):
        self.wait_for(job, lambda: len(launched(job)) == 3)
        ranks = launched(job)
        time.sleep(later_s)
        for rank in victims:
            kill(ranks[rank])

    def assert_file_or_line(self, output, said):
        """However the moment fell: before the first round or behind it."""
        if os.path.exists(self.path(output)):
            self.assertIn("RESULT ", said)
        else:
            self.assertEqual(said.count(NOT_ALL), 1, said)

    def test_deaths_before_the_first_round_end_in_a_file_or_a_line(self):
        """Before, within and after MPI_Init, and while the ranks agree; several at a time, since they wait mostly."""
        runs = []
        for number, (victims, later_s) in enumerate((((0,), 0), ((1,), 0.15), ((2,), 0.3), ((0, 2), 0.45))):
            output = f"start{number}.h5"
            runs.append((output, self.start(self.launch(THREE, ("--output", output, *CALM, "--run-limit", "3s")))))
            self.kill_at_the_start(runs[-1][1], victims, later_s)
        for output, job in runs:
            with self.subTest(output):
                self.assert_file_or_line(output, "".join(self.finish(job)))

    def test_a_rank_that_hangs_at_the_start_holds_nobody(self):
        tools = self.path("holding")
        os.mkdir(tools)
        with open(os.path.join(tools, "deepfog"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/bash\n[ \"${{OMPI_COMM_WORLD_RANK:-}}\" != 0 ] || {{ echo $$ > held.part; mv held.part held; kill -STOP $$; }}\n"
                       f"exec '{PROGRAM}' \"$@\"\n")
        os.chmod(file.name, 0o755)
        with mock.patch.dict(self.environment, {"DEEPFOG_BUILD_DIR": tools}):
            job = self.start_job("hangs.h5", "--run-limit", "3s")
        self.wait_for(job, lambda: os.path.exists(self.path("held")) and len(launched(job)) == 2)
        # Once the others are gone its own limit ends it, too.
        self.wait_for(job, lambda: not launched(job))
        with open(self.path("held"), encoding="utf-8") as file:
            os.kill(int(file.read()), signal.SIGCONT)
        out, errors = self.finish(job)
        self.assertEqual(job.returncode, 1, out + errors)
        self.assertEqual(errors.count(NOT_ALL), 1, errors)
        self.assertIn("jobs/infer.sh: error: the run ended without hangs.h5", errors)

    def cut_off(self, output, groups=1, with_mpirun=True):
        """A run whose ranks are all killed, or mpirun with them: rounds in its logs."""
        job, ranks = self.start_infer(THREE, output, *CALM, *PACED, groups=groups)
        if with_mpirun:
            kill_job(job)
        for process in () if with_mpirun else ranks.values():
            kill(process)
        self.finish(job)
        self.assertFalse(os.path.exists(self.path(output)))
        return sum(rounds_in(self.path(f"{output}.group{group}.rounds")) for group in range(groups))

    def recover(self, log, *options, code=0):
        done = self.deepfog("infer", "--recover", log, *options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def read_cut_off(self, output, rounds, said):
        measured = self.read(output, valid=False, said=said)
        self.assertEqual(measured.ending, "interrupted")
        self.assertEqual(len(measured["rounds/round"]), rounds)
        self.assertTrue((measured["nodes/reported"] == 0).all())
        return measured

    def test_all_ranks_and_mpirun_are_killed(self):
        rounds = self.cut_off("gone.h5")
        self.assertGreaterEqual(rounds, 12)
        done = self.recover(LOG.format("gone.h5"), "--check")
        measured = self.read_cut_off("gone.h5", rounds, done.stderr)
        self.assertEqual((measured.attributes["unequal_rounds"], measured.attributes["checked_rounds"]), (0, rounds))
        self.assertIn("ending=interrupted file=gone.h5", done.stdout)

    def test_two_groups_are_recovered_from_another_folder(self):
        rounds = self.cut_off("both.h5", groups=2)
        other = self.path("elsewhere")
        os.mkdir(other)
        self.addCleanup(shutil.rmtree, other)
        done = subprocess.run([PROGRAM, "infer", "--recover", "../both.h5.group1.rounds"], capture_output=True, text=True, timeout=LIMIT_S,
                              check=False, cwd=other, env=self.environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        measured = self.read_cut_off("both.h5", rounds, done.stderr)
        self.assertEqual(set(measured["rounds/group"]), {0, 1})

    def test_the_next_run_keeps_what_was_measured(self):
        rounds = self.cut_off("again.h5", with_mpirun=False)
        done = self.infer(THREE, "--output", "again.h5", *CALM)
        aside = LOG.format("again.h5.earlier")
        self.assertIn(f"deepfog: an earlier run to again.h5 was cut off; `deepfog infer --recover {aside}` makes its results", done.stderr)
        self.assertIn("again.h5: exists and has other results (--output FILE, or remove it)", self.recover(aside, code=2).stderr)
        self.read_cut_off("kept.h5", rounds, self.recover(aside, "--output", "kept.h5").stderr)
        self.assertEqual(self.read("again.h5", said=done.stderr).ending, "complete")

    def test_mpirun_alone_is_killed_and_the_job_makes_the_file(self):
        job = self.start_job("orphans.h5", *PACED)
        self.wait_for(job, lambda: rounds_in(self.path(LOG.format("orphans.h5"))) >= 12)
        ranks = ranks_of(job)
        with open(f"/proc/{ranks[0]}/stat", encoding="ascii") as file:
            launcher = int(file.read().rsplit(")", 1)[1].split()[1])
        kill(launcher)
        out, errors = self.finish(job)
        self.assertEqual(job.returncode, 1, out + errors)
        self.assertIn("ending=interrupted file=orphans.h5", out)
        self.assertIn("jobs/infer.sh: error: all ranks died; what was measured so far is in orphans.h5", errors)
        self.assertGreaterEqual(len(self.read("orphans.h5", valid=False, said=out + errors)["rounds/round"]), 12)
        self.assertFalse(any(alive(process) for process in ranks.values()), "a rank outlives mpirun")

    def test_options_that_the_log_decides_are_refused(self):
        for options, message in ((("--batch", "2"), "--batch: does not go with --recover"),
                                 (("--config", "x.ini"), "--config: does not go with --recover"),
                                 ((), "nothing.group0.rounds: no such file")):
            with self.subTest(options):
                self.assertIn(f"deepfog: error: {message}", self.recover("nothing.group0.rounds", *options, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
