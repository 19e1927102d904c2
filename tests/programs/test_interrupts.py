"""A signal to mpirun, to a job script or to both ends a run early and in good order: exit code 75."""
import os
import shutil
import signal
import subprocess
import time
import unittest

import h5py

from harness import LIMIT_S, ROOT, journal_records, kill_job, processes_below
from scripts_harness import ScriptsTest


class InterruptsTest(ScriptsTest):
    def test_warning_reaches_a_distributed_run_that_is_just_beginning(self):
        """It comes between the launch and the beginning of mpirun; the output is in a folder with a blank, and there is no /tmp."""
        for name, text in (("deepfog", r"""case "$*" in *--print-limit) echo 2; echo 60 ;; config*) printf 'verb=infer\0inference.output=a run/out # 1.h5\0' ;; esac"""),
                           ("timeout", "touch launched; sleep 0.3; shift 3; exec \"$BASH\" -c '\"$@\" & wait $!; exit $?' timeout \"$@\""),
                           ("mpirun", "[ \"$1\" != --version ] || exit 0\ntrap 'ls a\\ run > seen; touch \"a run/out # 1.h5\"; exit' USR1\n"
                                      "for try in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done")):
            self.stand_in("infer-tools", name, text)
        job = subprocess.Popen([os.path.join(ROOT, "jobs", "infer.sh"), "--no-setup", "--weights", "w.h5"], cwd=self.folder,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL, env={
                                   **self.environment, "PATH": self.path("infer-tools") + os.pathsep + os.environ["PATH"],
                                   "DEEPFOG_BUILD_DIR": self.path("infer-tools"), "TMPDIR": "/nowhere", "BASH": shutil.which("bash")})
        while not os.path.exists(self.path("launched")) and job.poll() is None:
            time.sleep(0.01)
        os.kill(job.pid, signal.SIGUSR1)
        text, _ = job.communicate(timeout=LIMIT_S)
        self.assertEqual((job.returncode, text), (75, "jobs/infer.sh: ended early; a run/out # 1.h5 holds what was measured, and the same command "
                                                 "runs all of it again\n"))
        with open(self.path("seen"), encoding="utf-8") as file:
            self.assertRegex(file.read(), r"^out # 1\.h5\.begun\.\w+\n$")
        self.assertEqual(os.listdir(self.path("a run")), ["out # 1.h5"])

    def start_script(self, *words):
        """The script in a session of its own, as a terminal has it."""
        job = subprocess.Popen([os.path.join(ROOT, words[0]), *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder,
                               env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(self.end, job)
        return job

    def end(self, job):
        if job.poll() is None:
            kill_job(job)
        job.stdout.close()
        job.stderr.close()

    def wait_for(self, ready, job):
        deadline = time.monotonic() + LIMIT_S
        while not ready():
            self.assertIsNone(job.poll(), "the job ended too early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def mpirun_of(self, job):
        """Process id."""
        for process in processes_below(job.pid):
            with open(f"/proc/{process}/comm", encoding="utf-8") as file:
                if file.read().strip() in ("mpirun", "orterun", "prterun"):
                    return process
        self.fail("no mpirun")

    def send(self, job, whom, number):
        """To the script alone, to mpirun alone, or to the script's process group, as a Ctrl-C in a terminal."""
        if whom == "group":
            os.killpg(job.pid, number)
        else:
            os.kill(job.pid if whom == "script" else self.mpirun_of(job), number)

    def test_campaign_ends_resumable_whoever_is_told(self):
        options = ("--ranks", "2", "--progress", "never", "--set", "experiment.sensors.epochs=2000")
        for whom, number in (("group", signal.SIGINT), ("script", signal.SIGHUP), ("mpirun", signal.SIGTERM), ("mpirun", signal.SIGINT)):
            with self.subTest((whom, number)):
                output = f"{whom}{int(number)}.h5"
                job = self.start_script("jobs/local.sh", "small.ini", "--output", output, *options)
                self.wait_for(lambda: os.path.exists(self.path(output + ".journal")) and len(journal_records(self.path(output + ".journal"))) > 1, job)
                self.send(job, whom, number)
                out, errors = job.communicate(timeout=LIMIT_S)
                self.assertEqual(job.returncode, 75, out + errors)
                self.assertRegex(errors, rf"interrupted; the same command goes on: \S+/jobs/local\.sh small\.ini --ranks 2 --output {output} ")
                self.assertIn("status=interrupted", out)

    def test_hang_up_of_the_program_alone(self):
        """As any other signal; under nohup it changes nothing."""
        for nohup, number, told in ((False, signal.SIGHUP, "signal 1:"), (True, signal.SIGTERM, "signal 15:")):
            with self.subTest(nohup):
                output = f"alone{int(nohup)}.h5"
                before = signal.signal(signal.SIGHUP, signal.SIG_IGN) if nohup else None
                job = self.start("run", "--config", "small.ini", "--output", self.path(output), "--progress", "never", "--set", "experiment.sensors.epochs=2000")
                if nohup:
                    signal.signal(signal.SIGHUP, before)
                self.addCleanup(self.end, job)
                self.wait_for(lambda: len(journal_records(self.path(output + ".journal"))) > 1, job)
                os.kill(job.pid, signal.SIGHUP)
                if nohup:
                    os.kill(job.pid, number)
                out, errors = job.communicate(timeout=LIMIT_S)
                self.assertEqual(job.returncode, 75, out + errors)
                self.assertIn(told, errors)

    def test_failure_is_no_interruption(self):
        """mpirun's 1 stays one where the file does not say that the campaign was interrupted now."""
        self.stand_in("failing", "mpirun", 'test ! -e spoil || cp earlier.h5 out/small.h5; exit "$CODE"')
        self.stand_in("failing", "deepfog", r"printf 'verb=run\0campaign.output=out/small.h5\0campaign.threads=1\0'")
        os.makedirs(self.path("out"), exist_ok=True)
        for status, now, code, expected in (("interrupted", True, 1, 75), ("interrupted", False, 1, 1), ("running", True, 1, 1), ("complete", True, 139, 139),
                                            ("interrupted", True, 2, 2), ("interrupted", True, 3, 3), ("interrupted", True, 130, 75)):
            with self.subTest((status, now, code)):
                with h5py.File(self.path("earlier.h5"), "w") as file:
                    file.attrs["status"] = status
                shutil.copy(self.path("earlier.h5"), self.path("out/small.h5"))
                if now:
                    self.write("spoil", "")
                elif os.path.exists(self.path("spoil")):
                    os.remove(self.path("spoil"))
                call = f'root="{ROOT}"; set -u; . "$root/jobs/supervise.sh"; before=$(stamp_of out/small.h5); supervise mpirun; judge out/small.h5 "$before"; exit "$code"'
                done = subprocess.run(["bash", "-c", call], capture_output=True, text=True, timeout=LIMIT_S, check=False, cwd=self.folder, env={
                    **self.environment, "PATH": self.path("failing") + os.pathsep + os.environ["PATH"], "CODE": str(code)})
                self.assertEqual(done.returncode, expected, done.stderr)


if __name__ == "__main__":
    unittest.main()
