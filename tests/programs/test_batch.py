"""The batch scripts: options, warnings, the way back into the queue, submission."""
import os
import re
import signal
import subprocess
import time
import unittest

from harness import LIMIT_S, ROOT, journal_records
from scripts_harness import ScriptsTest


class BatchTest(ScriptsTest):
    def batch(self, restarts):
        """The batch script as Slurm runs it, with a stand-in for scontrol; USR1 comes when tasks are done."""
        tools = self.path(f"tools{restarts}")
        os.makedirs(tools)
        with open(os.path.join(tools, "scontrol"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\necho \"$@\" >> '{tools}/called'\n")
        os.chmod(os.path.join(tools, "scontrol"), 0o755)
        output = f"out/batch{restarts}.h5"
        environment = {**self.environment, "PATH": tools + os.pathsep + os.environ["PATH"], "SLURM_SUBMIT_DIR": ROOT, "SLURM_NTASKS": "2",
                       "SLURM_JOB_ID": "77", "SLURM_RESTART_COUNT": str(restarts), "DEEPFOG_LAUNCHER": "mpirun"}
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

    def test_task_of_an_array_goes_back_alone(self):
        """Also the one whose own id is the array's."""
        self.stand_in("array-tools", "scontrol", 'echo "$@"')
        done = subprocess.run(["bash", "-c", f'jobs="{ROOT}/jobs" own=x script=x; . "$jobs/batch.sh"; batch_requeue'], capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, env={
                                  **self.environment, "PATH": self.path("array-tools") + os.pathsep + os.environ["PATH"],
                                  "SLURM_JOB_ID": "40", "SLURM_ARRAY_JOB_ID": "40", "SLURM_ARRAY_TASK_ID": "4"})
        self.assertEqual(done.stdout, "requeue 40_4\n", done.stderr)

    def test_options_of_the_user_and_those_of_the_job_go_together(self):
        """What the program is started with: no --progress twice, and after a requeue nothing is thrown away again."""
        self.stand_in("told-tools", "mpirun", 'echo "$@" > told')
        self.stand_in("told-tools", "deepfog", r"printf 'verb=run\0campaign.output=out/small.h5\0campaign.runs=2\0'")
        runs = "--set campaign.runs=2"
        for words, restarts, expected in (
                (("run.sbatch", "small.ini", "--restart"), 0, "--progress always --restart"),
                (("run.sbatch", "small.ini", "--restart", "--output", "x.h5"), 1, "--progress always --output x.h5"),
                (("run.sbatch", "small.ini", "--progress", "never"), 0, "--progress never"),
                (("array.sbatch", "small.ini", "--shares", "2", "--progress=auto"), 0, "--share 1/2 --progress=auto"),
                (("array.sbatch", "small.ini", "--shares", "2", "--restart"), 2, "--share 1/2 --progress always"),
                (("scaling.sbatch", "small.ini", "--ranks", "1", "--restart", "--progress", "auto", "--set", "runs=2"), 0,
                 f"--progress auto --set runs=2 {runs} --output out/small.strong-1.h5 --restart"),
                (("scaling.sbatch", "small.ini", "--ranks", "1", "--set", "runs=2"), 0,
                 f"--set runs=2 {runs} --output out/small.strong-1.h5 --restart --progress never")):
            with self.subTest(words):
                done = subprocess.run(["bash", os.path.join(ROOT, "jobs", words[0]), *words[1:]], capture_output=True, text=True,
                                      timeout=LIMIT_S, check=False, cwd=self.folder, stdin=subprocess.DEVNULL, env={
                                          **self.environment, "PATH": self.path("told-tools") + os.pathsep + os.environ["PATH"],
                                          "DEEPFOG_BUILD_DIR": self.path("told-tools"), "DEEPFOG_SHARE": "1", "DEEPFOG_RANKS": "1",
                                          "SLURM_RESTART_COUNT": str(restarts)})
                self.assertTrue(os.path.exists(self.path("told")), done.stdout + done.stderr)
                with open(self.path("told"), encoding="utf-8") as file:
                    self.assertEqual(file.read().strip().split("--config small.ini ")[1], expected)
                os.remove(self.path("told"))

    def test_batch_scripts_work_without_slurm(self):
        def by_bash(script, *words, code=0, **environment):
            done = subprocess.run(["bash", os.path.join(ROOT, "jobs", script), *words], capture_output=True, text=True, timeout=LIMIT_S,
                                  check=False, cwd=self.folder, env={**self.environment, **environment}, stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            return done
        parts = ("small.ini", "--output", "out/parts.h5", "--set", "runs=2", "experiment.sensors.epochs=2")
        done = by_bash("array.sbatch", "small.ini", "--shares", "2", *parts[1:], DEEPFOG_SHARE="1", DEEPFOG_RANKS="1")
        self.assertRegex(done.stderr, r"(?m)^launch: 1 rank \(DEEPFOG_RANKS\), 1 thread each, on 1 node, by mpirun \(not in a Slurm job\)$")
        done = by_bash("merge.sbatch", *parts, code=75)
        self.assertIn("jobs/submit_array.sh small.ini --shares N, the same N", done.stderr)
        by_bash("array.sbatch", "small.ini", "--shares", "2", *parts[1:], DEEPFOG_SHARE="2", DEEPFOG_RANKS="1")
        done = by_bash("merge.sbatch", *parts)
        self.assertIn("RESULT campaign=small file=out/parts.h5 valid=1 status=complete", done.stdout)

    def test_scaling_goes_on_where_it_was(self):
        """The same command measures only what is missing, with --restart all again; a table of something else is nobody's to throw away."""
        self.write("again.scaling.csv", "scaling,ranks,threads,runs,seconds,speedup,efficiency\nstrong,1,1,1,80.0,1.000,1.000\n")
        done = subprocess.run(["bash", os.path.join(ROOT, "jobs", "scaling.sbatch"), "small.ini", "--output", "again.h5", "--kinds", "strong",
                               "--ranks", "1 2", "--set", "runs=1", "experiment.sensors.epochs=2"], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("launch: "), 1)
        self.assertIn("RESULT scaling=strong ranks=1 threads=1 runs=1 seconds=80.0 ", done.stdout)
        measured = re.search(r"ranks=2 threads=1 runs=1 seconds=([0-9.]+) speedup=([0-9.]+) efficiency=([0-9.]+)", done.stdout)
        self.assertAlmostEqual(float(measured[2]), 80 / float(measured[1]), places=2)
        self.assertAlmostEqual(float(measured[3]), float(measured[2]) / 2, places=2)
        with open(self.path("again.scaling.csv"), encoding="utf-8") as file:
            self.assertEqual([line.split(",")[:2] for line in file], [["scaling", "ranks"], ["strong", "1"], ["strong", "2"]])
        self.assertEqual([name for name in self.files() if "strong-" in name], [])
        self.stand_in("scaling-tools", "mpirun", "exit 3")
        self.stand_in("scaling-tools", "deepfog", r"printf 'verb=run\0campaign.output=again.h5\0campaign.runs=1\0'")
        for words, code, left in (((), 2, "something,else\n"), (("--restart",), 3, "scaling,ranks,threads,runs,seconds,speedup,efficiency\n")):
            self.write("again.scaling.csv", "something,else\n")
            done = self.script("jobs/scaling.sbatch", "small.ini", "--output", "again.h5", "--ranks", "1", *words, environment={
                "PATH": self.path("scaling-tools") + os.pathsep + os.environ["PATH"], "DEEPFOG_BUILD_DIR": self.path("scaling-tools")})
            self.assertEqual(done.returncode, code, done.stderr)
            with open(self.path("again.scaling.csv"), encoding="utf-8") as file:
                self.assertEqual(file.read(), left)

    def test_array_and_merge_are_submitted_in_order(self):
        tools = self.path("sbatch-tools")
        os.makedirs(tools)
        with open(os.path.join(tools, "sbatch"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\necho \"$DEEPFOG_ROOT: $@\" >> '{tools}/called'\necho $((40 + $(wc -l < '{tools}/called')))\n")
        os.chmod(os.path.join(tools, "sbatch"), 0o755)
        for progress in (("--progress", "never"), ("--progress=auto",)):
            told = " ".join(progress)
            with self.subTest(told):
                done = self.script("jobs/submit_array.sh", "small.ini", "--shares", "3", "--time=10", "-n", "2", "--", "--restart", *progress,
                                   "--set", "runs=6", environment={"PATH": tools + os.pathsep + os.environ["PATH"]})
                self.assertEqual((done.returncode, done.stdout), (0, "array 41\nmerge 42\n"), done.stderr)
                called = os.path.join(tools, "called")
                with open(called, encoding="utf-8") as file:
                    self.assertEqual(file.read(), f"{ROOT}: --parsable --array=1-3 --time=10 -n 2 {ROOT}/jobs/array.sbatch small.ini --shares 3 "
                                     f"--restart {told} --set runs=6\n"
                                     f"{ROOT}: --parsable --dependency=afterany:41 {ROOT}/jobs/merge.sbatch small.ini --set runs=6\n")
                os.remove(called)

    def test_section_and_path_in_any_spelling(self):
        """A study is one whatever its section looks like, and an output may hold what is a comment in a config."""
        self.stand_in("spelling-tools", "mpirun", 'echo "$@"; echo RESULT campaign=x file=y valid=1 status=complete seconds=1.0')
        environment = {"PATH": self.path("spelling-tools") + os.pathsep + os.environ["PATH"]}
        study = "name = p\nnetwork = vgg_bn_small\ndataset = sensors\n[experiment.d4]\ndevices = 4\n[model.lop]\nmethod = lop\n"
        for section, verb in (("[ partition ]", "partition"), ("\ufeff\t[partition]\t; a study", "partition"), ("# [campaign]\n[partition ]\r", "partition")):
            with self.subTest(section):
                self.write("study.ini", f"{section}\n{study}")
                done = self.script("jobs/run.sbatch", "study.ini", environment=environment)
                self.assertIn(f"/deepfog {verb} --config study.ini", done.stdout, done.stderr)
                self.assertEqual(done.returncode, 0)
        for output in ("an out/a # b.h5", "an out/x = [y] $(z).h5", "an out/it's \"x\" ; y.h5"):
            with self.subTest(output):
                done = self.script("jobs/scaling.sbatch", "small.ini", "--ranks", "1", "--kinds", "strong", "--output", output, environment=environment)
                self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, f"{output[:-3]}.scaling.csv".splitlines()[-1]), done.stderr)
                self.assertTrue(os.path.exists(self.path(output[:-3] + ".scaling.csv")))

    def test_what_a_job_would_refuse_is_not_queued(self):
        """A config that is missing, wrong or of another kind, here or where the job will run; options that the program does not know."""
        self.stand_in("refusing-tools", "sbatch", "touch queued; echo 41")
        self.write("wrong.ini", "[campaign]\nname = x\nruns = none\n")
        os.makedirs(self.path("elsewhere"))
        self.write("elsewhere/there.ini", "[campaign]\nname = there\n[experiment.e]\ndataset = sensors\nreliability.often = near:.9 middle:.9\n[model.e.m]\ntopology = ../three-nodes.topology\n")
        environment = {"PATH": self.path("refusing-tools") + os.pathsep + os.environ["PATH"]}
        jobs = os.path.join(ROOT, "jobs")
        for words, message in ((("submit.sh", f"{jobs}/run.sbatch", "no.ini"), "no.ini: cannot be read"), (("submit.sh", "--time=9", f"{jobs}/scaling.sbatch", "data"), "data: cannot be read"),
                               (("submit.sh", "-n", "2", f"{jobs}/run.sbatch", "wrong.ini"), "wrong.ini:3: runs = \"none\""),
                               (("submit.sh", f"{jobs}/array.sbatch", "small.ini", "--shares", "2", "--set", "runz=1"), "runz"),
                               (("submit.sh", f"{jobs}/merge.sbatch"), "no CONFIG given"), (("submit.sh", f"{jobs}/nothing.sbatch"), "nothing.sbatch: cannot be read"),
                               (("submit.sh", "-D", self.path("elsewhere"), f"{jobs}/run.sbatch", "small.ini"), "small.ini: cannot be read"),
                               (("submit.sh", f"{jobs}/infer.sbatch", "--groups", "2", "--batch", "5"), "no config file given"),
                               (("submit_array.sh", "no.ini", "--shares", "2"), "no.ini: cannot be read"), (("submit_array.sh", "small.ini", "--shares", "2", "--", "--sett", "x"), "--sett")):
            with self.subTest(words):
                done = self.script(f"jobs/{words[0]}", *words[1:], environment=environment)
                self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (2, "", 1), done.stderr)
                self.assertIn(message, done.stderr)
                self.assertFalse(os.path.exists(self.path("queued")))
        for words in ((f"{jobs}/scaling.sbatch", "small.ini", "--kinds", "weak", "--set", "runs=1"), ("--chdir=elsewhere", f"{jobs}/run.sbatch", "there.ini")):
            done = self.script("jobs/submit.sh", *words, environment=environment)
            self.assertEqual((done.returncode, done.stdout), (0, "41\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
