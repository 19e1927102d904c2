"""jobs/infer.sh: what it says, what it refuses, and that a death inside the run does not reach the user's shell."""
import os
import signal
import subprocess
import time
import unittest

from harness import LIMIT_S, PROGRAM, ROOT
from infer_harness import CALM, PACED, THREE, InferTest, ranks_of, recovery_flags, rounds_in


def parent_of(process):
    with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


class InferJobsTest(InferTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment["DEEPFOG_BUILD_DIR"] = os.path.dirname(PROGRAM)

    def script(self, *words, environment=None):
        return subprocess.run([os.path.join(ROOT, words[0]), *words[1:]], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              cwd=self.folder, env={**self.environment, **(environment or {})}, stdin=subprocess.DEVNULL)

    def job(self, *options, environment=None):
        return self.script("jobs/infer.sh", "--no-setup", "--weights", THREE, *options, environment=environment)

    def test_starts_as_many_ranks_as_the_network_has_nodes(self):
        done = self.job("--output", "job.h5", "--batch", "20", "--failures", "all", "--check", *CALM)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("unequal=0 ending=complete file=job.h5 valid=1", done.stdout)
        self.assertEqual(self.read("job.h5").attributes["groups"], 1)

    def test_local_job_hands_over_with_groups(self):
        done = self.script("jobs/local.sh", "infer", "--no-setup", "--weights", THREE, "--groups", "2", "--output", "two.h5", *CALM)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.read("two.h5").attributes["groups"], 2)

    def test_wrong_input_ends_before_mpirun(self):
        for options, message in ((("--groups", "two"), 'jobs/infer.sh: error: --groups "two" (a whole number from 1 allowed)'),
                                 (("--groups", "0"), 'jobs/infer.sh: error: --groups "0" (a whole number from 1 allowed)'),
                                 (("--groups",), "jobs/infer.sh: error: --groups needs a number"),
                                 (("--samples", "201"), "deepfog: error: --samples 201: the test split has fewer (1 to 200 allowed)"),
                                 (("--output", "nets.h5"), "deepfog: error: nets.h5: exists and has the results of a campaign "
                                                           "(another --output, or remove it)")):
            with self.subTest(options):
                done = self.job(*options)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", message + "\n"))

    def test_plans_are_told_without_a_run(self):
        before = self.files()
        self.assertEqual(self.job("--print-ranks").stdout, "3\n")
        self.assertIn("4 phases", self.job("--dry-run", "--failures", "all").stdout)
        self.assertIn("batch = 5", self.job("--print-config", "--batch", "5").stdout)
        self.assertEqual(self.files(), before)

    @unittest.skipUnless(recovery_flags(), "this MPI library ends the job when a rank dies")
    def test_a_crash_is_the_runs_own_affair(self):
        done = self.job("--output", "crash.h5", "--fail", "crash middle round 20", "--check", *CALM)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("PMIX ERROR", done.stderr)
        self.assertEqual(self.read("crash.h5").ending, "complete")

    def start(self, output):
        """The job, its mpirun's ranks, a dozen rounds done."""
        job = subprocess.Popen([os.path.join(ROOT, "jobs", "infer.sh"), "--no-setup", "--weights", THREE, "--output", output, *CALM, *PACED],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.environment,
                               stdin=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(self.end, job)
        deadline = time.monotonic() + LIMIT_S
        while rounds_in(self.path(output + ".group0.rounds")) < 12:
            self.assertIsNone(job.poll(), "the job ended too early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.005)
        return job, ranks_of(job)

    @unittest.skipUnless(recovery_flags(), "this MPI library ends the job when a rank dies")
    def test_the_last_nodes_death_is_no_success(self):
        job, ranks = self.start("headless.h5")
        os.kill(ranks[2], signal.SIGKILL)
        out, errors = self.finish(job)
        self.assertEqual(job.returncode, 3, out + errors)
        self.assertIn("the last node (server) died", errors)

    def test_signals_end_the_run_early_with_its_results(self):
        """To the script alone, to its process group as a Ctrl-C in a terminal, or to mpirun alone."""
        for number, whom in ((signal.SIGUSR1, "script"), (signal.SIGTERM, "script"), (signal.SIGINT, "group"), (signal.SIGHUP, "mpirun")):
            with self.subTest((number, whom)):
                output = f"signal{int(number)}.h5"
                job, ranks = self.start(output)
                if whom == "group":
                    os.killpg(job.pid, number)
                else:
                    os.kill(job.pid if whom == "script" else parent_of(ranks[0]), number)
                out, errors = self.finish(job)
                self.assertEqual(job.returncode, 75, out + errors)
                self.assertIn(f"jobs/infer.sh: ended early; {output} holds what was measured", errors)
                self.assertEqual(self.read(output, valid=False).ending, "interrupted")

    def test_a_run_without_results_is_no_success(self):
        done = self.job("--output", "late.h5", *CALM, *PACED, environment={"DEEPFOG_INFER_LIMIT": "0.01"})
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("jobs/infer.sh: error: the run ended without late.h5", done.stderr)


if __name__ == "__main__":
    unittest.main()
