"""Results files of networks with early exits for the tests: a made-up entropy and answer a sample and head, counted as the program does."""
from random import Random

import h5py
import numpy as np

import sample

DEVICES, CLASSES, SAMPLES, RUNS = ("d1", "d2", "d3"), 3, 200, 2
HEADS, EXITS = ("d1-summary", "d2-summary", "d3-summary", "local", "cloud"), ("local", "cloud")
SETTINGS = {"no_failure": [1] * 3, "edge": [.9, .8, .7]}
GRID = np.arange(11) / 10
# name: what its topology lets (FILTERS, LOCAL, CLOUD), what it was trained without, how it was trained
MODELS = {"ddnn": ((4, "max", "concat"), "", "standard"), "ddnn_failout": ((4, "max", "concat"), "", "failout"),
          "ddnn_mp_mp": ((4, "max", "max"), "", "standard"), "ddnn_ap_cc": ((4, "mean", "concat"), "", "standard"),
          "ddnn_cc_cc": ((4, "concat binary-linear:3", "concat"), "", "standard"), "ddnn_f1": ((1, "max", "concat"), "", "standard"),
          "ddnn_f8": ((8, "max", "concat"), "", "standard"), "ddnn_without_d1": ((4, "max", "concat"), "d1", "standard"),
          "ddnn_without_d3": ((4, "max", "concat"), "d3", "standard"), "ddnn_only_d1": ((4, "max", "concat"), "d2 d3", "standard"),
          "ddnn_only_d3": ((4, "max", "concat"), "d1 d2", "standard")}
OUTPUTS = 256  # of a filter


def topology(filters, local, cloud):
    """Three devices with summaries, a gateway with the local exit, the cloud."""
    lines = ["# let LOCAL is a comment here", "topology ddnn", f"let FILTERS {filters}", f"let LOCAL {local}", f"let CLOUD {cloud}"]
    for i, device in enumerate(DEVICES):
        lines += [f"source cam{i + 1} 3x32x32", f"node {device} binary-conv:$FILTERS", f"stage {device}-summary on {device} binary-linear:3"]
    lines += ["node gateway", "stage local on gateway $LOCAL", "node cloud $CLOUD binary-conv:16*2 binary-linear:3"]
    for i, device in enumerate(DEVICES):
        lines += [f"link cam{i + 1} -> {device}", f"link {device} -> {device}-summary", f"link {device}-summary -> local", f"link {device} -> cloud"]
    return "\n".join(lines + ["exit local", "exit cloud"] + [f"summary {device}-summary" for device in DEVICES] + ["fails d1 d2 d3"]) + "\n"


def links(filters):
    """(name, kind, sender, bits, exits passed) of every message."""
    found = []
    for device in DEVICES:
        found += [(f"{device}-summary->local", "data", device, 32 * CLASSES, 0), (f"local->{device}@local", "verdict", "gateway", 1, 0),
                  (f"{device}@local->cloud", "data", device, filters * OUTPUTS, 1)]
    return found + [("local->answers@cloud", "answer", "gateway", 32 * (CLASSES + 1), 0)]


def build(path, models=tuple(MODELS), runs=RUNS, finished=None, seed=1, origin="real", name="camera"):
    """Write a results file of one experiment with these models."""
    random, done = Random(seed), runs if finished is None else finished
    sample.build(path, experiments=(), runs=runs, done=done)
    with h5py.File(path, "r+") as file:
        group = file["experiments"].create_group(name, track_order=True)
        sample.put(group, {"dataset": name, "data_origin": origin, "data_sha256": "1" * 64, "split": "official", "classes": CLASSES,
                           "train_samples": 9000, "validation_samples": 1000, "test_samples": SAMPLES, "guess": "uniform",
                           "guess_accuracy": 1 / CLASSES, "guess_probabilities": np.full(CLASSES, 1 / CLASSES),
                           "test_class_counts": np.array([67, 67, 66])})
        group["topology/nodes"] = np.array(DEVICES, dtype="S")
        group["topology/text"] = np.bytes_("topology ddnn\n")
        settings = group.create_group("reliability", track_order=True)
        for setting, values in SETTINGS.items():
            settings[setting] = np.array(values, dtype=np.float64)
        for scale, size in (("run", runs), ("combination", 2 ** len(DEVICES))):
            group[f"scales/{scale}"] = np.arange(size)
            group[f"scales/{scale}"].make_scale(scale)
        folder = group.create_group("models", track_order=True)
        for model in models:
            _model(folder.create_group(model), MODELS[model], random, runs, done, group["scales"])
    return path


def outcomes(random, runs, without):
    """Entropy and whether right, [runs, 2^n, heads, samples]; a head that has fewer live devices is less sure and less right."""
    entropy, right = (np.zeros((runs, 2 ** len(DEVICES), len(HEADS), SAMPLES)) for _ in range(2))
    for combination in range(2 ** len(DEVICES)):
        live = [i for i, device in enumerate(DEVICES) if combination >> i & 1]
        for h, head in enumerate(HEADS):
            mine = live if head in EXITS else [i for i in live if i == h]
            if not mine:
                entropy[:, combination, h] = np.nan
                continue
            level = .45 + .1 * len(mine) + .04 * max(mine) + .08 * (head == "cloud") + .02 * (len(mine) == 3 - len(without.split()))
            for run in range(runs):
                for s in range(SAMPLES):
                    entropy[run, combination, h, s] = random.random() * (1.55 - level)
                    right[run, combination, h, s] = random.random() < level
    return np.minimum(entropy, .995), right


