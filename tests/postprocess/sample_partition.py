"""Results files of networks cut over devices for the tests: made-up counts and sizes, laid out as the program does."""
from random import Random

import h5py
import numpy as np

import sample

DEVICES, CLASSES, SAMPLES, LAYERS = 4, 10, 2000, {"features.0": 64, "features.3": 192, "classifier.1": 256}
SETTINGS = {"no_failure": [1] * 4, "edge": [.9, .9, .8, .8]}
# name: (method, scores, accuracy with all, loss a failed device, share of full replication a device, copies of each layer)
MODELS = {"robustdice": ("robustdice", "s1 s2 s3", .80, .04, .52, (3.0, 1.5, 1.25)), "robustdice_s1": ("robustdice", "s1", .80, .07, .52, (2.5, 1.5, 1.5)),
          "lop": ("lop", "", .80, .18, .25, (1, 1, 1)), "cdc": ("cdc", "", .80, .18, .25, (1, 1, 1)),
          "replicated": ("replicated", "", .80, 0, 1, (4, 4, 4)), "random": ("random", "", .80, .20, .25, (1, 1, 1))}
WHOLE = 4_000_000


def build(path, models=tuple(MODELS), runs=2, finished=None, seed=1, front=True, origin="real", name="cifar10"):
    """Write a results file of one experiment with these models."""
    random = Random(seed)
    done = runs if finished is None else finished
    sample.build(path, experiments=(), runs=runs, done=done)
    with h5py.File(path, "r+") as file:
        group = file["experiments"].create_group(name, track_order=True)
        sample.put(group, {"dataset": name, "data_origin": origin, "data_sha256": "1" * 64, "split": "official", "classes": CLASSES,
                           "train_samples": 9000, "validation_samples": 1000, "test_samples": SAMPLES, "guess": "uniform",
                           "guess_accuracy": 1 / CLASSES, "guess_probabilities": np.full(CLASSES, 1 / CLASSES),
                           "test_class_counts": np.full(CLASSES, SAMPLES // CLASSES)})
        group["topology/nodes"] = np.array([f"d{i + 1}" for i in range(DEVICES)], dtype="S")
        group["topology/text"] = np.bytes_("topology cut\n")
        settings = group.create_group("reliability", track_order=True)
        for setting, values in SETTINGS.items():
            settings[setting] = np.array(values, dtype=np.float64)
        for scale, size in (("run", runs), ("combination", 2 ** DEVICES)):
            group[f"scales/{scale}"] = np.arange(size)
            group[f"scales/{scale}"].make_scale(scale)
        folder = group.create_group("models", track_order=True)
        for model in models:
            _model(folder.create_group(model), MODELS[model], random, runs, done, group["scales"], front)
    return path


def correct_of(character, random, runs):
    """int64[runs, 2^n]: the loss grows with the failed devices; CDC loses nothing by one, full replication nothing at all."""
    method, _, best, loss, *_ = character
    failed = np.array([DEVICES - bin(c).count("1") for c in range(2 ** DEVICES)])
    hurt = np.where(failed <= 1, 0, failed) if method == "cdc" else failed
    noise = np.array([random.random() for _ in range(runs * failed.size)]).reshape(runs, -1)
    level = best - loss * (hurt + (hurt > 0) * noise / 2)
    return np.round(SAMPLES * np.clip(level, 1 / CLASSES, 1)).astype(np.int64) * (failed < DEVICES)


def _model(group, character, random, runs, done, scales, front):
    method, scores, _, _, share, copies = character
    sample.put(group, {"topology": "cut.topology", "training": "standard", "failout_rates": np.zeros(DEVICES), "epochs": 5, "batch_size": 64,
                       "optimiser": "sgd", "learning_rate": 0.01, "class_weights": "none", "normalise": "standard", "seed": 7, "parameters": 1234,
                       "method": method, "network": "alexnet_small", "scores": scores, "score_normalisation": "zscore" if scores else "",
                       "devices": DEVICES, "calibration_images": 64 if scores else 0, "network_bytes": WHOLE})
    group["topology_text"] = np.bytes_("topology cut\n")
    flow = np.array([c > 0 for c in range(2 ** DEVICES)], dtype=np.uint8)
    correct = correct_of(character, random, runs)
    tables = {"correct": correct, "accuracy": np.where(flow, correct / SAMPLES, 1 / CLASSES), "validation_accuracy": correct[:, -1] / SAMPLES,
              "train_seconds": np.full(runs, 60.0), "sweep_seconds": np.full(runs, 2.5), "best_epoch": np.arange(runs) % 5,
              "done": np.ones(runs, dtype=np.uint8)}
    for setting, r in SETTINGS.items():
        tables[f"average_accuracy/{setting}"] = tables["accuracy"] @ np.array([sample.probability(c, r) for c in range(2 ** DEVICES)])
    neurons = np.array(list(LAYERS.values()))
    tables["partition/held"] = np.tile(np.array([int(n * c) for n, c in zip(neurons, copies)]), (runs, 1))
    tables["partition/device_bytes"] = np.array([[int(WHOLE * share) - 1000 * d * (share < 1) for d in range(DEVICES + (method == "cdc"))]
                                                 for _ in range(runs)])
    if method == "robustdice":
        tables["partition/thresholds"] = np.tile([0.5, 1.0, 1.5], (runs, 1))
    for name, values in tables.items():
        values[done:] = np.nan if values.dtype == np.float64 else 0
    tables["flow"] = flow
    tables["partition/layers"], tables["partition/neurons"] = np.array(list(LAYERS), dtype="S"), neurons
    if method == "robustdice" and front:
        tables.update({f"front/{name}": values for name, values in points().items()})
    for name, values in tables.items():
        _table(group, name, values, scales)
    if "front" in group:
        sample.put(group["front"], {"failed": 2})


def points():
    """A search: one figure t each, bytes and accuracy fall with it; the fourth is beaten, the fifth was not measured."""
    return {"thresholds": np.array([0, .5, 1, 1.5, np.nan, 3]), "bytes": np.array([WHOLE, 3_000_000, 2_100_000, 2_200_000, 1_500_000, 1_000_000]),
            "accuracy": np.array([.80, .78, .72, .70, np.nan, .45]), "on_front": np.array([1, 1, 1, 0, 0, 1], dtype=np.uint8)}


def _table(group, name, values, scales):
    group[name] = values
    by_run = name not in ("flow", "partition/layers", "partition/neurons") and not name.startswith("front/")
    sample.put(group[name], {"units": "bytes" if "bytes" in name else "1", "long_name": name})
    if name == "flow":
        group[name].dims[0].attach_scale(scales["combination"])
    if by_run:
        group[name].dims[0].attach_scale(scales["run"])
    if name in ("correct", "accuracy"):
        group[name].dims[1].attach_scale(scales["combination"])
