"""The scripts: what they say and refuse, the set-up, the local job."""
import glob
import os
import re
import shutil
import subprocess
import time
import unittest

from harness import LIMIT_S, ROOT
from scripts_harness import ScriptsTest

SCRIPTS = (*(os.path.relpath(path, ROOT) for folder in ("jobs/*.sh", "jobs/*.sbatch", "tests/slurm/*.sh", "tests/slurm/cases/*.sh",
                                                               "tests/packaging/*.sh", "tests/comm/*.sh")
             for path in sorted(glob.glob(os.path.join(ROOT, folder)))), "tests/run.sh", ".ci/run")
SOURCED = ("jobs/preamble.sh", "jobs/settings.sh", "jobs/supervise.sh", "jobs/mpi_environment.sh", "jobs/mpi_recovery.sh", "jobs/site.sh", "jobs/batch.sh")


class ScriptsAloneTest(ScriptsTest):
    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck_is_content(self):
        done = subprocess.run(["shellcheck", "-x", *SCRIPTS], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_scripts_parse_and_those_that_are_called_may_be_run(self):
        for name in SCRIPTS:
            with self.subTest(name):
                done = subprocess.run(["bash", "-n", os.path.join(ROOT, name)], capture_output=True, text=True, timeout=LIMIT_S, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                if name.startswith("jobs/") and name not in SOURCED:
                    self.assertTrue(os.access(os.path.join(ROOT, name), os.X_OK))

    def test_help(self):
        for name in ("jobs/setup.sh", "jobs/build.sh", "jobs/local.sh", "tests/run.sh", "jobs/infer.sh", "jobs/launch.sh", "jobs/submit.sh",
                     "jobs/submit_array.sh", "tests/slurm/run.sh"):
            with self.subTest(name):
                done = self.script(name, "--help")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertRegex(done.stdout, rf"(?m)^ +{name} (\[|--|CONFIG)")

    def test_wrong_options_are_refused(self):
        for words, message in ((("jobs/setup.sh", "--tset"), "--tset: unknown option"),
                               (("jobs/local.sh", "--ranks", "two"), '--ranks "two" (a whole number from 1 allowed)'),
                               (("jobs/local.sh", "--ranks", "0"), '--ranks "0" (a whole number from 1 allowed)'),
                               (("jobs/local.sh", "--ranks"), "--ranks needs a number"),
                               (("jobs/launch.sh", "--ranks", "two", "x"), '--ranks "two" (a whole number from 1 allowed)'),
                               (("jobs/launch.sh", "--rank", "2", "x"), "--rank: unknown option"),
                               (("jobs/launch.sh",), "no program given"),
                               (("jobs/submit_array.sh",), "no CONFIG given"),
                               (("jobs/submit_array.sh", "x.ini", "--shares", "0"), '--shares "0" (a whole number from 1 allowed)'),
                               (("jobs/submit_array.sh", "x.ini", "--shares", "2"), "x.ini: cannot be read"),
                               (("jobs/array.sbatch", "small.ini"), "CONFIG --shares N comes first"),
                               (("jobs/array.sbatch", "small.ini", "--shares", "2"), "no task of an array"),
                               (("jobs/scaling.sbatch", "small.ini", "--kinds", "big"), '--kinds "big" (strong, weak allowed)'),
                               (("jobs/scaling.sbatch", "small.ini", "--ranks", "1 0"), '--ranks "0" (whole numbers from 1 allowed)'),
                               (("jobs/run.sbatch", "x.ini"), "x.ini: cannot be read"),
                               (("tests/packaging/deb.sh", "--keep"), "--keep needs a folder"),
                               (("tests/packaging/deb.sh", "--keep", "data"), "--keep data: holds something else (a new or empty folder"),
                               (("tests/slurm/run.sh", "nothing"), 'no case "nothing" (allowed: array')):
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

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare") and shutil.which("ldd"), "needs root on Linux")
    def test_commands_in_a_root_leave_nothing_behind(self):
        root = self.path("system")
        for folder in ("proc", "sys", "dev", "tmp", "bin", "var/tmp/in_root.999999999"):
            os.makedirs(os.path.join(root, folder))
        shell = shutil.which("bash")
        needed = subprocess.run(["ldd", shell], capture_output=True, text=True, timeout=LIMIT_S, check=True).stdout
        for library in re.findall(r"(/\S+) \(", needed):
            os.makedirs(root + os.path.dirname(library), exist_ok=True)
            shutil.copy(library, root + library)
        shutil.copy(shell, os.path.join(root, "bin", "bash"))
        script = os.path.join(ROOT, "tests", "packaging", "debian_root.sh")
        call = f'set -euo pipefail; . "{script}"; in_root "{root}" /bin/bash -c "echo > /tmp/x; echo /tmp/*; exit 3"'
        done = subprocess.run(["bash", "-c", call], capture_output=True, text=True, timeout=LIMIT_S, check=False)
        if "Operation not permitted" in done.stderr:
            self.skipTest("no namespaces of mounts and processes here")
        self.assertEqual((done.returncode, done.stdout), (3, "/tmp/x\n"), done.stderr)
        self.assertEqual(os.listdir(os.path.join(root, "var", "tmp")) + os.listdir(os.path.join(root, "tmp")), [])

    def test_slurm_is_there_only_with_all_its_programs(self):
        self.stand_in("half-a-slurm", "slurmctld", "exit 1")
        for tool in ("bash", "readlink", "id"):
            os.symlink(shutil.which(tool), self.path("half-a-slurm", tool))
        done = self.script("tests/slurm/run.sh", environment={"PATH": self.path("half-a-slurm")})
        self.assertEqual((done.returncode, done.stdout[:24]), (0, "SKIPPED: no Slurm here, "), done.stderr)


if __name__ == "__main__":
    unittest.main()