def count(entropy, right, thresholds):
    """(answered, correct) [runs, 2^n, exits] by the rule: the first live exit that is sure, else the last live one."""
    answered, correct = (np.zeros(entropy.shape[:2] + (len(EXITS),), dtype=np.int64) for _ in range(2))
    for run, combination in np.ndindex(*entropy.shape[:2]):
        places = [HEADS.index(name) for name in EXITS if not np.isnan(entropy[run, combination, HEADS.index(name), 0])]
        for s in range(SAMPLES if places else 0):
            sure = [h for h in places if entropy[run, combination, h, s] < thresholds[run][EXITS.index(HEADS[h])]]
            h = sure[0] if sure else places[-1]
            answered[run, combination, EXITS.index(HEADS[h])] += 1
            correct[run, combination, EXITS.index(HEADS[h])] += int(right[run, combination, h, s])
    return answered, correct


def _model(group, character, random, runs, done, scales):
    lets, without, training = character
    rates = np.full(3, .1 if training == "failout" else 0.)
    sample.put(group, {"topology": "ddnn.topology", "training": training, "failout_rates": rates, "epochs": 5, "batch_size": 64, "optimiser": "adam",
                       "learning_rate": 0.001, "class_weights": "none", "normalise": "none", "seed": 7, "parameters": 1234,
                       "exit_threshold": "fixed", "exit_threshold_value": 0.5, "trained_without": without})
    group["topology_text"] = np.bytes_(topology(*lets))
    entropy, right = outcomes(random, runs, without)
    thresholds = np.tile([.4, 0], (runs, 1)) + np.arange(runs)[:, None] / 16  # of run 0 a point of the grid
    flow = np.array([c > 0 for c in range(2 ** len(DEVICES))], dtype=np.uint8)
    answered, correct = count(entropy, right, thresholds)
    curves = [count(entropy, right, np.full((runs, 2), t)) for t in GRID]
    tables = {"correct": correct.sum(axis=-1), "validation_accuracy": correct.sum(axis=-1)[:, -1] / SAMPLES, "train_seconds": np.full(runs, 60.0),
              "sweep_seconds": np.full(runs, 2.5), "best_epoch": np.arange(runs) % 5, "done": np.ones(runs, dtype=np.uint8),
              "exits/thresholds": thresholds, "exits/answered": answered, "exits/correct": correct,
              "exits/curve_answered": np.stack([a for a, _ in curves], axis=2), "exits/curve_correct": np.stack([c for _, c in curves], axis=2),
              "exits/alone": right.sum(axis=-1).astype(np.int64)}
    tables["accuracy"] = np.where(flow, tables["correct"] / SAMPLES, 1 / CLASSES)
    for setting, r in SETTINGS.items():
        tables[f"average_accuracy/{setting}"] = tables["accuracy"] @ np.array([sample.probability(c, r) for c in range(2 ** len(DEVICES))])
    for name, values in tables.items():
        values[done:] = np.nan if values.dtype == np.float64 else 0
    names, kinds, senders, bits, passed = zip(*links(lets[0]))
    tables.update({"flow": flow, "exits/names": np.array(EXITS, dtype="S"), "exits/heads": np.array(HEADS, dtype="S"), "exits/grid": GRID,
                   "exits/links/names": np.array(names, dtype="S"), "exits/links/kinds": np.array(kinds, dtype="S"),
                   "exits/links/senders": np.array(senders, dtype="S"), "exits/links/bits": np.array(bits), "exits/links/exits_passed": np.array(passed)})
    for name, values in tables.items():
        _table(group, name, values, scales)


def by_class(file):
    """Keeps the counts of an open file's models by class instead: every combination is one, numbered like it."""
    for experiment in file["experiments"].values():
        for model in experiment["models"].values():
            for old, new in (("correct", "class_correct"), ("accuracy", "class_accuracy")):
                values, attributes = model[old][()], dict(model[old].attrs)
                del model[old]
                model[new] = values
                sample.put(model[new], {key: attributes[key] for key in ("units", "long_name")})
                model[new].dims[0].attach_scale(experiment["scales/run"])
            del model["flow"]
            for table in model["exits"].values():
                if isinstance(table, h5py.Dataset) and table.ndim > 2:
                    table.dims[1].detach_scale(experiment["scales/combination"])
            nodes = len(DEVICES)
            states = [np.arange(2 ** step, dtype=np.int32) for step in range(nodes)]
            for name, values in (("position", np.arange(nodes, dtype=np.int32)), ("states", 2 ** np.arange(nodes)),
                                 ("failed", np.concatenate(states)), ("alive", np.concatenate([s + s.size for s in states]).astype(np.int32)),
                                 ("class_of_state", np.arange(2 ** nodes, dtype=np.int32))):
                model[f"diagram/{name}"] = values
                sample.put(model[f"diagram/{name}"], {"units": "1", "long_name": name})
            model.attrs["table"] = np.bytes_("classes")
        del experiment["scales/combination"]


def _table(group, name, values, scales):
    group[name] = values
    sample.put(group[name], {"units": "samples" if "answered" in name else "1", "long_name": name})
    axes = [] if name.startswith("exits/links") or name in ("exits/names", "exits/heads", "exits/grid") else ["run"]
    axes = ["combination"] if name == "flow" else axes
    if name in ("correct", "accuracy") or name.startswith("exits/") and values.ndim > 2:
        axes.append("combination")
    for axis, scale in enumerate(axes):
        group[name].dims[axis].attach_scale(scales[scale])
