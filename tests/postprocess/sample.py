"""Results files for the tests: made-up counts, but real flow, real guesses and real sums, laid out as the program does."""
import os
import sys
from random import Random

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "postprocess"))

# Nodes in vector order; links child -> parent, "in" is a data source that never fails, "cloud" the last node.
HEALTH = {"nodes": "f1 f2 e1", "links": "in>e1 e1>f2 f2>f1 f1>cloud", "skips": "in>f2 e1>f1 f2>cloud", "classes": 12, "samples": 34320,
          "settings": {"no_failure": [1, 1, 1], "normal": [.99, .98, .96], "poor": [.98, .96, .92], "hazardous": [.90, .85, .80]}}
CAMERA = {"nodes": "f1 f2 f3 f4 e1 e2 e3 e4",
          "links": "in>e1 in>e2 in>e3 in>e4 e1>f3 e2>f4 e3>f4 e4>f4 f3>f2 f4>f2 f2>f1 f1>cloud",
          "skips": "e1>f2 e2>f2 e3>f2 e4>f2 f3>f1 f4>f1 f2>cloud", "classes": 3, "samples": 123,
          "settings": {"no_failure": [1] * 8, "normal": [.995, .99, .98, .97, .95, .95, .95, .95],
                       "poor": [.99, .98, .94, .93, .90, .90, .87, .87], "hazardous": [.90, .90, .80, .80, .70, .60, .70, .66]}}
NETWORKS = {"health": HEALTH, "camera": CAMERA}
# name: (skip hyperconnections, accuracy without failures, loss a failed node)
MODELS = {"vanilla": (False, .970, .10), "deepfogguard": (True, .972, .09), "deepfogguard_failout": (True, .968, .02)}


def flow(network, skips):
    """uint8[2^n]: 1 where information reaches the cloud, by following the links of the live nodes."""
    nodes = network["nodes"].split()
    links = [link.split(">") for link in (network["links"] + (" " + network["skips"] if skips else "")).split()]
    table = np.zeros(2 ** len(nodes), dtype=np.uint8)
    for combination in range(table.size):
        alive = {node for i, node in enumerate(nodes) if combination >> i & 1} | {"cloud"}
        reached = {"in"}
        while True:
            more = {parent for child, parent in links if child in reached and parent in alive} - reached
            if not more:
                break
            reached |= more
        table[combination] = "cloud" in reached
    return table


def probability(combination, reliability):
    """Equation 2, term by term: slow, and written differently from the code under test."""
    product = 1.0
    for i, survival in enumerate(reliability):
        product *= survival if combination >> i & 1 else 1 - survival
    return product


def build(path, experiments=("health", "camera"), runs=3, done=None, seed=1, origin="real", models=tuple(MODELS), track=True, measures=(), **root):
    """Write a results file; done = finished runs of every model (default all); root sets root attributes."""
    random = Random(seed)  # its random() gives the same numbers in every Python, so golden files hold
    finished = runs if done is None else done
    status = "complete" if finished == runs else "interrupted"
    attributes = {"format": "deepfog-results", "format_version": 1, "software_version": "0.1.0", "git_sha": "0" * 40,
                  "git_dirty": np.uint8(0), "created": "2024-01-01T00:00:00Z", "finished": "2024-01-01T00:01:00Z",
                  "command_line": "deepfog run", "config_text": "[campaign]\n", "config_sha256": "0" * 64, "hosts": "a,b", "ranks": 2,
                  "threads_per_rank": 1, "mpi_library": "m", "torch_version": "t", "blas_library": "b", "status": status,
                  "valid": np.uint8(1), "invalid_reasons": "", **root}
    with h5py.File(path, "w") as file:
        put(file, attributes)
        _session(file.create_group("sessions/0"))
        folder = file.create_group("experiments", track_order=track)
        for name in experiments:
            _experiment(folder.create_group(name), name, random, runs, finished, origin, models, track, measures)
    return path


