"""A distributed run of a network cut over devices for the tests: made-up figures, laid out as the program does."""
import h5py
import numpy as np

import sample
from sample_inference import table

DEVICES, LAYERS, IMAGES, ROUNDS = 3, 5, 2, 30  # images a frame
NODES = [f"d{d + 1}" for d in range(DEVICES)] + ["host"]


def topology():
    """The text of the topology, its links in file order, and of each whether it stays on a node."""
    lines, links = ["topology cut  # a comment", "source camera 12"] + [f"node {name}" for name in NODES], []
    for layer in range(LAYERS):
        for device in NODES[:-1]:
            lines += [f"stage {device}-in-{layer} on {device} gather:12", f"stage {device}-{layer} on {device} part:4"]
            links += [f"{sender}->{device}-in-{layer}" for sender in ([f"{d}-{layer - 1}" for d in NODES[:-1]] if layer else ["camera"])]
            links.append(f"{device}-in-{layer}->{device}-{layer}")
    lines.append("stage out on host gather:12")
    links += [f"{device}-{LAYERS - 1}->out" for device in NODES[:-1]]
    lines += [f"link {link.replace('->', ' -> ')}" for link in links] + ["fails " + " ".join(NODES[:-1])]
    return "\n".join(lines) + "\n", links, [node_of(a) in ("camera", node_of(b)) for a, b in (link.split("->") for link in links)]


def node_of(stage):
    return "host" if stage == "out" else stage.split("-")[0]


def build(path, energy=True, groups=1, calm=True, rounds=ROUNDS, name="cut"):
    """A results file with this run alone: a phase without failures (unless not calm) and one with d2 dead, of as many rounds."""
    sample.build(path, experiments=(), runs=1)
    text, links, local = topology()
    local = np.array(local, dtype=np.uint8)
    phases = (["all alive@500us"] if calm else []) + ["d2 dead@500us"]
    count = rounds * len(phases) * groups
    with h5py.File(path, "r+") as file:
        place = file.require_group("inference").create_group(name)
        sample.put(place, {"experiment": "cifar10", "model": "robustdice", "dataset": "cifar10", "data_origin": "real", "scenario": "single_stream",
                           "ending": "complete", "groups": groups, "classes": 12, "header_bytes": 32, "guess_accuracy": 1 / 12})
        for column, values in {"topology/links": np.array(links, dtype="S"), "topology/failing": np.array(NODES[:-1], dtype="S"),
                               "topology/text": np.bytes_(text), "script": np.bytes_("seed 1\n"), "labels": np.zeros(100, dtype=np.int64)}.items():
            table(place, column, values)
        alive = [0b101 if phase.startswith("d2") else 0b111 for phase in phases]
        _write(place, "phases", name=phases, combination=np.array(alive, dtype=np.uint64), timeout_us=np.full(len(phases), 500.0),
               script=np.zeros(len(phases), dtype=np.uint8), rounds=np.full(len(phases), rounds * groups), settle_us=np.full(len(phases), np.nan))
        each = np.arange(count // groups)
        slow = np.array([4000.0 if phases[i // rounds].startswith("d2") else 1000.0 for i in each])
        flags = np.zeros((count, len(links)), dtype=np.uint8)
        _write(place, "rounds", group=np.repeat(np.arange(groups), count // groups), phase=np.tile(each // rounds, groups), round=np.tile(each, groups),
               first_sample=np.zeros(count, dtype=np.int64), samples=np.full(count, IMAGES), arrival_us=np.tile(5000.0 * each, groups),
               latency_us=np.tile(slow, groups), waited_for=np.full(count, -1), used=flags + 1, timed_out=flags, correct=np.full(count, IMAGES),
               prediction=np.zeros(count * IMAGES, dtype=np.int64))
        rows = groups * len(NODES)
        _write(place, "nodes", group=np.repeat(np.arange(groups), len(NODES)), node=NODES * groups, reported=np.ones(rows, dtype=np.uint8),
               epoch=np.ones(rows, dtype=np.int64), compute_us=np.ones(rows), wait_us=np.ones(rows), idle_us=np.ones(rows),
               resident_bytes=np.tile([50 << 20, 70 << 20, 60 << 20, 900 << 20], groups), malformed=np.zeros(rows, dtype=np.int64),
               rounds_skipped=np.zeros(rows, dtype=np.int64), energy_j=np.tile([3.0, 6.0, 4.5, 99.0], groups) if energy else np.full(rows, np.nan))
        _write_links(place, links, local, groups, count // groups)
        hops = [link for link, stays in zip(links, local) if not stays][:6]
        _write(place, "hops", group=np.zeros(6, dtype=np.int64), link=hops, bytes=np.full(6, 64), half_round_trip_us=np.arange(6.0) + 1)
        _write(place, "membership", observer=[], peer=[], event=[], group=np.zeros(0, dtype=np.int64), time_us=np.zeros(0),
               epoch=np.zeros(0, dtype=np.int64), round=np.zeros(0, dtype=np.int64))
    return path


def _write_links(place, links, local, groups, rounds):
    """A message of 100 bytes and its header a round on each hyperconnection between nodes; every tenth is Φ."""
    rows = groups * len(links)
    messages = np.where(np.tile(local, groups), 0, rounds - rounds // 10)
    phis = np.where(np.tile(local, groups), 0, rounds // 10)
    zeros = {key: np.zeros(rows, dtype=np.int64) for key in ("late", "duplicates", "timeouts", "lost", "delayed")}
    _write(place, "links", group=np.repeat(np.arange(groups), len(links)), link=links * groups, local=np.tile(local, groups), messages=messages, phis=phis,
           bytes_predicted=messages * 100, bytes_measured=messages * 100 + (messages + phis) * 32, arrived=messages, **zeros)


def _write(place, folder, **columns):
    for column, values in columns.items():
        table(place, f"{folder}/{column}", np.array(values, dtype="S") if isinstance(values, list) else values)
