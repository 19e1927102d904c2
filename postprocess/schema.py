#!/usr/bin/env python3
"""The layout of a results file (format "deepfog-results", version 1) as data, the mirror of the writer in src/storage.

A test compares `schema.py --list` with the writer's own listing, so the two cannot drift apart.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
from collections import namedtuple

import h5py
import numpy as np

import hdf5_file
from deepfog import program

FORMAT, FORMAT_VERSION = "deepfog-results", 1
MAXIMUM_NODES = 64
MAXIMUM_LISTED = 24  # nodes of a table of combinations: beyond what any sweep writes, so a larger count is a damaged file
MAXIMUM_RUNS = 100_000

# kind: attribute or dataset; shape: one letter a dimension, n nodes, K = 2^n combinations (of exits beside a table of classes: L), R runs, C classes of the data, L classes of the
# diagram's last stage and Φ, w outcomes that failures can tell apart, T test samples and u bytes of their bits, B lower and upper bound, D devices of a cut network (with a spare), y its layers, q points of a search; x exits, H heads, g thresholds and k
# links of a network with early exits; of a distributed run p phases, r rounds, l hyperconnections, v rows of nodes, c of
# links, m of membership, h of hops; s, t, f: any length. Groups of /inference and /sessions are optional as a whole. need: required, optional, or the form of the model's table
# (attribute table) where the entry is required; elsewhere it must not be.
Entry = namedtuple("Entry", "path kind dtype shape need")
FORMS = ("combinations", "classes", "bounds")
METHODS = ("robustdice", "lop", "cdc", "replicated", "random")
EXPERIMENT, MODEL, INFERENCE = "/experiments/<experiment>", "/experiments/<experiment>/models/<model>", "/inference/<name>"
SESSION = "/sessions/<session>"


def _entries(prefix, kind, dtype, names, shape="", need="required"):
    return [Entry(f"{prefix}/{name}", kind, dtype, shape, need) for name in names.split()]


def _columns(table, shape, **names_by_type):
    """The columns of one table of an inference group."""
    return [entry for dtype, names in names_by_type.items()
            for entry in _entries(f"{INFERENCE}/{table}", "dataset", dtype, names, shape)]


ENTRIES = (
    _entries("", "attribute", "string", "format software_version git_sha created finished command_line config_text config_sha256 "
             "hosts mpi_library torch_version blas_library status invalid_reasons")
    + _entries("", "attribute", "int64", "format_version ranks threads_per_rank")
    + _entries("", "attribute", "string", "engine trainer", need="optional")
    + _entries("", "attribute", "int64", "memory_bytes", need="optional")
    + _entries("", "attribute", "uint8", "git_dirty valid")
    + _entries(SESSION, "attribute", "string", "began ended command_line hosts job nodes modules share")
    + _entries(SESSION, "attribute", "int64", "ranks threads_per_rank cores")
    + _entries(SESSION, "dataset", "string", "environment")
    + _entries(EXPERIMENT, "attribute", "string", "dataset data_origin data_sha256 split guess")
    + _entries(EXPERIMENT, "attribute", "int64", "classes train_samples validation_samples test_samples")
    + _entries(EXPERIMENT, "attribute", "float64", "guess_accuracy")
    + _entries(EXPERIMENT, "attribute", "float64", "guess_probabilities", "C")
    + _entries(EXPERIMENT, "attribute", "int64", "test_class_counts", "C")
    + _entries(EXPERIMENT, "dataset", "string", "topology/nodes", "n")
    + _entries(EXPERIMENT, "dataset", "string", "topology/text")
    + _entries(EXPERIMENT, "dataset", "float64", "reliability/<setting>", "n")
    + _entries(EXPERIMENT, "dataset", "int64", "scales/run", "R")
    + _entries(EXPERIMENT, "dataset", "int64", "scales/combination", "K", "combinations")
    + _entries(EXPERIMENT, "dataset", "int32", "test_labels", "T", "optional")
    + _entries(MODEL, "attribute", "string", "topology training optimiser class_weights normalise")
    + _entries(MODEL, "attribute", "int64", "epochs batch_size seed parameters")
    + _entries(MODEL, "attribute", "float64", "learning_rate")
    + _entries(MODEL, "attribute", "float64", "failout_rates", "n")
    + _entries(MODEL, "dataset", "string", "topology_text")
    + _entries(MODEL, "dataset", "int64", "correct", "RK", "combinations")
    + _entries(MODEL, "dataset", "int64", "confusion", "RKCC", need="optional")
    + _entries(MODEL, "dataset", "uint8", "flow", "K", "combinations")
    + _entries(MODEL, "dataset", "float64", "accuracy", "RK", "combinations")
    + _entries(MODEL, "attribute", "string", "table", need="optional")
    + _entries(MODEL, "dataset", "uint8", "right", "Rwu", "optional")
    + _entries(MODEL, "dataset", "int32", "right_row", "K", "optional")
    + _entries(MODEL, "attribute", "string", "right_left_out", need="optional")
    + _entries(MODEL, "dataset", "int64", "class_correct", "RL", "classes")
    + _entries(MODEL, "dataset", "float64", "class_accuracy", "RL", "classes")
    + _entries(MODEL, "dataset", "int32", "diagram/position", "s", "classes")
    + _entries(MODEL, "dataset", "int64", "diagram/states", "s", "classes")
    + _entries(MODEL, "dataset", "int32", "diagram/failed diagram/alive", "t", "classes")
    + _entries(MODEL, "dataset", "int32", "diagram/class_of_state", "f", "classes")
    + _entries(MODEL, "dataset", "float64", "bounds/<setting>", "RB", "bounds")
    + _entries(MODEL, "attribute", "string", "bounds/<setting>/method", "", "bounds")
    + _entries(MODEL, "dataset", "float64", "explored_mass/<setting>", "R", "bounds")
    + _entries(MODEL, "dataset", "int64", "explored", "R", "bounds")
    + _entries(MODEL, "dataset", "float64", "average_accuracy/<setting>", "R")
    + _entries(MODEL, "dataset", "float64", "average_precision/<setting> average_recall/<setting>", "R", need="optional")
    + _entries(MODEL, "dataset", "float64", "validation_accuracy train_seconds sweep_seconds", "R")
    + _entries(MODEL, "dataset", "int64", "best_epoch", "R")
    + _entries(MODEL, "dataset", "uint8", "done", "R")
    + _entries(MODEL, "attribute", "string", "method network scores score_normalisation", need="optional")
    + _entries(MODEL, "attribute", "int64", "devices calibration_images network_bytes front/failed", need="optional")
    + _entries(MODEL, "dataset", "string", "partition/layers", "y", "optional")
    + _entries(MODEL, "dataset", "int64", "partition/neurons", "y", "optional")
    + _entries(MODEL, "dataset", "int64", "partition/held", "Ry", "optional")
    + _entries(MODEL, "dataset", "int64", "partition/device_bytes", "RD", "optional")
    + _entries(MODEL, "dataset", "float64", "partition/thresholds", "Ry", "optional")
    + _entries(MODEL, "dataset", "float64", "front/thresholds front/accuracy", "q", "optional")
    + _entries(MODEL, "dataset", "int64", "front/bytes", "q", "optional")
    + _entries(MODEL, "dataset", "uint8", "front/on_front", "q", "optional")
    + _entries(MODEL, "attribute", "string", "exit_threshold trained_without weights_of seeds_of failed_runs", need="optional")
    + _entries(MODEL, "attribute", "float64", "exit_threshold_value", need="optional")
    + _entries(MODEL, "dataset", "string", "exits/names", "x", "optional")
    + _entries(MODEL, "dataset", "string", "exits/heads", "H", "optional")
    + _entries(MODEL, "dataset", "float64", "exits/thresholds", "Rx", "optional")
    + _entries(MODEL, "dataset", "int64", "exits/answered exits/correct", "RKx", "optional")
    + _entries(MODEL, "dataset", "float64", "exits/grid", "g", "optional")
    + _entries(MODEL, "dataset", "int64", "exits/curve_answered exits/curve_correct", "RKgx", "optional")
    + _entries(MODEL, "dataset", "int64", "exits/alone", "RKH", "optional")
    + _entries(MODEL, "dataset", "string", "exits/links/names exits/links/kinds exits/links/senders", "k", "optional")
    + _entries(MODEL, "dataset", "int64", "exits/links/bits exits/links/exits_passed", "k", "optional")
    + _entries(INFERENCE, "attribute", "string", "experiment model dataset data_origin scenario ending")
    + _entries(INFERENCE, "attribute", "string", "assignment data_sha256 failures guess kernels log_key split timeouts weights weights_sha256", need="optional")
    + _entries(INFERENCE, "attribute", "int64", "groups classes header_bytes")
    + _entries(INFERENCE, "attribute", "int64", "batch checked_rounds depth heartbeat_us limit_us rounds_off_plan rounds_repeated run seed stride unequal_rounds",
               need="optional")
    + _entries(INFERENCE, "attribute", "float64", "guess_accuracy")
    + _entries(INFERENCE, "attribute", "float64", "exit_threshold rate", need="optional")
    + _entries(INFERENCE, "dataset", "string", "topology/text script")
    + _entries(INFERENCE, "dataset", "string", "topology/links", "l")
    + _entries(INFERENCE, "dataset", "string", "topology/failing", "n")
    + _entries(INFERENCE, "dataset", "int64", "labels", "s")
    + _columns("phases", "p", string="name", uint64="combination", float64="timeout_us settle_us", uint8="script", int64="rounds")
    + _columns("rounds", "r", int64="group phase round first_sample samples waited_for correct", float64="arrival_us latency_us")
    + _columns("rounds", "rl", uint8="used timed_out")
    + _columns("rounds", "t", int64="prediction")
    + _entries(INFERENCE, "dataset", "int64", "rounds/exit", "t", need="optional")
    + _columns("nodes", "v", int64="group epoch resident_bytes malformed rounds_skipped", string="node", uint8="reported",
               float64="compute_us wait_us idle_us energy_j")
    + _columns("links", "c", string="link", uint8="local", int64="group messages phis bytes_measured bytes_predicted arrived late duplicates "
               "timeouts lost delayed")
    + _columns("membership", "m", string="observer peer event", float64="time_us", int64="group epoch round")
    + _columns("hops", "h", string="link", float64="half_round_trip_us", int64="group bytes")
)
CHOICES = {"/status": ("running", "complete", "interrupted", "share"), f"{EXPERIMENT}/data_origin": ("real", "synthetic"),
           f"{EXPERIMENT}/guess": ("uniform", "class_frequency"), f"{MODEL}/training": ("standard", "failout"),
           f"{MODEL}/class_weights": ("none", "balanced"), f"{MODEL}/normalise": ("none", "standard", "channels", "weights file"),
           f"{MODEL}/table": FORMS, f"{MODEL}/method": METHODS, f"{INFERENCE}/data_origin": ("real", "synthetic"),
           f"{INFERENCE}/ending": ("complete", "last node died", "interrupted")}
# Optional on their own: their group may be there without them.
ALONE = (f"{MODEL}/partition/thresholds", f"{INFERENCE}/rounds/exit")
# What a model with the group partition must say.
WITH_PARTITION = tuple(f"{MODEL}/{name}" for name in ("method", "network", "scores", "score_normalisation", "devices", "calibration_images",
                                                      "network_bytes"))
# Every number table of a model and of a distributed run says its unit and what it is; those of a model carry the scales of their first
# dimensions.
LABELLED = tuple(e for e in ENTRIES if e.path.startswith((MODEL, INFERENCE)) and e.kind == "dataset" and e.shape)


def listing():
    """One line an entry, sorted: PATH|attribute or dataset|type|RANK|required or optional."""
    return sorted(f"{e.path}|{e.kind}|{e.dtype}|{len(e.shape)}|{e.need}" for e in ENTRIES)


def text(value):
    """A string attribute or scalar string dataset as str."""
    return value.decode("utf-8", "replace").rstrip("\0") if isinstance(value, bytes) else str(value)


def identify(file):
    """Why this is not a results file of the version read here, or None."""
    form = file.attrs.get("format")
    if form is None or text(form) != FORMAT:
        return f"attribute format is {'missing' if form is None else repr(text(form))}, expected {FORMAT!r}"
    version = file.attrs.get("format_version")
    if version is None or np.ndim(version) or version != FORMAT_VERSION:
        return f"attribute format_version is {'missing' if version is None else version}, this program reads {FORMAT_VERSION}"
    return None


def check(file):
    """Everything in which an open h5py.File departs from the layout, one line each; empty when nothing does."""
    problem = identify(file)
    if problem:
        return [problem]
    problems = _check_entries(file, "/", "", {}, {})
    experiments, inference = file.get("experiments"), file.get("inference")
    if inference is not None and not isinstance(inference, h5py.Group):
        return problems + ["/inference is not a group"]
    if not isinstance(experiments, h5py.Group) or not len(experiments) and not inference:
        return problems + ["/experiments is missing or empty"]
    for name in experiments:
        problems += _check_experiment(file, name)
    for name in inference or ():
        problems += _check_inference(file, name)
    if "sessions" in file and not isinstance(file["sessions"], h5py.Group):
        return problems + ["/sessions is not a group"]
    for name in file.get("sessions", ()):
        problems += _check_session(file, name)
    return problems


def _check_session(file, name):
    path = f"/sessions/{name}"
    if not isinstance(file[path], h5py.Group):
        return [f"{path} is not a group"]
    return _check_entries(file, path, SESSION, {"name": name}, {})


def _check_inference(file, name):
    path = f"/inference/{name}"
    group = file[path]
    if not isinstance(group, h5py.Group):
        return [f"{path} is not a group"]
    sizes = {}
    for letter, table in (("l", "topology/links"), ("n", "topology/failing"), ("p", "phases/name"), ("r", "rounds/group"), ("v", "nodes/group"),
                          ("c", "links/group"), ("m", "membership/group"), ("h", "hops/group")):
        if isinstance(group.get(table), h5py.Dataset) and group[table].ndim == 1:
            sizes[letter] = group[table].size
    return _check_entries(file, path, INFERENCE, {"name": name}, sizes)


def table_form(model):
    """How the counts of a model (an open group) are kept: combinations, classes or bounds."""
    return text(model.attrs.get("table", b"combinations"))


def _whole(group, name):
    """An attribute that is one whole number; None where it is something else, which its own check says."""
    value = group.attrs.get(name)
    return int(value) if isinstance(value, np.integer) else None


def _check_experiment(file, name):
    path = f"/experiments/{name}"
    group = file[path]
    if not isinstance(group, h5py.Group):
        return [f"{path} is not a group"]
    for part in ("topology", "reliability", "models"):
        if not isinstance(group.get(part), h5py.Group) or not len(group[part]):
            return [f"{path}/{part} is missing or empty"]
    nodes = group["topology"].get("nodes")
    if not isinstance(nodes, h5py.Dataset) or nodes.ndim != 1 or nodes.size > MAXIMUM_NODES:  # none: nothing can fail
        return [f"{path}/topology/nodes is missing or not a list of at most {MAXIMUM_NODES} names"]
    sizes = {"n": nodes.size, "B": 2}
    forms = {table_form(model) for model in group["models"].values() if isinstance(model, h5py.Group)}
    if "combinations" in forms:
        if nodes.size > MAXIMUM_LISTED:
            return [f"{path}/topology/nodes has {nodes.size} names, a table of combinations takes at most {MAXIMUM_LISTED}"]
        sizes["K"] = 2 ** nodes.size
    classes, samples, runs = _whole(group, "classes"), _whole(group, "test_samples"), group.get("scales/run")
    if classes is not None:
        sizes["C"] = classes
    if samples is not None:
        sizes["T"], sizes["u"] = samples, -(-samples // 8)
    if isinstance(runs, h5py.Dataset) and runs.ndim == 1:
        if not 1 <= runs.size <= MAXIMUM_RUNS:
            return [f"{path}/scales/run has {runs.size} runs, allowed are 1 to {MAXIMUM_RUNS}"]
        sizes["R"] = runs.size
    names = {"experiment": name}
    problems = _check_entries(file, path, EXPERIMENT, names, sizes, forms)
    for model in group["models"]:
        if not isinstance(group["models"][model], h5py.Group):
            problems.append(f"{path}/models/{model} is not a group")
            continue
        problems += _check_model(file, f"{path}/models/{model}", {**names, "model": model}, sizes)
    return problems


def _check_model(file, path, names, sizes):
    form, counts = table_form(file[path]), file[path].get("class_correct")
    if form == "classes" and isinstance(counts, h5py.Dataset) and counts.ndim == 2:
        sizes = {**sizes, "L": counts.shape[1]}
    right = file[path].get("right")
    if isinstance(right, h5py.Dataset) and right.ndim == 3:
        sizes = {**sizes, "w": right.shape[1]}
    if ("right_row" in file[path]) != (right is not None and form == "combinations") or right is not None and form == "bounds":
        return [f"table {path}/right does not go with {'' if 'right_row' in file[path] else 'no '}right_row in a table of {form}"]
    if right is not None and "test_labels" not in file[path].parent.parent:
        return [f"table {path}/right is there, but no test_labels"]
    if "front" in file[path] and "partition" not in file[path]:
        return [f"table {path}/partition is missing, beside front"]
    sizes = {**sizes, **_partition_sizes(file[path])}
    if "exits" in file[path]:
        if form == "bounds":
            return [f"group {path}/exits does not belong to a table of {form}"]
        sizes.update(_exit_sizes(file[path]))
        if form == "classes":
            sizes["K"] = sizes.get("L")  # rows of its tables are those of the counts
    return _check_entries(file, path, MODEL, names, sizes, {form})


def _partition_sizes(model):
    """Layers y, points q and columns of device_bytes D: the data devices, and CDC's spare."""
    sizes, devices = {}, _whole(model, "devices")
    for letter, table in (("y", "partition/layers"), ("q", "front/thresholds")):
        if isinstance(model.get(table), h5py.Dataset) and model[table].ndim == 1:
            sizes[letter] = model[table].size
    if devices is not None:
        sizes["D"] = devices + (text(model.attrs.get("method", b"")) == "cdc")
    return sizes


