#!/usr/bin/env python3
"""Our sweep against the PyTorch loop, in turns in one run, one thread each; counts of all combinations compared.

  compare_sweeps.py NAME BENCH_SWEEP TOPOLOGY DATASET WEIGHTS [--rounds 5] [--batch ROWS]

The peer gets the batch size that is fastest for it here: a few are tried on some of the samples first.
"""
import argparse
import ctypes
import os
import statistics
import subprocess
import sys
import time

try:
    import h5py
    import torch
except ImportError as missing:
    sys.exit(f"compare_sweeps.py: error: no module {missing.name} (apt-get install python3-torch python3-h5py)")

import naive_pytorch as peer

BATCHES = (32, 64, 128, 256, 512, 1024, 2048)


class Ours:
    """bench_sweep behind a pipe: it waits while the peer computes."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"compare_sweeps.py: error: bench_sweep ended with code {self.process.wait()}")
        return line.split()

    def ask(self, request):
        print(request, file=self.process.stdin, flush=True)
        return self.answer()

    def sweep(self):
        return [float(word) for word in self.ask("sweep")]

    def counts(self):
        return [int(word) for word in self.ask("counts")]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def blas():
    """The BLAS that PyTorch has loaded, and the processor whose kernels it chose (OPENBLAS_CORETYPE overrules it)."""
    with open("/proc/self/maps") as maps:
        paths = sorted({line.split()[-1] for line in maps if "blas" in line.rsplit("/", 1)[-1]})
    core = "unknown"
    for path in paths:
        name = getattr(ctypes.CDLL(path), "openblas_get_corename", None)
        if name:
            name.restype = ctypes.c_char_p
            core = name().decode()
    return f"blas={'+'.join(map(os.path.basename, paths)) or 'none'} blas_core={core}"


def timed(function):
    wall, cpu = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def best_batch(network, samples, labels):
    """Rows a forward pass with which the loop takes the least processor time over some of the samples."""
    part = slice(0, BATCHES[-1])
    return min(BATCHES, key=lambda batch: timed(lambda: peer.sweep(network, samples[part], labels[part], batch))[2])


def progress(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("name", "program", "topology", "dataset", "weights"):
        parser.add_argument(name)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, help="rows a forward pass of the peer; default: the best of some")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network = peer.load_network(options.weights)
    samples, labels = peer.load_test_set(options.dataset, "bench")
    batch = options.batch or best_batch(network, samples, labels)
    progress(f"{options.name}: the peer takes batches of {batch}")
    ours = Ours([options.program, options.topology, options.dataset, options.weights])
    rows = []
    for number in range(options.rounds):
        before = ours.sweep()
        plain, wall, cpu = timed(lambda: peer.sweep(network, samples, labels, batch))
        after = ours.sweep()
        rows.append(((before[0] + after[0]) / 2, wall, (before[1] + after[1]) / 2, cpu))
        progress(f"{options.name}: round {number + 1} of {options.rounds}: {rows[-1][0]:.3f} s against {wall:.2f} s "
                 f"(processor time {rows[-1][2]:.3f} s against {cpu:.2f} s)")
    exact, changed, predictions = peer.exact_sweep(network, samples, labels, batch)
    counts = ours.counts()
    ours.close()
    equal = counts == exact
    differing = sum(abs(a - b) for a, b in zip(counts, plain))
    with h5py.File(options.dataset, "r") as file:
        origin = file.attrs["origin"].decode()
    middle = statistics.median
    print(f"RESULT bench={options.name} speedup={middle(r[1] / r[0] for r in rows):.2f} "
          f"cpu_speedup={middle(r[3] / r[2] for r in rows):.2f} equal={int(equal)} "
          f"differing={differing} differing_of={predictions} ties_changed={changed} "
          f"seconds={middle(r[0] for r in rows):.4f} peer_seconds={middle(r[1] for r in rows):.3f} "
          f"cpu_seconds={middle(r[2] for r in rows):.4f} peer_cpu_seconds={middle(r[3] for r in rows):.3f} "
          f"combinations={len(counts)} samples={len(labels)} peer_batch={batch} {blas()} "
          f"data={origin} rounds={options.rounds} threads=1")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
