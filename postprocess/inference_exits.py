"""Distributed runs of networks with early exits (DDNN): where samples left, how right they were, and how soon."""
import numpy as np


def names(topology):
    """The exits of a topology file, in the order in which samples meet them."""
    return [words[1] for words in (line.split("#")[0].split() for line in topology.splitlines()) if words[:1] == ["exit"] and len(words) > 1]


def last_exit(run):
    """int64[rounds]: where the last sample of each round left; -1: nothing reached an exit."""
    samples = run.rounds["samples"]
    if not len(samples):
        return np.zeros(0, dtype=np.int64)
    return np.maximum.reduceat(run.rounds["exit"], np.cumsum(samples) - samples)


def latencies(run):
    """[(exit, latencies of the rounds whose last sample left there)], for the exits where any did; empty for a network without exits."""
    if not run.exits:
        return []
    last = last_exit(run)
    pairs = [(name, run.latencies(last == place)) for place, name in enumerate(run.exits)]
    return [(name, values) for name, values in pairs if len(values)]
