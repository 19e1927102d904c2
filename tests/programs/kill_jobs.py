"""Kills jobs of a small campaign, of its shares and their merge, and of a partition study at random moments of their whole life,
gives the same command again and compares: the file is that of an undisturbed run, and nothing finished was done twice.

tests/kill.sh runs this 200 times, test_kill.py a few times.
"""
import argparse
import collections
import contextlib
import os
import random
import re
import shutil
import signal
import sys
import time
import unittest

from harness import LIMIT_S, UNITS, ProgramTest, alive, journal_records, kill_job, processes_below

RUNS = 4
CUT = """\
[partition]
name = cut
output = unused.h5
dataset = pictures
network = alexnet_small
epochs = 1
runs = 2
batch_size = 32
max_train_samples = 64
calibration = 4
samples = 60
sweep_block = 16
memory = 8MiB

[experiment.d3]
devices = 3
reliability.poor = .8

[model.lop]
method = lop

[model.half]
method = robustdice
memory = 50%
"""
# What is at work when the kill comes, in the order in which they take turns. The ends are short and come twice as often.
PHASES = ("training", "ending", "sweep", "merge", "partition", "beginning", "share", "ending", "partition ending", "merge")
VICTIMS = ("all", "one rank", "mpirun")


class Kill:
    """One kill and what it hit."""
    def __init__(self, number, draw):
        self.number, self.phase = number, PHASES[number % len(PHASES)]
        self.ranks = draw.choice((1, 2, 3))
        self.victim = draw.choice(VICTIMS)
        self.at = draw.random()  # place in the phase
        self.share = draw.choice((1, 2))

    def __str__(self):
        return f"kill {self.number}: {self.phase} at {self.at:.3f}, {self.victim} of {self.ranks} ranks"


def settled(paths):
    """(inode, time of change) of each file that is there: a file that is made anew has others."""
    found = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            status = os.stat(path)
            found[path] = (status.st_ino, status.st_mtime_ns)
    return found


