"""Runs the built program whole, in a folder of its own with small data, and looks at what it leaves behind.

DEEPFOG_PROGRAM names the program, DEEPFOG_LOADED_PROGRAM the one that is loaded once for many calls; ctest sets both. Without
the second, or where it is asked for, every call loads the program.
"""
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from loaded_program import LoadedProgram

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PROGRAM = os.environ.get("DEEPFOG_PROGRAM", os.path.join(ROOT, "build", "deepfog"))
LOADED_PROGRAM = os.environ.get("DEEPFOG_LOADED_PROGRAM")
LIMIT_S = 120

CONFIG = """\
[campaign]
name = small
output = out/small.h5
runs = 4
sweep_block = 64

[experiment.sensors]
dataset = sensors
reliability.no_failure = near:1 middle:1
reliability.often = near:.9 middle:.7
epochs = 40
batch_size = 64

[model.sensors.plain]
topology = three-nodes.topology

[model.sensors.failout]
topology = three-nodes.topology
training = failout
failout_setting = often
"""
# 2 models x 4 runs, each one task of training and three of sweep (200 test samples in blocks of 64, 64 and 72).
UNITS = 32


def mpi_environment(folder):
    """What jobs/mpi_environment.sh sets, and Open MPI's own files in `folder`: a killed job leaves them behind. It need not look
    for fabrics (0.2 s a start), and no daemon for a process alone (0.2 s more)."""
    script = f'. "{ROOT}/jobs/mpi_environment.sh" && env -0'
    text = subprocess.run(["bash", "-c", script], capture_output=True, check=True, timeout=LIMIT_S).stdout.decode()
    environment = dict(line.split("=", 1) for line in text.split("\0") if "=" in line)
    environment.update(OMPI_MCA_orte_tmpdir_base=folder, OMPI_MCA_btl_vader_backing_directory=folder,
                       OMPI_MCA_btl_sm_backing_directory=folder, OMPI_MCA_btl_tcp_if_include="lo", OMP_NUM_THREADS="1",
                       OMPI_MCA_pml="ob1", OMPI_MCA_ess_singleton_isolated="1")
    return environment


def masked(text, *folders):
    """Without what differs from call to call or machine to machine: folders, times, commits, figures that are results."""
    for folder in folders:
        text = text.replace(folder, "<folder>")
    text = text.replace(ROOT, "<source>")
    text = re.sub(r"seconds=[0-9.]+", "seconds=<time>", text)
    return re.sub(r"\b[0-9a-f]{40}\b", "<commit>", text)


def processes_below(process):
    """Ids of a process's descendants."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue  # it has just ended
            children.setdefault(parent, []).append(int(entry))
    found, ahead = [], [process]
    while ahead:
        below = children.get(ahead.pop(), [])
        found += below
        ahead += below
    return found


def kill_job(job):
    """SIGKILL for mpirun and all its ranks."""
    victims = [job.pid, *processes_below(job.pid)]
    for process in victims:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
    job.wait(timeout=LIMIT_S)
    while any(alive(process) for process in victims[1:]):
        time.sleep(0.005)


def alive(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def journal_records(path):
    """Types of the whole records of a record log: header "DFL1", owner [60], u64 length, text, u64 sum; records u32 type length, u32, u64 payload
    length, u64 sum, type, payload."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return []
    at, types = 64, []
    if len(content) < at + 8:
        return types
    at += 8 + struct.unpack_from("<Q", content, at)[0] + 8
    while at + 24 <= len(content):
        kind, _, payload = struct.unpack_from("<IIQ", content, at)
        end = at + 24 + kind + payload
        if end > len(content):
            break
        types.append(content[at + 24:at + 24 + kind].decode())
        at = end
    return types


class ProgramTest(unittest.TestCase):
    """A folder with data/sensors.h5, three-nodes.topology and small.ini."""
    loaded = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="dfog")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.data = os.path.join(cls.folder, "data")
        os.mkdir(cls.data)
        messages = cls.folder + ".mpi"  # not among what a call leaves behind
        os.mkdir(messages)
        cls.addClassCleanup(shutil.rmtree, messages)
        cls.environment = {**mpi_environment(messages), "DEEPFOG_DATA_DIR": cls.data}
        cls.make_data("sensors", "--sources", "left:4,right:6", "--classes", "3", "--samples", "2000")
        shutil.copy(os.path.join(ROOT, "configs", "topologies", "three-nodes.topology"), cls.folder)
        cls.write("small.ini", CONFIG)

    @classmethod
    def make_data(cls, name, *options, kind="any"):
        script = os.path.join(ROOT, "data", "make_synthetic.py")
        subprocess.run([sys.executable, script, kind, os.path.join(cls.data, name + ".h5"), *options], check=True,
                       capture_output=True, timeout=LIMIT_S)

    @classmethod
    def path(cls, *parts):
        return os.path.join(cls.folder, *parts)

    @classmethod
    def write(cls, name, text):
        with open(cls.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    @classmethod
    def command(cls, *arguments, ranks=0):
        return (["mpirun", "-np", str(ranks)] if ranks else []) + [PROGRAM, *arguments]

    @classmethod
    def deepfog(cls, *arguments, ranks=0, limit=LIMIT_S):
        """The finished call, text captured; without ranks there is no mpirun."""
        command = cls.command(*arguments, ranks=ranks)
        if ranks or not LOADED_PROGRAM:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False, cwd=cls.folder,
                                  env=cls.environment, stdin=subprocess.DEVNULL)
        else:
            done = cls.loaded_program().call(command, cls.folder, limit)
        # MPI's hardware library speaks up in containers without /sys.
        done.stderr = re.sub(r"(?m)^\[hwloc.*\n", "", done.stderr)
        return done

    @classmethod
    def loaded_program(cls):
        if cls.loaded is None or cls.loaded.environment != cls.environment or cls.loaded.process.poll() is not None:
            cls.loaded = LoadedProgram(LOADED_PROGRAM, cls.environment)
            cls.addClassCleanup(cls.loaded.end)
        return cls.loaded

    @classmethod
    def start(cls, *arguments, ranks=0):
        return subprocess.Popen(cls.command(*arguments, ranks=ranks), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                cwd=cls.folder, env=cls.environment, stdin=subprocess.DEVNULL, start_new_session=True)

    def run_well(self, *arguments, ranks=0):
        done = self.deepfog(*arguments, ranks=ranks)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def assert_same_results(self, first, second):
        """postprocess/compare.py finds every table and attribute equal, to the last bit."""
        script = os.path.join(ROOT, "postprocess", "compare.py")
        done = subprocess.run([sys.executable, script, self.path(first), self.path(second)], capture_output=True, text=True,
                              timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def files(self):
        """Everything below the folder, for tests of what a call leaves behind."""
        found = []
        for where, _, names in os.walk(self.folder):
            if os.path.basename(where).startswith("ompi.") or "/ompi." in where:
                continue
            found += [os.path.relpath(os.path.join(where, name), self.folder) for name in names]
        return sorted(found)