def _exit_sizes(model):
    """Exits x, heads H, thresholds g of the grid and links k."""
    tables = {letter: model.get(f"exits/{name}") for letter, name in (("x", "names"), ("H", "heads"), ("g", "grid"), ("k", "links/names"))}
    return {letter: table.size for letter, table in tables.items() if isinstance(table, h5py.Dataset) and table.ndim == 1}


def _check_entries(file, path, prefix, names, sizes, forms=()):
    """Check the entries that stand directly under one pattern, with <setting> running over the experiment's settings."""
    problems = []
    for entry in ENTRIES:
        inside = entry.path.startswith(prefix + "/") and "<" not in entry.path[len(prefix):].replace("<setting>", "")
        if not inside:
            continue
        relative = entry.path[len(prefix) + 1:]
        settings = file[f"/experiments/{names['experiment']}/reliability"] if "<setting>" in relative else [""]
        if entry.need in FORMS and entry.need not in forms:
            whole = relative.split("/<setting>")[0]
            if entry.kind == "dataset" and whole in file[path]:
                problems.append(f"table {path.rstrip('/')}/{whole} does not belong to a table of {' and '.join(sorted(forms))}")
            continue
        if entry.need == "optional" and _left_out(file[path], entry, relative):
            continue
        for setting in settings:
            where = f"{path.rstrip('/')}/{relative.replace('<setting>', setting)}"
            problems += _check_one(file, path, entry, where, sizes)
    return problems