def _session(group):
    put(group, {**dict.fromkeys("ended job nodes modules share".split(), ""), "began": "2024-01-01T00:00:00Z", "command_line": "deepfog run",
                "hosts": "a,b", "ranks": 2, "threads_per_rank": 1, "cores": 2})
    group["environment"] = np.bytes_("OMP_NUM_THREADS=1\n")


def put(place, attributes):
    """Attributes in the types of the format: strings of fixed length, int64, float64; numpy values as they are."""
    for key, value in attributes.items():
        kind = {str: np.bytes_, int: np.int64, float: np.float64}.get(type(value), np.asarray)
        place.attrs[key] = kind(value)


def _experiment(group, name, random, runs, finished, origin, models, track, measures):
    network = NETWORKS[name]
    nodes, classes, samples = network["nodes"].split(), network["classes"], network["samples"]
    put(group, {"dataset": {"health": "mhealth"}.get(name, name), "data_origin": origin, "data_sha256": "1" * 64, "split": "rows",
                "classes": classes, "train_samples": 8 * samples, "validation_samples": samples, "test_samples": samples,
                "guess": "uniform", "guess_accuracy": 1 / classes, "guess_probabilities": np.full(classes, 1 / classes),
                "test_class_counts": np.full(classes, samples // classes)})
    group["topology/nodes"] = np.array(nodes, dtype="S")
    group["topology/text"] = np.bytes_("[topology]\n")
    settings = group.create_group("reliability", track_order=track)
    for setting, values in network["settings"].items():
        settings[setting] = np.array(values, dtype=np.float64)
    for scale, size in (("run", runs), ("combination", 2 ** len(nodes))):
        group[f"scales/{scale}"] = np.arange(size)
        group[f"scales/{scale}"].make_scale(scale)
    folder = group.create_group("models", track_order=track)
    for model in models:
        _model(folder.create_group(model), network, MODELS[model], random, runs, finished, group["scales"], measures)


def _model(group, network, character, random, runs, finished, scales, measures):
    skips, best, loss = character
    n, samples, classes = len(network["nodes"].split()), network["samples"], network["classes"]
    put(group, {"topology": "x.topology", "training": "standard", "failout_rates": np.zeros(n), "epochs": 5, "batch_size": 64,
                "optimiser": "adam", "learning_rate": 0.001, "class_weights": "none", "normalise": "none", "seed": 7, "parameters": 1234})
    group["topology_text"] = np.bytes_("[topology]\n")
    flows = flow(network, skips)
    failed = np.array([n - bin(c).count("1") for c in range(2 ** n)])
    level = best - loss * failed * 3 / n + _noise(random, runs, 1) / 100 + _noise(random, runs, 2 ** n) / 30 * (failed > 0)
    correct = np.round(samples * np.clip(level, 1 / classes, 1)).astype(np.int64) * flows
    tables = {"correct": correct, "accuracy": np.where(flows, correct / samples, 1 / classes),
              "validation_accuracy": level[:, -1] + 0.001, "train_seconds": 2 + _noise(random, runs),
              "sweep_seconds": 1.5 + _noise(random, runs), "best_epoch": np.arange(runs) % 5, "done": np.ones(runs, dtype=np.uint8)}
    for setting, r in network["settings"].items():
        weights = np.array([probability(c, r) for c in range(2 ** n)])
        tables[f"average_accuracy/{setting}"] = tables["accuracy"] @ weights
        tables.update({f"average_{word}/{setting}": tables["accuracy"] @ weights - 0.01 for word in measures})
    for name, values in tables.items():
        values[finished:] = np.nan if values.dtype == np.float64 else 0
        _table(group, name, values, scales)
    _table(group, "flow", flows, scales)


def _noise(random, *shape):
    """float64[shape] in -1..1."""
    return np.array([2 * random.random() - 1 for _ in range(int(np.prod(shape)))]).reshape(shape)


def _table(group, name, values, scales):
    group[name] = values
    put(group[name], {"units": "s" if "seconds" in name else "1", "long_name": name.replace("_", " ")})
    axes = [scales["combination"]] if name == "flow" else [scales["run"], scales["combination"]]
    for axis in range(values.ndim):
        group[name].dims[axis].attach_scale(axes[axis])
