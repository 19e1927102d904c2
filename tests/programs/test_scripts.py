"""The job scripts: what they say, what they refuse, and the batch script's way back into the queue."""
import os
import shutil
import signal
import subprocess
import time
import unittest

from harness import LIMIT_S, PROGRAM, ROOT, ProgramTest, journal_records

SCRIPTS = ("jobs/setup.sh", "jobs/build.sh", "jobs/local.sh", "jobs/python.sh", "jobs/mpi_environment.sh", "jobs/run.sbatch",
           "jobs/infer.sh", "jobs/infer.sbatch", "jobs/mpi_recovery.sh", "tests/run.sh", ".ci/run")


class ScriptsTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment["DEEPFOG_BUILD_DIR"] = os.path.dirname(PROGRAM)

    def script(self, *words, environment=None):
        return subprocess.run([os.path.join(ROOT, words[0]), *words[1:]], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              cwd=self.folder, env={**self.environment, **(environment or {})}, stdin=subprocess.DEVNULL)

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck_is_content(self):
        done = subprocess.run(["shellcheck", "-x", *SCRIPTS], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_scripts_parse_and_those_that_are_called_may_be_run(self):
        for name in SCRIPTS:
            with self.subTest(name):
                done = subprocess.run(["bash", "-n", os.path.join(ROOT, name)], capture_output=True, text=True, timeout=LIMIT_S, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                if name.endswith(".sh") and "mpi_" not in name:
                    self.assertTrue(os.access(os.path.join(ROOT, name), os.X_OK))

    def test_help(self):
        for name in ("jobs/setup.sh", "jobs/build.sh", "jobs/local.sh", "tests/run.sh", "jobs/infer.sh"):
            with self.subTest(name):
                done = self.script(name, "--help")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertRegex(done.stdout, rf"(?m)^ +{name} (\[|--)")

    def test_wrong_options_are_refused(self):
        for words, message in ((("jobs/setup.sh", "--tset"), "--tset: unknown option"),
                               (("jobs/local.sh", "--ranks", "two"), '--ranks "two" (a whole number from 1 allowed)'),
                               (("jobs/local.sh", "--ranks", "0"), '--ranks "0" (a whole number from 1 allowed)'),
                               (("jobs/local.sh", "--ranks"), "--ranks needs a number")):
            with self.subTest(words):
                done = self.script(*words)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(message, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_second_set_up_is_silent(self):
        begin = time.monotonic()
        done = self.script("jobs/setup.sh", environment={"DEEPFOG_NO_APT": "1"})
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertLess(time.monotonic() - begin, 5)  # 0.1 s on a quiet machine

    def test_set_up_names_what_is_missing(self):
        """A machine without Debian's package manager and with nothing in its PATH."""
        bare = self.path("bare")
        os.makedirs(bare)
        for tool in ("bash", "dirname", "sed", "tr", "cksum", "grep", "cat", "id", "readlink", "mkdir", "mktemp", "rm"):
            os.symlink(shutil.which(tool), os.path.join(bare, tool))
        copy = self.path("checkout")
        shutil.copytree(os.path.join(ROOT, "jobs"), os.path.join(copy, "jobs"))
        done = subprocess.run([os.path.join(copy, "jobs", "setup.sh"), "--test"], capture_output=True, text=True, timeout=LIMIT_S,
                              check=False, env={"PATH": bare}, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"setup: error: missing: cmake c\+\+ mpirun git")
        self.assertIn("apt-get install --no-install-recommends cmake g++", done.stderr)

    def test_local_job_ends_with_tables_and_paths(self):
        done = self.script("jobs/local.sh", self.path("small.ini"), "--ranks", "2", "--output", "out/local.h5", "--progress", "never",
                           "--set", "runs=2")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("sensors: average accuracy in %", done.stdout)
        self.assertIn("RESULT campaign=small file=out/local.h5 valid=1 status=complete", done.stdout)
        self.assertIn("out/local.h5", done.stdout.splitlines()[-1] + done.stdout)
        self.assertRegex(done.stdout, r"(?m)\.(png|pdf)$")

    def test_local_job_refuses_bad_input_before_anything(self):
        done = self.script("jobs/local.sh", self.path("nothing.ini"))
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("nothing.ini: cannot be read", done.stderr)

    def batch(self, restarts):
        """The batch script as Slurm runs it, with a stand-in for scontrol; USR1 comes when units are done."""
        tools = self.path(f"tools{restarts}")
        os.makedirs(tools)
        with open(os.path.join(tools, "scontrol"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\necho \"$@\" >> '{tools}/called'\n")
        os.chmod(os.path.join(tools, "scontrol"), 0o755)
        output = f"out/batch{restarts}.h5"
        environment = {**self.environment, "PATH": tools + os.pathsep + os.environ["PATH"], "SLURM_SUBMIT_DIR": ROOT, "SLURM_NTASKS": "2",
                       "SLURM_JOB_ID": "77", "SLURM_RESTART_COUNT": str(restarts)}
        # PMIx takes a SLURM_JOB_ID for a real allocation: its launch and its allocation are Slurm's only there.
        environment.update(OMPI_MCA_plm="^slurm", OMPI_MCA_ras="^slurm")
        job = subprocess.Popen(["bash", os.path.join(ROOT, "jobs", "run.sbatch"), self.path("small.ini"), "--output", self.path(output)],
                               cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + LIMIT_S
        while len(journal_records(self.path(output + ".journal"))) < 3 and job.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(job.pid, signal.SIGUSR1)
        text, _ = job.communicate(timeout=LIMIT_S)
        called = os.path.join(tools, "called")
        if not os.path.exists(called):
            return job.returncode, text, ""
        with open(called, encoding="utf-8") as file:
            return job.returncode, text, file.read()

    def test_batch_job_near_its_end_goes_back_into_the_queue(self):
        code, text, called = self.batch(restarts=0)
        self.assertEqual(code, 75, text)
        self.assertEqual(called, "requeue 77\n")

    def test_batch_job_is_not_requeued_for_ever(self):
        code, text, called = self.batch(restarts=20)
        self.assertEqual(code, 75, text)
        self.assertEqual(called, "")
        self.assertIn("requeued 20 times already", text)


if __name__ == "__main__":
    unittest.main()
