"""Distributed runs for the tests: the health network's messages drawn from a generator, not measured, laid out as the program does."""
from random import Random

import h5py
import numpy as np

import sample

NODES = ["f1", "f2", "e1", "cloud"]                  # order of the topology file
FAILING = sample.HEALTH["nodes"].split()
LINKS = ["in->e1", "e1->f2", "f2->f1", "f1->cloud", "in->f2", "e1->f1", "f2->cloud"]
TIMEOUTS = (10, 100, 1000, 10000)
VARIANTS = ("no failure", "f2 dead", "straggler")
CLASSES, FRAME, HEADER, LABELS = 12, 4, 32, 400
ALIVE = 0b111


def build(path, experiments=(), name="study", **how):
    """A results file with one distributed run, beside these experiments."""
    sample.build(path, experiments=experiments, runs=2)
    add(path, name, **how)
    return path


def add(path, name, variants=VARIANTS, timeouts=TIMEOUTS, rounds=20, groups=1, done=None, origin="real", ending="complete", seed=1, energy=True,
        transitions=True):
    """Append a run: a phase a variant and timeout, `rounds` rounds each; done: only so many rounds of all (of each group)."""
    random, phases = Random(seed), [(variant, timeout) for variant in variants for timeout in timeouts]
    labels = np.array([random.randrange(CLASSES) for _ in range(LABELS)])
    columns = {key: [] for key in ("group phase round first_sample samples arrival_us latency_us waited_for correct used timed_out "
                                   "prediction").split()}
    for group in range(groups):
        walked = [number for number in range(len(phases)) if number % groups == group]
        plan = [number for number in walked for _ in range(rounds)][:done]
        now = 0.0
        for count, number in enumerate(plan):
            variant, timeout = phases[number]
            now += _round(columns, labels, random, group, number, count, now, variant, timeout) + 200.0
    with h5py.File(path, "r+") as file:
        place = file.require_group("inference").create_group(name)
        sample.put(place, {"experiment": "health", "model": "deepfogguard", "dataset": "mhealth", "data_origin": origin,
                           "scenario": "single_stream", "ending": ending, "groups": groups, "classes": CLASSES, "header_bytes": HEADER,
                           "guess_accuracy": 1 / CLASSES})
        _write(place, columns, phases, rounds, labels)
        _write_nodes(place, groups, energy)
        _write_links(place, groups)
        _write_membership(place, columns, [variant for variant, _ in phases], transitions)


def _round(columns, labels, random, group, phase, count, now, variant, timeout):
    """One round of the health network; returns its latency."""
    arrived, waited, used, timed_out = {"in": 0.0}, {}, [0] * len(LINKS), [0] * len(LINKS)
    for node in ("e1", "f2", "f1", "cloud"):
        if variant == f"{node} dead":
            continue
        mine = [(i, link.split("->")[0]) for i, link in enumerate(LINKS) if link.endswith("->" + node)]
        times = {i: arrived[sender] + (0 if sender == "in" else 120 * random.lognormvariate(0, .35)) for i, sender in mine if sender in arrived}
        begin = min(times.values(), default=0.0)
        latest = begin
        for i, sender in mine:
            if i in times and times[i] <= begin + timeout:
                used[i], latest = 1, max(latest, times[i])
            elif i in times or variant == f"{sender} dead":
                timed_out[i], latest = 1, max(latest, begin + timeout)
        waited[node] = max(times, key=times.get, default=-1)
        slow = 5000.0 if variant == "straggler" and node == "f2" and random.random() < .3 else 0.0
        if any(used[i] for i, _ in mine):
            arrived[node] = latest + 80 + slow + 10 * random.random()
    reached = "cloud" in arrived
    first = count * FRAME % LABELS
    right = .97 - .035 * (len(LINKS) - sum(used))
    row = [int(label) if random.random() < right else int(label + 1) % CLASSES for label in labels[first:first + FRAME]]
    latency = arrived.get("cloud", max(arrived.values()) + timeout)
    values = {"group": group, "phase": phase, "round": count, "first_sample": first, "samples": FRAME, "arrival_us": now, "latency_us": latency,
              "waited_for": waited.get("cloud", -1) if reached else -1, "used": used, "timed_out": timed_out,
              "correct": sum(a == b for a, b in zip(row, labels[first:])) if reached else 0}
    for key, value in values.items():
        columns[key].append(value)
    columns["prediction"] += row if reached else [-1] * FRAME
    return latency


