"""The job scripts: what they say, what they refuse, and the batch script's way back into the queue."""
import glob
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

from harness import LIMIT_S, PROGRAM, ROOT, ProgramTest, journal_records

SCRIPTS = (*(os.path.relpath(path, ROOT) for folder in ("jobs/*.sh", "jobs/*.sbatch", "tests/slurm/*.sh", "tests/slurm/cases/*.sh",
                                                               "tests/packaging/*.sh")
             for path in sorted(glob.glob(os.path.join(ROOT, folder)))), "tests/run.sh", ".ci/run")
SOURCED = ("jobs/preamble.sh", "jobs/mpi_environment.sh", "jobs/mpi_recovery.sh", "jobs/site.sh", "jobs/batch.sh")

FAKE = """\
#!/bin/sh
case "NAME $*" in
  "nproc "*) [ -n "$OMP_NUM_THREADS" ] && echo 1 || echo 6 ;;
  "lscpu "*) for cpu in 0 1 2 3 4 5; do echo "$cpu,$((cpu % 3)),0"; done ;;
  "scontrol --oneliner show node n1") echo "NodeName=n1 CPUTot=$FAKE_CPUS CoresPerSocket=2 Sockets=1 ThreadsPerCore=2" ;;
  "srun --mpi=list") for type in $FAKE_TYPES; do echo "\t$type" >&2; done ;;
  "srun --mpi=$FAKE_WORKS --ntasks=2"*/dev/null/probe) echo "deepfog: error: /dev/null/probe: cannot be read: Not a directory" >&2; exit 2 ;;
  *probe) echo "not built with SLURM's PMI support" >&2; exit 1 ;;
  *) echo "NAME $*" ;;
esac
"""


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

    def stand_in(self, folder, name, text):
        """A shell script in a folder for PATH."""
        os.makedirs(self.path(folder), exist_ok=True)
        path = os.path.join(self.path(folder), name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{text}\n")
        os.chmod(path, 0o755)

    def batch(self, restarts):
        """The batch script as Slurm runs it, with a stand-in for scontrol; USR1 comes when units are done."""
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
        self.stand_in("told-tools", "deepfog", 'echo "output = out/small.h5"; echo "runs = 2"')
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

    def test_warning_reaches_a_distributed_run_that_is_just_beginning(self):
        """It comes between the launch and the beginning of mpirun; the output is in a folder with a blank, and there is no /tmp."""
        for name, text in (("deepfog", 'case "$*" in *--print-ranks) echo 2 ;; *--print-config) '
                                       'echo "output = a run/out # 1.h5    # --output"; echo "output = other" ;; esac'),
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
        self.assertEqual((job.returncode, text), (75, ""))
        with open(self.path("seen"), encoding="utf-8") as file:
            self.assertRegex(file.read(), r"^out # 1\.h5\.begun\.\w+\n$")
        self.assertEqual(os.listdir(self.path("a run")), ["out # 1.h5"])

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
        self.stand_in("scaling-tools", "deepfog", 'echo "output = again.h5"; echo "runs = 1"')
        for words, code, left in (((), 2, "something,else\n"), (("--restart",), 3, "scaling,ranks,threads,runs,seconds,speedup,efficiency\n")):
            self.write("again.scaling.csv", "something,else\n")
            done = self.script("jobs/scaling.sbatch", "small.ini", "--output", "again.h5", "--ranks", "1", *words, environment={
                "PATH": self.path("scaling-tools") + os.pathsep + os.environ["PATH"], "DEEPFOG_BUILD_DIR": self.path("scaling-tools")})
            self.assertEqual(done.returncode, code, done.stderr)
            with open(self.path("again.scaling.csv"), encoding="utf-8") as file:
                self.assertEqual(file.read(), left)

    def launch(self, *options, types="", works="", **environment):
        """jobs/launch.sh where srun and mpirun are stand-ins that print their arguments: this Slurm has MPI `types`, and with `works`
        the program's ranks see each other."""
        tools = self.path("fakes")
        if not os.path.exists(tools):
            os.makedirs(tools)
            for name in ("srun", "mpirun", "scontrol", "nproc", "lscpu"):
                with open(os.path.join(tools, name), "w", encoding="utf-8") as file:
                    file.write(FAKE.replace("NAME", name))
                os.chmod(os.path.join(tools, name), 0o755)
        done = subprocess.run([os.path.join(ROOT, "jobs", "launch.sh"), *options, "deepfog", "run"], capture_output=True, text=True, check=False,
                              timeout=LIMIT_S, cwd=self.folder, stdin=subprocess.DEVNULL, env={
                                  **self.environment, "PATH": tools + os.pathsep + os.environ["PATH"], "FAKE_TYPES": types,
                                  "FAKE_WORKS": works, **environment})
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    def test_launcher_is_chosen_by_looking(self):
        job = {"SLURM_JOB_ID": "7", "SLURM_JOB_CPUS_PER_NODE": "2(x3),4", "SLURMD_NODENAME": "n1", "FAKE_CPUS": "2"}
        two_threads = ("--threads", "2")
        for options, world, started, reason in (
                ((), {"OMP_NUM_THREADS": "1"}, "mpirun -np 3 deepfog run", "not in a Slurm job"),  # six hardware threads of three cores
                ((), {"DEEPFOG_RANKS": "5"}, "mpirun -np 5 deepfog run", "not in a Slurm job"),
                ((), {**job, "types": "none pmi2 pmix_v4 pmix", "works": "pmix"},
                 "srun --mpi=pmix --nodes=4 --ntasks=10 --cpus-per-task=1 deepfog run", "--mpi=pmix makes one MPI world"),
                (("--ranks", "3"), {**job, "types": "none pmi2 pmix", "works": "pmi2"},
                 "srun --mpi=pmi2 --nodes=2 --ntasks=3 --cpus-per-task=1 deepfog run", "--mpi=pmi2 makes one MPI world"),
                (two_threads, {**job, "types": "pmix", "works": "pmix"},
                 "srun --mpi=pmix --nodes=4 --ntasks=5 --cpus-per-task=2 deepfog run", "--mpi=pmix makes one MPI world"),
                ((), {**job, "SLURM_NTASKS": "12", "types": "pmix", "works": "pmix", "DEEPFOG_SRUN_OPTIONS": "--cpu-bind=cores"},
                 "srun --mpi=pmix --nodes=4 --ntasks=12 --overcommit --cpu-bind=cores deepfog run", "--mpi=pmix makes one MPI world"),
                ((), {**job, "types": "none pmi2"}, "mpirun -np 10 deepfog run",
                 "no type of srun --mpi=list makes one MPI world (tried: pmi2)"),
                (two_threads, {**job, "SLURM_JOB_CPUS_PER_NODE": "4(x2)"}, "mpirun -np 4 --map-by ppr:2:node deepfog run",
                 "no type of srun --mpi=list makes one MPI world (tried: none)"),
                ((), {**job, "SLURM_JOB_CPUS_PER_NODE": "4(x2)", "FAKE_CPUS": "4"}, "mpirun -np 4 deepfog run",
                 "no type of srun --mpi=list makes one MPI world (tried: none)"),  # two hardware threads a core
                ((), {**job, "SLURM_NTASKS": "6", "DEEPFOG_LAUNCHER": "mpirun", "DEEPFOG_MPIRUN_OPTIONS": "--mca pml ucx"},
                 "mpirun -np 6 --mca pml ucx deepfog run", "DEEPFOG_LAUNCHER")):
            with self.subTest(world):
                code, said, told = self.launch(*options, **world)
                self.assertEqual((code, said), (0, started), told)
                self.assertTrue(told.startswith("launch: ") and told.endswith(f" by {started.split()[0]} ({reason})"), told)

    def test_launcher_that_cannot_be_is_refused(self):
        job = {"SLURM_JOB_ID": "7", "SLURM_JOB_CPUS_PER_NODE": "2", "SLURMD_NODENAME": "n1", "FAKE_CPUS": "2"}
        for world, message in (({"DEEPFOG_LAUNCHER": "ssh"}, 'DEEPFOG_LAUNCHER "ssh" (auto, srun, mpirun allowed)'),
                               ({"DEEPFOG_LAUNCHER": "srun"}, "DEEPFOG_LAUNCHER=srun outside a Slurm job (auto or mpirun allowed)"),
                               ({"DEEPFOG_RANKS": "none"}, 'DEEPFOG_RANKS "none" (a whole number from 1 allowed)'),
                               ({**job, "DEEPFOG_SRUN_MPI": "none", "types": "none pmix", "works": "pmix"},
                                "srun --mpi=none with 2 tasks: they do not see each other as 2 ranks of one MPI world"),
                               ({"DEEPFOG_SITE": "no.env"}, "DEEPFOG_SITE: no.env cannot be read")):
            with self.subTest(world):
                code, said, told = self.launch(**world)
                self.assertEqual((code, said, len(told.splitlines())), (2, "", 1), told)
                self.assertIn(message, told)

    def test_site_file_is_read_by_every_job(self):
        self.write("site.env", "DEEPFOG_LAUNCHER=mpirun\nDEEPFOG_RANKS=5\nOMPI_MCA_pml=ob1\n")
        self.assertEqual(self.launch(DEEPFOG_SITE=self.path("site.env"))[1], "mpirun -np 5 deepfog run")
        self.assertEqual(self.launch(DEEPFOG_SITE=self.path("site.env"), DEEPFOG_RANKS="2")[1], "mpirun -np 2 deepfog run")
        # As the job of a submitted script: what was given there is known, and the rest is read again.
        self.assertEqual(self.launch(DEEPFOG_SITE=self.path("site.env"), DEEPFOG_RANKS="2", DEEPFOG_LAUNCHER="srun", DEEPFOG_SITE_READ="x",
                                     DEEPFOG_SITE_GIVEN="DEEPFOG_RANKS")[1], "mpirun -np 2 deepfog run")
        self.write("loose.env", "module() { DEEPFOG_RANKS=3$nowhere_set; }\nDEEPFOG_MODULES=gcc$nowhere_set\n")
        self.assertEqual(self.launch(DEEPFOG_SITE=self.path("loose.env"), OMP_NUM_THREADS="1")[1:],
                         ("mpirun -np 3 deepfog run", "launch: 3 ranks (DEEPFOG_RANKS), 1 thread each, on 1 node, by mpirun (not in a Slurm job)"))
        self.write("modules.env", "DEEPFOG_MODULES='gcc/12'\n")
        code, _, told = self.launch(DEEPFOG_SITE=self.path("modules.env"))
        self.assertEqual(code, 2)
        self.assertIn('there is no command "module" here', told)

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