def _left_out(group, entry, relative):
    """Whether an optional entry is missing with leave: itself, or the group it stands in."""
    first = relative.split("/")[0]
    if entry.path in ALONE:
        return relative not in group
    if entry.path in WITH_PARTITION and "partition" in group:
        return False
    return first not in (group.attrs if entry.kind == "attribute" and first == relative else group)


def _check_one(file, parent, entry, where, sizes):
    kind = "attribute" if entry.kind == "attribute" else "table"
    if entry.kind == "attribute":
        parent, name = where.rsplit("/", 1)  # of a group, or of a table
        parent = parent or "/"
        if parent not in file:
            return []  # said of the table itself
        if name not in file[parent].attrs:
            return [f"attribute {where} is missing"]
        identity = file[parent].attrs.get_id(name)
    else:
        identity = file.get(where)
        if not isinstance(identity, h5py.Dataset):
            return [f"table {where} is missing"]
    if identity.shape is None or entry.kind == "attribute" and identity.get_space().get_simple_extent_type() == h5py.h5s.NULL:
        return [f"{kind} {where} is empty, expected {entry.dtype}"]
    if _type_name(identity.dtype) != entry.dtype:
        return [f"{kind} {where} has type {_type_name(identity.dtype)}, expected {entry.dtype}"]
    expected = tuple(sizes.get(letter) for letter in entry.shape)
    if len(identity.shape) != len(expected) or any(e not in (None, s) for e, s in zip(expected, identity.shape)):
        return [f"{kind} {where} has shape {identity.shape}, expected {expected}"]
    if entry.path in CHOICES and text(file[parent].attrs[name]) not in CHOICES[entry.path]:
        return [f"attribute {where} is {text(file[parent].attrs[name])!r}, allowed are {', '.join(CHOICES[entry.path])}"]
    measured = entry.kind == "dataset" and entry.shape and entry.dtype == "float64"
    if measured and (problem := hdf5_file.number_problem(identity)):
        return [f"table {where} {problem}"]
    return _check_labels(identity, where, entry, "RK" if "L" not in sizes else "R") if entry in LABELLED else []


