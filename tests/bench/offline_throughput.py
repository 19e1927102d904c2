#!/usr/bin/env python3
"""Samples a second, offline, against what the slowest node's compute allows, both of the same run. Goal with a core for
each rank: ratio 0.9 or more."""
from distributed_run import Launcher, main, quietest, result

FRAMES = {1: 8000, 64: 500}


def bench(options):
    for weights in options.weights:
        launcher = Launcher(options, weights)
        for batch, frames in FRAMES.items():
            samples = min(frames * batch, launcher.samples)

            def measure():
                run = launcher.run("--scenario", "offline", "--samples", str(samples), "--batch", str(batch))
                slowest = max(run.mean_compute_us(node) for node in run.nodes)
                rate = run.samples_per_second()
                return rate * slowest * run.rounds / samples / 1e6, rate, slowest

            ratio, rate, slowest, others = quietest(options.repeats, measure)
            result("offline_throughput", network=launcher.name, ranks=launcher.ranks, batch=batch, ratio=ratio, goal=".9",
                   samples_per_second=rate, slowest_compute_us=slowest, others=others, samples=samples,
                   repeats=options.repeats)


if __name__ == "__main__":
    main("offline_throughput", __doc__, bench)
