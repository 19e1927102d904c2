#!/usr/bin/env python3
"""A node's rank is stopped from outside for a second and continued: time until a message of it is in an answer again,
in heartbeats, at 1,000 frames a second. Goal: 2 or less."""
import os
import signal
import time

import numpy as np
from distributed_run import BenchError, Launcher, main, quietest, ranks_of, result, wait_for_rounds

NODE, RATE, ROUNDS, HEARTBEAT_US = "f2", 1000, 3500, 20_000
BEFORE_S, STOPPED_S = 1.0, 1.0


def rejoin_us(run, stopped_us):
    """Since the rank was continued. The file's clock begins at the run's start, which is not ours; both know when
    the rank was stopped: between the last answer with a message of the node and the end of its first silence."""
    answered_us = run.arrival_us + run.latency_us
    uses = run.used[:, run.feeds(NODE)].any(axis=1)
    with_node = answered_us[uses]
    gap = int(np.argmax(np.diff(with_node)))
    silence_us = with_node[gap + 1] - with_node[gap]
    if silence_us < stopped_us / 2:
        raise BenchError(f"{NODE} was stopped for {stopped_us:.0f} us, but no answer lacks it for so long")
    return silence_us - stopped_us


def bench(options):
    for weights in options.weights:
        launcher = Launcher(options, weights)
        rank = launcher.nodes.index(NODE)

        def measure():
            times = []

            def stop_and_continue(process, output):
                wait_for_rounds(process, output)
                pid = ranks_of(process)[rank]
                time.sleep(BEFORE_S)
                os.kill(pid, signal.SIGSTOP)
                times.append(time.monotonic())
                time.sleep(STOPPED_S)
                os.kill(pid, signal.SIGCONT)
                times.append(time.monotonic())

            run = launcher.run("--scenario", "server", "--rate", str(RATE), "--samples", str(min(ROUNDS, launcher.samples)),
                               "--heartbeat", f"{HEARTBEAT_US}us", beside=stop_and_continue)
            return (rejoin_us(run, (times[1] - times[0]) * 1e6) / HEARTBEAT_US,)

        heartbeats, others = quietest(options.repeats, measure)
        result("rejoin", network=launcher.name, ranks=launcher.ranks, heartbeats=heartbeats, goal="2",
               heartbeat_us=HEARTBEAT_US, stopped_s=STOPPED_S, others=others, repeats=options.repeats)


if __name__ == "__main__":
    main("rejoin", __doc__, bench)