def _check_labels(table, where, entry, scaled):
    problems = [f"table {where} has no attribute {name}" for name in ("units", "long_name") if name not in table.attrs]
    for axis, letter in enumerate(entry.shape):
        if letter in scaled and not len(table.dims[axis]):
            problems.append(f"table {where} has no dimension scale on axis {axis}")
    return problems


def _type_name(dtype):
    if dtype.kind == "S":
        return "string"
    return "variable-length string" if h5py.check_string_dtype(dtype) else dtype.newbyteorder("=").name


def main(arguments=None):
    parser = program.Parser(prog="schema.py", description="Print the layout of a results file, or check a file against it.",
                                 epilog="example:\n  postprocess/schema.py results.h5\n  postprocess/schema.py --list")
    parser.add_argument("results", nargs="?", metavar="RESULTS.h5", help="file to check: prints its problems, exit code 2 if any")
    parser.add_argument("--list", action="store_true", help="print PATH|kind|type|rank|required or optional, one line an entry")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(listing()))
    elif not options.results:
        parser.error("a file or --list is needed")
    if options.results:
        with hdf5_file.opened(options.results) as file:
            problems = check(file)
        print("\n".join(f"{options.results}: {line}" for line in problems) or f"{options.results}: layout good")
        return program.BAD_INPUT if problems else program.GOOD
    return program.GOOD


if __name__ == "__main__":
    program.run(main)
