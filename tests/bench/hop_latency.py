#!/usr/bin/env python3
"""Latency without failures, single stream, against the slowest path's compute and 1.5 ping-pongs a hop, all of
the same run. Goal: ratio 1 or less."""
from distributed_run import Launcher, main, quietest, result

WARM_UP, ROUNDS = 200, 4000
BATCHES = (1, 64)


def bench(options):
    for weights in options.weights:
        launcher = Launcher(options, weights)
        for batch in BATCHES:
            rounds = ROUNDS if batch == 1 else ROUNDS // 10

            def measure():
                run = launcher.run("--samples", str(min(rounds * batch, launcher.samples)), "--batch", str(batch))
                compute, hops = run.bound_us()
                p50, mean = run.p50_us(min(WARM_UP, run.rounds // 4)), float(run.latency_us.mean())
                return p50 / (compute + hops), mean / (compute + hops), p50, compute, hops

            ratio, mean_ratio, p50, compute, hops, others = quietest(options.repeats, measure)
            result("hop_latency", network=launcher.name, ranks=launcher.ranks, batch=batch, ratio=ratio, goal="1",
                   mean_ratio=mean_ratio, p50_us=p50, compute_us=compute, hops_us=hops,
                   over_us=p50 - compute - hops / 1.5, others=others, rounds=rounds,
                   repeats=options.repeats)


if __name__ == "__main__":
    main("hop_latency", __doc__, bench)
