#!/usr/bin/env python3
"""Latency, single stream, once a node has fallen silent or was killed in mid-run, against a run that has known it dead
from its start, and against one without failures. Goal: ratio 1.1 or less; only the first rounds pay the timeout."""
import numpy as np
from distributed_run import Launcher, main, quietest, result

NODE, AT, ROUNDS = "f2", 1000, 4000
SETTLE = 500  # rounds after the failure within which the others must have taken notice


def bench(options):
    for weights in options.weights:
        launcher = Launcher(options, weights)
        common = ("--samples", str(min(ROUNDS, launcher.samples)))
        for kind in ("silence", "crash"):
            script = f"{kind} {NODE} round {AT}" if kind == "crash" else f"{kind} {NODE} rounds {AT}.."

            def measure():
                failing = launcher.run(*common, "--fail", script)
                settled = launcher.run(*common, "--failures", NODE)
                whole = launcher.run(*common)
                slow = failing.latency_us > 10 * failing.p50_us()
                paid = np.flatnonzero(slow[AT:AT + SETTLE])
                late = failing.used[AT + SETTLE:][:, failing.feeds(NODE)].any()
                later, known, before = failing.p50_us(AT + SETTLE), settled.p50_us(AT), whole.p50_us(AT)
                return (later / known, later / before, later, known, before, len(paid),
                        float(failing.latency_us[AT:AT + SETTLE].max()), int(late))

            ratio, whole_ratio, later, known, before, paid, first, used, others = quietest(options.repeats, measure)
            result("dead_node_latency", network=launcher.name, ranks=launcher.ranks, failure=kind, ratio=ratio, goal="1.1",
                   ratio_to_no_failure=whole_ratio, p50_us=later, settled_p50_us=known, no_failure_p50_us=before,
                   rounds_that_paid=int(paid), longest_us=first, used_later=int(used), others=others,
                   repeats=options.repeats)


if __name__ == "__main__":
    main("dead_node_latency", __doc__, bench)