def _write(place, columns, phases, rounds, labels):
    for name, values in {"topology/links": LINKS, "topology/failing": FAILING}.items():
        table(place, name, np.array(values, dtype="S"))
    table(place, "topology/text", np.bytes_("topology health\n"))
    table(place, "script", np.bytes_("seed 1\n"))
    table(place, "labels", labels)
    names = [variant.split()[0] for variant, _ in phases]
    dead = [ALIVE & ~(1 << FAILING.index(name)) if variant.endswith(" dead") and name in FAILING else ALIVE for name, (variant, _) in zip(names, phases)]
    _columns(place, "phases", name=[f"{variant}@{timeout}us" for variant, timeout in phases], combination=np.array(dead, dtype=np.uint64),
             timeout_us=np.array([timeout for _, timeout in phases], dtype=np.float64),
             script=np.array([variant == "straggler" for variant, _ in phases], dtype=np.uint8), rounds=np.full(len(phases), rounds),
             settle_us=np.full(len(phases), np.nan))
    kinds = {"arrival_us": np.float64, "latency_us": np.float64, "used": np.uint8, "timed_out": np.uint8}
    count = len(columns["round"])
    _columns(place, "rounds", **{key: np.array(values, dtype=kinds.get(key, np.int64)).reshape((count, len(LINKS)) if key in ("used", "timed_out") else -1)
                                 for key, values in columns.items()})


def _write_nodes(place, groups, energy):
    rows = groups * len(NODES)
    _columns(place, "nodes", group=np.repeat(np.arange(groups), len(NODES)), node=NODES * groups, reported=np.ones(rows, dtype=np.uint8),
             epoch=np.ones(rows, dtype=np.int64), compute_us=np.arange(rows) * 1e5 + 2e5, wait_us=np.full(rows, 1.5e6), idle_us=np.full(rows, 3e6),
             resident_bytes=np.full(rows, 42 << 20), malformed=np.zeros(rows, dtype=np.int64), rounds_skipped=np.zeros(rows, dtype=np.int64),
             energy_j=np.full(rows, 2.5 if energy else np.nan))


def _write_links(place, groups):
    rows, remote = groups * len(LINKS), [link for link in LINKS if not link.startswith("in")]
    local = np.array([link.startswith("in") for link in LINKS] * groups, dtype=np.uint8)
    messages = np.where(local, 0, 1000 + np.arange(rows))
    counts = {"messages": messages, "phis": np.where(local, 0, 7), "bytes_predicted": messages * 256,
              "bytes_measured": messages * 256 + np.where(local, 0, messages + 7) * HEADER, "arrived": messages - 5 * (local == 0)}
    counts.update({name: np.where(local, 0, step) for name, step in zip(("late", "duplicates", "timeouts", "lost", "delayed"), range(1, 6))})
    _columns(place, "links", group=np.repeat(np.arange(groups), len(LINKS)), link=LINKS * groups, local=local,
             **{key: values.astype(np.int64) for key, values in counts.items()})
    _columns(place, "hops", group=np.repeat(np.arange(groups), len(remote)), link=remote * groups,
             bytes=np.full(len(remote) * groups, 288), half_round_trip_us=np.full(len(remote) * groups, 3.25))


def _write_membership(place, columns, variants, wanted):
    """f1 and the cloud suspect f2 in the first round of a phase in which it is dead, and see it back in the next phase."""
    events, away = [], False
    for i, phase in enumerate(columns["phase"]):
        if columns["group"][i] != 0 or (variants[phase] == "f2 dead") == away or not wanted:
            continue
        away = not away
        time = columns["arrival_us"][i] + columns["latency_us"][i]
        events += [(0, observer, "f2", "suspected" if away else "returned", time + step, 1 if away else 2, columns["round"][i])
                   for step, observer in enumerate(("f1", "cloud"))]
    rows = list(zip(*events)) or [[]] * 7
    numbers = {name: np.array(values, dtype=np.float64 if name == "time_us" else np.int64)
               for name, values in zip(("group", "time_us", "epoch", "round"), (rows[0], rows[4], rows[5], rows[6]))}
    _columns(place, "membership", observer=list(rows[1]), peer=list(rows[2]), event=list(rows[3]), **numbers)


def _columns(place, folder, /, **columns):
    for column, values in columns.items():
        table(place, f"{folder}/{column}", np.array(values, dtype="S") if isinstance(values, list) else values)


def table(place, name, values):
    """A table with its unit and what it is."""
    place[name] = values
    unit = "us" if name.endswith("_us") else "bytes" if "bytes" in name else "J" if name.endswith("_j") else "1"
    sample.put(place[name], {"units": unit, "long_name": "a table of a test"})
