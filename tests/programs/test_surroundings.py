"""What stands around a call: variables that batch systems and launchers leave behind, outputs that cannot be written, secrets on
the command line, a working directory without configs."""
import os
import re
import socket
import unittest

import h5py

from harness import ROOT, ProgramTest


def closed_port():
    """Where nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


STEP = {"SLURM_JOB_ID": "7", "SLURM_JOBID": "7", "SLURM_STEP_ID": "0", "SLURM_STEPID": "0", "SLURM_PROCID": "3", "SLURM_LOCALID": "1",
        "SLURM_NTASKS": "8", "SLURM_NPROCS": "8", "SLURM_STEP_NUM_TASKS": "8", "SLURM_STEP_NUM_NODES": "2", "SLURM_NNODES": "2",
        "SLURM_NODELIST": "n[1-2]", "SLURM_JOB_NODELIST": "n[1-2]", "SLURM_TASKS_PER_NODE": "4(x2)", "SLURM_TASK_PID": "1999999"}
MPIRUN = {"OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_RANK": "2", "OMPI_COMM_WORLD_LOCAL_SIZE": "4",
          "OMPI_MCA_ess": "^singleton", "OMPI_MCA_pmix": "^s1,s2,cray,isolated", "OMPI_MCA_ess_base_jobid": "118554625",
          "OMPI_MCA_ess_base_vpid": "2", "OMPI_MCA_orte_ess_num_procs": "4", "OMPI_MCA_orte_hnp_uri": "118554624.0;tcp://127.0.0.1:9",
          "OMPI_MCA_orte_launch": "1", "PMIX_NAMESPACE": "118554625", "PMIX_RANK": "2", "PMIX_ID": "118554625.2",
          "PMIX_SERVER_URI4": f"118554624.0;tcp4://127.0.0.1:{closed_port()}",
          "PMIX_SERVER_URI2": f"118554624.0;tcp4://127.0.0.1:{closed_port()}"}
LEFTOVERS = {"a step of srun that has ended": STEP,
             "the shell of salloc": {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "8", "SLURM_NNODES": "2", "SLURM_PROCID": "0"},
             "an mpirun that has ended": MPIRUN,
             "Flux and PALS": {"FLUX_JOB_ID": "f", "FLUX_TASK_RANK": "1", "FLUX_JOB_SIZE": "4", "PALS_RANKID": "3", "PALS_NODEID": "1"},
             "other launchers": {"PMI_RANK": "1", "PMI_SIZE": "4", "PMI_FD": "99", "MV2_COMM_WORLD_RANK": "1", "MV2_COMM_WORLD_SIZE": "2",
                                 "PBS_JOBID": "7", "PBS_TASKNUM": "2", "PBS_NODEFILE": "/nowhere", "LSB_JOBID": "7", "LSF_PM_TASKID": "2",
                                 "JSM_NAMESPACE_RANK": "1", "ALPS_APP_PE": "3"}}


class SurroundingsTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ordinary = cls.environment
        cls.tiny = ("run", "--config", "small.ini", "--set", "runs=1", "experiment.sensors.epochs=1", "--progress", "never", "--output")
        done = cls.deepfog(*cls.tiny, "first.h5")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        cls.weights = "first.h5.weights/sensors.plain.run0.h5"

    def tearDown(self):
        type(self).environment = self.ordinary

    def test_leftovers_of_launchers_silence_and_break_nothing(self):
        calls = (("verify", "missing.h5"), ("verify", "first.h5"), ("analyze", "first.h5"), ("status", "missing.h5"), ("list", "verbs"),
                 ("merge", "--config", "missing.ini"), ("run", "--wrong"), ("run", "--config", "small.ini", "--dry-run"), ("run", "--help"),
                 ("--version",), ("infer", "--weights", self.weights, "--dry-run"), ("partition", "--config", "missing.ini"))
        wanted = {call: self.deepfog(*call) for call in calls}
        for call, done in wanted.items():
            self.assertNotEqual(done.stdout + done.stderr, "", call)
        for number, (name, variables) in enumerate(LEFTOVERS.items()):
            type(self).environment = {**self.ordinary, **variables}
            for call in calls:
                with self.subTest(name, call=call):
                    done = self.deepfog(*call)
                    self.assertEqual((done.returncode, done.stdout, done.stderr),
                                     (wanted[call].returncode, wanted[call].stdout, wanted[call].stderr))
            with self.subTest(name):
                self.run_well(*self.tiny, f"left{number}.h5")
                self.assert_same_results("first.h5", f"left{number}.h5")

    def test_tasks_that_do_not_see_each_other_are_told_once(self):
        # A living step: this process is the task.
        step = {name: value for name, value in STEP.items() if name not in ("SLURM_STEPID", "SLURM_STEP_ID")}  # or Open MPI aborts first
        type(self).environment = {**self.ordinary, **step, "SLURM_TASK_PID": str(os.getpid())}
        done = self.deepfog(*self.tiny, "alone.h5")
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("Slurm has 8 tasks but this process is alone", done.stderr)
        self.assertFalse(os.path.exists(self.path("alone.h5")))

    def refused(self, message, *arguments):
        before = self.files()
        done = self.deepfog(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Adeepfog: error: [^\n]*\n\Z")
        self.assertIn(message, done.stderr)
        self.assertEqual(self.files(), before)

    def test_what_can_never_be_written_is_found_before_the_training(self):
        for name, target in (("way", "gone"), ("here", "there"), ("there", "here"), ("far.h5", "gone/x.h5"), ("w.h5.weights", "gone"),
                             ("j.h5.journal", "planted"), ("g.h5.group0.rounds", "planted")):
            os.symlink(target, self.path(name))
        os.mkdir(self.path("folder"))
        os.mkfifo(self.path("pipe"))
        outputs = {"": "empty", "~/x.h5": "~ is not expanded", "$HOME/x.h5": "$ is not expanded", "new/": "names a folder",
                   "folder": "a folder", "..": "a folder", "pipe": "not a regular file", "/dev/full": "not a regular file",
                   "first.h5/x.h5": "is no folder", "n" * 250 + ".h5": "", "new/" + "n" * 256: "too long", "a\nb.h5": "control character",
                   "/proc/x.h5": "no file can be made", "way/x.h5": "way is a symbolic link to gone, which is not there",
                   "here": "loop", "far.h5": "whose folder is not there", "data/sensors.h5": ""}
        for output, message in {**outputs, "w.h5": "w.h5.weights is a symbolic link to gone", "j.h5": "a symbolic link"}.items():
            with self.subTest(run=output):
                self.refused(message, *self.tiny, output)
        # The same check.
        for output in ("~/x.h5", "folder", "/dev/full", "n" * 250 + ".h5", "way/x.h5", "here"):
            with self.subTest(dry=output):
                self.refused(outputs[output], *self.tiny, output, "--dry-run")
            with self.subTest(merge=output):
                self.refused(outputs[output], "merge", "--config", "small.ini", "--output", output)
        for output, message in {**outputs, "g.h5": "a symbolic link"}.items():
            with self.subTest(infer=output):
                self.refused(message, "infer", "--weights", self.weights, "--output", output, "--dry-run")

    def test_an_output_that_is_a_link_is_written_where_it_leads(self):
        os.makedirs(self.path("disk", "deep"))
        os.symlink(self.path("disk", "x.h5"), self.path("absolute.h5"))
        os.symlink("disk/deep/y.h5", self.path("relative.h5"))
        os.symlink("relative.h5", self.path("chain.h5"))
        for name, file in (("absolute.h5", "disk/x.h5"), ("chain.h5", "disk/deep/y.h5")):
            for _ in range(2):  # not there yet, and there
                self.run_well(*self.tiny, name, "--restart")
                self.assertTrue(os.path.islink(self.path(name)))
                self.assertTrue(os.path.isfile(self.path(file)))
        self.assertTrue(os.path.islink(self.path("relative.h5")))

    def test_secrets_are_not_stored(self):
        type(self).environment = {**self.ordinary, "LD_LIBRARY_PATH": "/lib:/x?token=hunter2", "SLURM_COMMENT": "hunter2",
                                  "OMPI_MCA_orte_precondition_transports": "1859fe496640bf9f-9b1a8cdbad29a42b",
                                  "DEEPFOG_WEBHOOK": "https://hooks.example.org/hunter2", "CONDA_PSK": "hunter2"}
        self.run_well(*self.tiny, "token=hunter2.h5")
        with open(self.path("token=hunter2.h5"), "rb") as file:
            content = file.read()
        for secret in (b"hunter2", b"1859fe496640bf9f"):
            self.assertFalse(secret in content, secret)
        with h5py.File(self.path("token=hunter2.h5")) as file:
            command = file.attrs["command_line"]
            self.assertIn("token=(masked)", command.decode() if isinstance(command, bytes) else command)

    def test_configs_are_found_by_the_names_that_list_shows(self):
        shown = self.run_well("list", "configs").stdout
        paths = re.findall(r"(?m)^(\S+\.ini):", shown)
        self.assertIn(os.path.join(ROOT, "configs", "three-nodes.ini"), paths)
        for name in ("configs/three-nodes.ini", "three-nodes.ini", "three-nodes"):
            done = self.run_well("run", "--config", name, "--print-config", "--set",
                                 "model.sensors.plain.topology=configs/topologies/three-nodes.topology")
            self.assertIn("[campaign]", done.stdout)
        self.refused("cannot be read", "run", "--config", "configs/none.ini", "--print-config")

    def test_a_topology_in_which_nothing_fails_is_named(self):
        with open(self.path("three-nodes.topology"), encoding="utf-8") as file:
            text = re.sub(r"(?m)^fails.*\n", "", file.read())
        self.write("firm.topology", text)
        config = self.path("firm.ini")
        with open(self.path("small.ini"), encoding="utf-8") as file:
            self.write("firm.ini", file.read().replace("three-nodes.topology", "firm.topology"))
        self.refused('no node can fail: the topology has no line "fails NODE ..."', "run", "--config", config, "--dry-run")
        self.refused("no node can fail", "run", "--config", config, "--dry-run", "--set", "experiment.sensors.reliability.often=.5")


if __name__ == "__main__":
    unittest.main()