class KillCase(ProgramTest):
    """The jobs, what they leave undisturbed, and how long their phases take."""
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_data("pictures", "--samples", "300", kind="cifar10")
        cls.write("cut.ini", CUT)
        cls.took = {}
        cls.undisturbed("whole", *cls.run_call("whole.h5"), journal=cls.path("whole.h5.journal"))
        for share in (1, 2):
            cls.undisturbed("share", *cls.run_call("parts.h5", share))
        shutil.copytree(cls.path("parts.h5.shares"), cls.path("ready.shares"))
        shutil.copytree(cls.path("parts.h5.weights"), cls.path("ready.weights"))
        cls.undisturbed("merge", "merge", "--config", "small.ini", "--output", "parts.h5", ranks=0)
        cls.undisturbed("partition", *cls.cut_call("cut.h5"), part=cls.path("cut.h5"))

    @staticmethod
    def run_call(output, share=None):
        return ("run", "--config", "small.ini", "--output", output, "--progress", "never", *(("--share", f"{share}/2") if share else ()))

    @staticmethod
    def cut_call(output):
        return ("partition", "--config", "cut.ini", "--output", output, "--progress", "never")

    @classmethod
    def undisturbed(cls, name, *call, ranks=2, journal=None, part=None):
        """Runs it and notes its duration, and that of its end: from the last task, or the results file, on."""
        begin = last = time.monotonic()
        job = cls.start(*call, ranks=ranks)
        while job.poll() is None:
            if journal and len(journal_records(journal)) < UNITS + 2 or part and not cls.part_of(part):
                last = time.monotonic()
            time.sleep(0.002)
        end = time.monotonic()
        _, errors = job.communicate(timeout=LIMIT_S)
        if job.returncode != 0:
            raise AssertionError(errors)
        cls.took[name], cls.took[name + " ending"] = end - begin, max(end - last, 0.05)

    @staticmethod
    def part_of(path):
        folder, name = os.path.split(path)
        with contextlib.suppress(FileNotFoundError):
            return any(name in entry and entry.endswith(".part") for entry in os.listdir(folder))
        return False

    def wait_until(self, job, reached):
        deadline = time.monotonic() + LIMIT_S
        while job.poll() is None and not reached() and time.monotonic() < deadline:
            time.sleep(0.0005)

    def kill(self, job, kill):
        """Ends the job as the kill wants it; then every process of it must be gone by itself."""
        ranks = processes_below(job.pid) if kill.ranks else [job.pid]
        if kill.victim == "all" or not ranks or not kill.ranks:
            kill_job(job)
        else:
            victim = job.pid if kill.victim == "mpirun" else ranks[kill.number % len(ranks)]
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        job.communicate(timeout=LIMIT_S)
        deadline = time.monotonic() + LIMIT_S
        while any(alive(process) for process in ranks):
            self.assertLess(time.monotonic(), deadline, f"{kill}: a rank outlives its job")
            time.sleep(0.002)

    def begin(self, kill, call, phase, journal, results):
        """Starts the job and waits for the moment."""
        job = self.start(*call, ranks=kill.ranks)
        # The last record of a phase is followed by the time that a task takes, or the end.
        names, ending = ("whole", "share")["share" in phase], "ending" in phase
        pause = self.took[names] / UNITS * kill.at
        if phase == "training":
            wanted = 2 + int(kill.at * 2 * RUNS)
            self.wait_until(job, lambda: journal_records(journal).count("training") >= wanted - 2)
        elif phase == "sweep":
            wanted = int(kill.at * 6 * RUNS)
            self.wait_until(job, lambda: journal_records(journal).count("sweep") >= wanted)
        elif phase == "ending" and kill.number % 3:
            self.wait_until(job, lambda: len(journal_records(journal)) >= UNITS + 2)
            pause = 1.2 * self.took["whole ending"] * kill.at
        elif ending:
            self.wait_until(job, lambda: self.part_of(results))
            pause = 0.01 * kill.at
        elif phase == "beginning":
            pause = 0.5 * self.took["whole"] * kill.at
        else:
            pause = 1.1 * self.took[phase] * kill.at
        time.sleep(pause)
        return job

    def one(self, kill):
        """Does it and says what was hit: tasks that were done."""
        shutil.rmtree(self.path("out"), ignore_errors=True)
        os.mkdir(self.path("out"))
        if kill.phase.startswith("partition"):
            return self.one_partition(kill)
        if kill.phase == "merge":
            return self.one_merge(kill)
        share = kill.share if kill.phase == "share" else None
        call = self.run_call("out/killed.h5", share)
        results = self.path("out", "killed.h5.shares", f"{share}-of-2.h5") if share else self.path("out", "killed.h5")
        job = self.begin(kill, call, kill.phase, results + ".journal", results)
        self.kill(job, kill)
        tasks = self.resume(kill, call, results)
        if share:
            self.run_well(*self.run_call("out/killed.h5", 3 - share), ranks=2)
            self.run_well("merge", "--config", "small.ini", "--output", "out/killed.h5")
        self.assert_whole(kill)
        return tasks

    def weights(self):
        return [self.path("out", "killed.h5.weights", f"sensors.{model}.run{run}.h5") for model in ("plain", "failout")
                for run in range(RUNS)]

    def resume(self, kill, call, results):
        """The same command: exactly what was done is taken over."""
        records = journal_records(results + ".journal")
        tasks = sum(kind in ("training", "sweep") for kind in records)
        over = not records and os.path.exists(results)
        before, weights = settled([results]), settled(self.weights())
        done = self.deepfog(*call, ranks=kill.ranks)
        self.assertEqual(done.returncode, 0, f"{kill}: {done.stderr}")
        resumed = re.search(r"resuming: (\d+) of \d+ tasks are done already", done.stderr)
        finished = "is complete and valid already" in done.stderr
        if over or finished:
            self.assertTrue(finished, f"{kill}: {done.stderr}")
            self.assertEqual(settled([results]), before, f"{kill}: a finished file was written anew")
            tasks = UNITS
        else:
            self.assertEqual(int(resumed[1]) if resumed else 0, tasks, f"{kill}: {done.stderr}")
        kept = [path for path, status in settled(self.weights()).items() if weights.get(path) == status]
        # Weights may be there whose record was not written any more; never the other way round.
        self.assertGreaterEqual(len(kept), records.count("training"), f"{kill}: a finished training was repeated")
        return tasks

    def one_merge(self, kill):
        shutil.copytree(self.path("ready.shares"), self.path("out", "killed.h5.shares"))
        shutil.copytree(self.path("ready.weights"), self.path("out", "killed.h5.weights"))
        call = ("merge", "--config", "small.ini", "--output", "out/killed.h5")
        weights = settled(self.weights())
        kill.ranks = 0
        job = self.start(*call)
        if kill.number % 2:
            time.sleep(1.1 * self.took["merge"] * kill.at)
        else:
            self.wait_until(job, lambda: self.part_of(self.path("out", "killed.h5")))
            time.sleep(0.01 * kill.at)
        self.kill(job, kill)
        written = settled([self.path("out", "killed.h5")])
        self.run_well(*call)
        if written:
            self.assertEqual(settled(written), written, f"{kill}: the merged file was written anew")
        self.assertEqual(settled(self.weights()), weights, f"{kill}: weights were written anew")
        self.assert_whole(kill)
        return UNITS

    def assert_whole(self, kill):
        with self.subTest(str(kill)):
            self.assert_same_results("whole.h5", "out/killed.h5")
            self.assertEqual(sorted(os.listdir(self.path("out"))), ["killed.h5", "killed.h5.weights"])

    def one_partition(self, kill):
        call = self.cut_call("out/killed.h5")
        job = self.begin(kill, call, kill.phase, "", self.path("out", "killed.h5"))
        self.kill(job, kill)
        networks = settled([self.path("out", "killed.h5.partitions", f"network.run{run}.h5") for run in range(2)])
        self.run_well(*call, ranks=kill.ranks)
        self.assertEqual(settled(networks), networks, f"{kill}: a finished network was trained anew")
        with self.subTest(str(kill)):
            self.assert_same_results("cut.h5", "out/killed.h5")
            self.assertEqual(sorted(os.listdir(self.path("out"))), ["killed.h5", "killed.h5.partitions"])
        return len(networks)

    def spread(self, count, seed, tell=lambda line: None):
        """So many kills; by phase how many there were and how many hit work that was partly done."""
        draw = random.Random(seed)
        hits = collections.Counter()
        for number in range(count):
            kill = Kill(number, draw)
            with self.subTest(str(kill), seed=seed):
                tasks = self.one(kill)
                hits[kill.phase] += 1
                hits["tasks kept"] += tasks
                tell(f"{kill}: {tasks} finished tasks were kept")
        return hits


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=200, help="kills (200)")
    parser.add_argument("--seed", type=int, help="of the moments; else the time, which is said")
    options = parser.parse_args()
    seed = time.time_ns() if options.seed is None else options.seed

    class Nightly(KillCase):
        def test_kills(self):
            begin = time.monotonic()
            hits = self.spread(options.count, seed, lambda line: print(line, flush=True))
            phases = " ".join(f"{phase.replace(' ', '_')}={hits[phase]}" for phase in dict.fromkeys(PHASES))
            print(f"RESULT kills={options.count} seed={seed} {phases} units_kept={hits['tasks kept']} "
                  f"seconds={time.monotonic() - begin:.0f}", flush=True)

    outcome = unittest.TextTestRunner(verbosity=0).run(unittest.defaultTestLoader.loadTestsFromTestCase(Nightly))
    return 0 if outcome.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
