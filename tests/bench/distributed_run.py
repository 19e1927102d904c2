"""Starts `deepfog infer` as the job scripts do and reads what it wrote; for the benchmarks beside this file."""
import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import h5py
    import numpy as np
except ImportError as missing:
    sys.exit(f"distributed_run.py: error: no module {missing.name} (apt-get install python3-h5py)")

PATIENCE_S = 120
TEST = 2  # in a split, as data/dataset_rules.py has it


class BenchError(Exception):
    """A run that ended without a VALID results file."""


class Run:
    """The tables of one distributed run, group 0; see src/storage/inference_results.hpp for their columns."""

    def __init__(self, path):
        with h5py.File(path, "r") as file:
            table = file["inference/inference"]
            text = lambda values: [value.decode() for value in values]
            self.links = text(table["topology/links"])
            self.nodes = text(table["nodes/node"])
            self.compute_us = dict(zip(self.nodes, table["nodes/compute_us"][()]))
            self.hop_us = dict(zip(text(table["hops/link"]), table["hops/half_round_trip_us"][()]))
            self.arrival_us = table["rounds/arrival_us"][()]
            self.latency_us = table["rounds/latency_us"][()]
            self.samples = table["rounds/samples"][()]
            self.used = table["rounds/used"][()].astype(bool)
            self.rounds = len(self.latency_us)
            if not file.attrs["valid"]:
                raise BenchError(f"INVALID: {file.attrs['invalid_reasons'].decode()}")

    def mean_compute_us(self, node):
        return self.compute_us[node] / self.rounds

    def p50_us(self, first=0):
        """The first rounds warm caches and allocators up; they count for nothing."""
        return float(np.median(self.latency_us[first:]))

    def samples_per_second(self):
        return self.samples.sum() / (np.max(self.arrival_us + self.latency_us) - self.arrival_us[0]) * 1e6

    def feeds(self, node):
        """Columns of `used` for the hyperconnections that begin at a node."""
        return [i for i, link in enumerate(self.links) if link.startswith(node + "->")]

    def bound_us(self, hops_each=1.5):
        """(compute, hops) of the slowest path: from the last node's word that a round begins, which travels to
        every node that reads a source, along hyperconnections to the answer. The word is not among the hops
        that were measured: the cheapest of them stands for it."""
        go = min(self.hop_us.values())
        best = {}
        for node in self.nodes:  # in topological order
            ways = []
            for link in self.links:
                sender, receiver = link.split("->")
                if receiver != node:
                    continue
                if sender in best:
                    ways.append((best[sender][0], best[sender][1] + hops_each * self.hop_us[link]))
                else:
                    ways.append((0.0, hops_each * go if node != self.nodes[-1] else 0.0))
            compute, hops = max(ways, key=sum)
            best[node] = (compute + self.mean_compute_us(node), hops)
        return best[self.nodes[-1]]


class Others:
    """How many cores other work keeps busy while the block runs: what ruins a measurement in time."""

    def __init__(self):
        self.cores = 0.0

    @staticmethod
    def look():
        with open("/proc/stat", encoding="utf-8") as stat:
            user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
        return busy - own.ru_utime - own.ru_stime, time.monotonic()

    def __enter__(self):
        self.before = self.look()
        return self

    def __exit__(self, *_):
        busy, now = self.look()
        self.cores = max(0.0, busy - self.before[0]) / (now - self.before[1])


class Launcher:
    """Runs of one network."""

    def __init__(self, options, weights):
        self.program, self.launch = options.program, options.launch.split()
        self.beside = claim_cores if options.realtime else None
        self.given = ["--weights", weights, "--dataset", options.dataset, "--progress", "never"]
        self.name = os.path.basename(weights).split(".")[0]
        with h5py.File(options.dataset, "r") as file:
            split = file.attrs["default_split"].decode()
            self.samples = int(np.count_nonzero(file[f"splits/{split}"][()] == TEST))
        with h5py.File(weights, "r") as file:
            text = file.attrs["topology_text"].decode()
        self.nodes = [line.split()[1] for line in text.splitlines() if line.startswith("node ")]
        self.ranks = len(self.nodes)

    def run(self, *options, beside=None):
        """One run. beside(process, results path) is called while it works."""
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "run.h5")
            command = [*self.launch, str(self.ranks), self.program, "infer", *self.given, "--output", output, *options]
            with open(os.path.join(folder, "log"), "w+", encoding="utf-8") as log:
                with subprocess.Popen(command, stdout=log, stderr=log) as process:
                    try:
                        for action in filter(None, (self.beside, beside)):
                            action(process, output)
                        process.wait(timeout=PATIENCE_S)
                    except BaseException:
                        process.terminate()
                        raise
                if not os.path.exists(output):  # with recovery mpirun returns 0 whatever happened
                    log.seek(0)
                    raise BenchError(f"{' '.join(command)}: no results file: {log.read().strip()}")
            return Run(output)


def ranks_of(process):
    """{rank: process id} of a running mpirun."""
    found = {}
    try:
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as children:
            pids = children.read().split()
        for pid in pids:
            with open(f"/proc/{pid}/environ", "rb") as environment:
                for word in environment.read().split(b"\0"):
                    if word.startswith(b"OMPI_COMM_WORLD_RANK="):
                        found[int(word.split(b"=")[1])] = int(pid)
    except OSError as error:
        raise BenchError(f"mpirun ended early: {error}") from error
    return found


def wait_for_rounds(process, output):
    """Returns when the last node has begun to record rounds."""
    deadline = time.monotonic() + PATIENCE_S
    while not os.path.exists(output + ".group0.rounds"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchError("the run ended before its first round")
        time.sleep(0.002)


def claim_cores(process, output):
    """Real-time priority for the ranks while rounds go by: on a machine with other work, for half a second."""
    wait_for_rounds(process, output)
    for pid in ranks_of(process).values():
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))


def quietest(repeats, measure):
    """Rows of measure() in the `repeats` quietest of twice as many turns, each with the cores that other work had
    taken meanwhile as its last figure; medians of the columns."""
    rows = []
    for _ in range(2 * repeats):
        with Others() as others:
            row = measure()
        rows.append((*row, others.cores))
        print("bench: " + " ".join(f"{figure:.4g}" for figure in rows[-1]), file=sys.stderr, flush=True)
    rows = sorted(rows, key=lambda row: row[-1])[:repeats]
    return [statistics.median(column) for column in zip(*rows)]


def result(name, **figures):
    words = " ".join(f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}" for key, value in figures.items())
    print(f"RESULT bench={name} {words}", flush=True)


def main(name, doc, bench):
    """bench(options) prints its RESULT lines."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="deepfog")
    parser.add_argument("--launch", default="mpirun -np", help="words before the number of ranks")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--realtime", action="store_true", help="ranks outrank all other work (needs root)")
    parser.add_argument("weights", nargs="+", help="a network each")
    try:
        bench(parser.parse_args())
    except (BenchError, subprocess.TimeoutExpired) as error:
        sys.exit(f"{name}.py: error: {error}")
