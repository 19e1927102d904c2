"""Distributed runs of the built program over small networks that were trained on the spot; what they leave behind, read."""
import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

from harness import LIMIT_S, PROGRAM, ROOT, ProgramTest, journal_records, kill_job, processes_below

# Four nodes that can fail, two skips, two ways in.
FIVE_NODES = """\
topology five-nodes
source left  4
source right 6
node a relu:12
node b relu:12
node c relu:12*2
node d relu:12
node server linear:3
link left -> a
link right -> b
link a -> c
link b -> c
link a -> d skip
link c -> d
link d -> server
link c -> server skip weight=0.5
fails a b c d
"""
CONFIG = """\
[campaign]
name = nets
output = nets.h5
runs = 1
sweep_block = 64

[experiment.three]
dataset = sensors
reliability.often = near:.9 middle:.7
epochs = 10
batch_size = 64

[model.three.plain]
topology = three-nodes.topology

[experiment.five]
dataset = sensors
reliability.often = a:.9 b:.8 c:.9 d:.7
epochs = 10
batch_size = 64

[model.five.plain]
topology = five-nodes.topology
"""
THREE, FIVE = (f"nets.h5.weights/{name}.plain.run0.h5" for name in ("three", "five"))
NODES = {THREE: ("near", "middle", "server"), FIVE: ("a", "b", "c", "d", "server")}
SAMPLES = 200
# Silence means death only after half a second: the machine may be busy with other tests.
CALM = ("--limit", "500ms", "--heartbeat", "20ms", "--progress", "never")
# Two seconds of frames, whatever the machine: time for something to happen from outside.
PACED = ("--scenario", "server", "--rate", "100")


class Measured:
    """One distributed run of a results file: tables as arrays, attributes by name."""

    def __init__(self, path, name="inference"):
        with h5py.File(path, "r") as file:
            group = file["inference"][name]
            self.valid = bool(file.attrs["valid"]) if "valid" in file.attrs else None
            self.attributes = {key: _plain(value) for key, value in group.attrs.items()}
            self.tables = {}
            group.visititems(self._keep)
        self.ending = self.attributes["ending"]

    def _keep(self, name, item):
        if isinstance(item, h5py.Dataset):
            self.tables[name] = _plain(item[()])

    def __getitem__(self, name):
        return self.tables[name]

    def rows_of_rounds(self):
        """Beginning of each round's predictions, and one more."""
        return np.concatenate([[0], np.cumsum(self["rounds/samples"])])

    def transitions(self, peer, *events):
        """Rows of the membership table; without events: those that tell of a silence or, where the library knows, a death."""
        return [row for row in range(len(self["membership/peer"]))
                if self["membership/peer"][row] == peer and self["membership/event"][row] in (events or ("suspected", "lost"))]

    def told(self, peer):
        """Whether the MPI library told of the peer's death: then nobody need wait until its silence is suspicious."""
        return bool(self.transitions(peer, "lost"))


def _plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.ndarray) and value.dtype.kind in "SO":
        return [word.decode() if isinstance(word, bytes) else str(word) for word in value.ravel()]
    return value


def recovery_flags():
    """As jobs/mpi_recovery.sh has them."""
    script = f'. "{ROOT}/jobs/mpi_recovery.sh" && printf "%s\\0" "${{mpi_recovery[@]}}"'
    text = subprocess.run(["bash", "-c", script], capture_output=True, check=True, timeout=LIMIT_S).stdout.decode()
    return [word for word in text.split("\0") if word]


def code_with_recovery(code):
    """What mpirun returns with the flags of recovery_flags() when the ranks return `code`: Open MPI 4 has no ear for it."""
    return code if "--with-ft" in recovery_flags() else 0


class InferTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recovery = recovery_flags()
        cls.write("five-nodes.topology", FIVE_NODES)
        cls.write("nets.ini", CONFIG)
        done = cls.deepfog("run", "--config", "nets.ini", "--progress", "never")
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    @classmethod
    def launch(cls, weights, options, groups=1, ranks=0, recovery=True):
        """The call, as jobs/infer.sh makes it."""
        ranks = ranks or len(NODES[weights]) * groups
        return ["mpirun", "-np", str(ranks), *(cls.recovery if recovery else []), PROGRAM, "infer", "--weights", weights, *options]

    @classmethod
    def infer(cls, weights, *options, groups=1, ranks=0, recovery=True, limit=LIMIT_S):
        """A run to its end: standard output, standard error and exit code."""
        return subprocess.run(cls.launch(weights, options, groups, ranks, recovery), capture_output=True, text=True, timeout=limit,
                              check=False, cwd=cls.folder, env=cls.environment, stdin=subprocess.DEVNULL)

    def start_infer(self, weights, output, *options, groups=1, recovery=True):
        """A run that goes on, and the process of each rank; by then a dozen rounds are done in every group."""
        job = subprocess.Popen(self.launch(weights, ("--output", output, *options), groups, 0, recovery), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                               start_new_session=True)
        self.addCleanup(self.end, job)
        self.wait_for_rounds(job, output, groups)
        return job, ranks_of(job)

    @staticmethod
    def end(job):
        if job.poll() is None:
            kill_job(job)
        job.stdout.close()
        job.stderr.close()

    def wait_for_rounds(self, job, output, groups=1, count=12):
        """Until so many are answered in each group, or its round_log is gone again."""
        deadline = time.monotonic() + LIMIT_S
        for round_log in [self.path(f"{output}.group{group}.rounds") for group in range(groups)]:
            found = 0
            while found < count and not (found and not os.path.exists(round_log)):
                if job.poll() is not None:
                    self.fail("the run ended too early: " + "".join(job.communicate()))
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.005)
                found = max(found, rounds_in(round_log))

    def finish(self, job):
        """What it said; in time, or the test fails."""
        try:
            return job.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            kill_job(job)
            self.fail("the run hangs: " + "".join(job.communicate()))

    def read(self, output, valid=True, said=""):
        """The results, as deepfog verify sees them, too."""
        path = self.path(output)
        self.assertTrue(os.path.exists(path), f"no {output}: {said}")
        done = self.deepfog("verify", output)
        self.assertEqual(done.returncode, 0 if valid else 3, done.stdout + done.stderr + said)
        left = [name for name in os.listdir(os.path.dirname(path)) if name.startswith(os.path.basename(path) + ".")]
        self.assertEqual(left, [], "round logs and temporary files")
        return Measured(path)

    def assert_every_sample(self, measured, phases=1):
        """No round lost: each sample once a phase, whatever was answered."""
        rows = measured.rows_of_rounds()
        self.assertEqual(len(measured["rounds/prediction"]), rows[-1])
        seen = {phase: [] for phase in range(phases)}
        for phase, first, count in zip(measured["rounds/phase"], measured["rounds/first_sample"], measured["rounds/samples"]):
            seen[phase] += range(first, first + count)
        for phase, samples in seen.items():
            self.assertEqual(sorted(samples), list(range(len(measured["labels"]))), f"phase {phase}")

    def assert_nothing_left_running(self, ranks):
        deadline = time.monotonic() + 30
        while any(os.path.exists(f"/proc/{process}") for process in ranks.values()):
            self.assertLess(time.monotonic(), deadline, "a rank outlives mpirun")
            time.sleep(0.05)


def ranks_of(job):
    """Process of each rank."""
    found = {}
    for process in processes_below(job.pid):
        try:
            with open(f"/proc/{process}/environ", "rb") as file:
                words = dict(word.split(b"=", 1) for word in file.read().split(b"\0") if b"=" in word)
            with open(f"/proc/{process}/comm", encoding="utf-8") as file:
                own = file.read().strip() == os.path.basename(PROGRAM)
        except OSError:
            continue
        if own and b"OMPI_COMM_WORLD_RANK" in words:
            found[int(words[b"OMPI_COMM_WORLD_RANK"])] = process
    return found


def rounds_in(round_log):
    """Whole records of answered rounds."""
    return journal_records(round_log).count("round")


def kill(process):
    os.kill(process, signal.SIGKILL)


def postprocess(test, script, *arguments):
    done = subprocess.run([sys.executable, os.path.join(ROOT, "postprocess", script), *arguments], capture_output=True, text=True,
                          timeout=LIMIT_S, check=False, cwd=test.folder)
    test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
    return done.stdout
