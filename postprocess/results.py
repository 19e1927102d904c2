"""A results file read into plain values, with everything that makes it doubtful named."""
import os
import re
from dataclasses import dataclass, field
from functools import cached_property

import h5py
import numpy as np

import certainty
import correctness
import exits
import hdf5_file
import inference
import partition
import resilience
import schema
from deepfog.program import InputError

EXACT = 1e-9  # stored and recomputed averages differ by rounding only
NAMES = {"deepfogguard": "deepFogGuard", "ddnn": "DDNN", "robustdice": "RobustDiCE", "lop": "LOP", "cdc": "CDC", "cifar10": "CIFAR-10"}


@dataclass
class Model:
    """One model's tables; rows of the tables are the finished runs only."""
    name: str
    label: str
    attributes: dict
    planned: int               # runs the campaign asks for
    runs: np.ndarray           # numbers of the finished runs, int64[finished]
    form: str                  # how counts are kept: combinations, classes or bounds
    correct: np.ndarray        # int64[finished, 2^n], or [finished, classes + 1]; None for bounds
    flow: np.ndarray           # bool[2^n], or [classes + 1]
    accuracy: np.ndarray       # float64, as correct
    diagram: object            # resilience.Diagram of the form classes, else None
    average: dict              # setting -> float64[finished], Equation 3 recomputed here; as stored for bounds
    bounds: dict               # setting -> float64[finished, 2], empty unless the form is bounds
    methods: dict              # setting -> what was used, likewise
    precision: dict            # setting -> float64[finished]; empty when not recorded
    recall: dict
    cut: object                # partition.Partition of a network cut over devices, else None
    exits: object              # exits.Exits of a network with early exits, else None
    topology: str = ""         # its text
    right: object = None       # correctness.Correctness where the file has results by sample

    def by_failed_nodes(self, nodes):
        """Best, mean and worst accuracy over the combinations with k failures: float64[3, finished, n + 1]; None for bounds."""
        if self.form == "bounds":
            return None
        return self.diagram.by_failed_nodes(self.accuracy) if self.diagram else resilience.by_failed_nodes(self.accuracy, nodes)


@dataclass
class Experiment:
    """One data set with its settings and models."""
    name: str
    label: str
    dataset: str
    origin: str
    split: str
    test_samples: int
    guess: str
    guess_accuracy: float
    nodes: list
    settings: dict             # setting -> float64[n] in file order, no_failure first
    models: list

    @property
    def synthetic(self):
        return self.origin != "real"

    @property
    def compared(self):
        """The models that stand beside each other in averages: one that was trained as if some nodes did not exist says nothing of
        them alive, and is shown where they are failed (exits_tables.py)."""
        return [model for model in self.models if model.exits is None or not model.exits.without] or self.models

    @cached_property
    def certainty(self):
        """certainty.Certainty, false where the file has no results by sample; made when it is first asked for."""
        return certainty.Certainty(self)


@dataclass
class Results:
    """The whole file."""
    name: str
    status: str
    experiments: list
    invalid: list = field(default_factory=list)      # reasons, empty when the file is VALID
    incomplete: list = field(default_factory=list)   # what is missing, empty when complete
    inference: list = field(default_factory=list)    # distributed runs, inference.Run

    @property
    def warning(self):
        """INVALID, INCOMPLETE, both or nothing, for titles."""
        return " and ".join(word for word, why in (("INVALID", self.invalid), ("INCOMPLETE", self.incomplete)) if why)


def require_layout(path, file):
    """InputError with the first departure from the layout and the number of others."""
    problems = schema.check(file)
    if problems:
        more = f" (and {len(problems) - 1} more, see schema.py)" if len(problems) > 1 else ""
        raise InputError(f"{path}: {problems[0]}{more}")


def read(path):
    """The file's values after all checks; InputError where its layout is wrong, reasons in .invalid where its numbers are."""
    with hdf5_file.opened(path) as file:
        require_layout(path, file)
        return _read(file, os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace"))


def label(name):
    """A name of a config as it stands in a title: deepfogguard_failout -> deepFogGuard + failout."""
    words = [NAMES.get(word, word) for word in re.split(r"[_\s]+", name)]
    joined = " ".join(words).replace(" failout", " + failout")
    return joined if joined[:4] == "deep" else joined[:1].upper() + joined[1:]


def _read(file, name):
    attributes = {key: schema.text(file.attrs[key]) for key in ("status", "invalid_reasons")}
    result = Results(name, attributes["status"], [])
    for key in file["experiments"]:
        experiment = _experiment(file, key)
        result.experiments.append(experiment)
        result.invalid += _doubts(experiment, file[f"experiments/{key}/models"])
    models = [model for experiment in result.experiments for model in experiment.models]
    done, planned = sum(len(model.runs) for model in models), sum(model.planned for model in models)
    result.inference = inference.read(file)
    for run in result.inference:
        result.invalid += inference.doubts(run)
        if not run.complete or len(run.guessed) < run.planned:
            result.incomplete.append(f"distributed run {run.name}: {len(run.guessed)} of {run.planned} rounds, ending: {run.attributes['ending']}")
    if not models:
        if result.status != "complete" and not result.incomplete:
            result.incomplete.append(f"status {result.status}")
    elif result.status != "complete" or done < planned:
        result.incomplete.append(f"{done} of {planned} training runs done, campaign {result.status}; the rest is left out")
    if not file.attrs["valid"]:
        reasons = [reason for reason in attributes["invalid_reasons"].split("; ") if reason]
        if result.status == "complete":
            reasons = reasons or ["no reason given"]
        else:  # an unfinished file is not valid yet; that alone is INCOMPLETE, not INVALID
            reasons = [reason for reason in reasons if not reason.startswith("not complete")]
        result.invalid[:0] = reasons
    return result


def _experiment(file, name):
    group = file["experiments"][name]
    word = {key: schema.text(group.attrs[key]) for key in ("dataset", "data_origin", "split", "guess")}
    settings = {key: group["reliability"][key][()] for key in _ordered(group["reliability"])}
    nodes = [schema.text(node) for node in group["topology/nodes"][()]]
    models = [_model(group["models"][key], key, settings) for key in _ordered_models(group["models"])]
    for model in models:
        model.right = _right(group, model, word["guess"], len(nodes))
    return Experiment(name, label(name), word["dataset"], word["data_origin"], word["split"], int(group.attrs["test_samples"]),
                      word["guess"], float(group.attrs["guess_accuracy"]), nodes, settings, models)


def _tracks_order(group):
    return bool(group.id.get_create_plist().get_link_creation_order() & h5py.h5p.CRT_ORDER_TRACKED)


def _ordered(reliability):
    """Settings in file order; where the file keeps none, from the most to the least reliable. no_failure goes first."""
    names = list(reliability)
    if not _tracks_order(reliability):
        names.sort(key=lambda name: (-float(np.mean(reliability[name][()])), name))
    return sorted(names, key=lambda name: name != "no_failure")


def _ordered_models(models):
    """Models in file order; where the file keeps none, a vanilla or baseline model goes first, as the one gains refer to."""
    names = list(models)
    return names if _tracks_order(models) else sorted(names, key=lambda name: name not in ("vanilla", "baseline"))


def _model(group, name, settings):
    done = np.flatnonzero(group["done"][()])
    form = schema.table_form(group)

    def measure(table):
        return {key: group[table][key][()][done] for key in settings} if table in group else {}

    attributes = {key: schema.text(value) if np.ndim(value) == 0 and isinstance(value, bytes) else value
                  for key, value in group.attrs.items()}
    correct, flow, accuracy, diagram, bounds, methods = None, None, None, None, {}, {}
    average = measure("average_accuracy")
    if form == "combinations":
        correct, flow, accuracy = group["correct"][()][done], group["flow"][()].astype(bool), group["accuracy"][()][done]
        average = {key: resilience.average(accuracy, r) for key, r in settings.items()}
    elif form == "classes":
        correct, accuracy, diagram = group["class_correct"][()][done], group["class_accuracy"][()][done], _diagram(group)
        flow = np.arange(correct.shape[1]) > 0
        average = {key: accuracy @ diagram.class_probabilities(r) for key, r in settings.items()}
    else:
        bounds = measure("bounds")
        methods = {key: schema.text(group["bounds"][key].attrs["method"]) for key in settings}
    return Model(name, label(name), attributes, int(group["done"].size), done, form, correct, flow, accuracy, diagram, average,
                 bounds, methods, measure("average_precision"), measure("average_recall"), partition.read(group, done), exits.read(group, done, diagram),
                 schema.text(group["topology_text"][()]))


def _right(group, model, guess, nodes):
    """The results by sample of a model; InputError where a combination has a row that is not there."""
    labels = group["test_labels"][()] if "test_labels" in group else None
    right = correctness.read(group["models"][model.name], labels, group.attrs["guess_probabilities"], guess, model.runs, int(group.attrs["test_samples"]), nodes,
                             model.diagram)
    if right is not None and right.row_of is not None and not 0 <= right.row_of.min() <= right.row_of.max() <= right.bits.shape[1]:
        raise InputError(f"{os.path.basename(group.file.filename)}: {group.name}/models/{model.name}/right_row: leads to a row that is not there")
    return right


def _diagram(group):
    """The failure diagram of a model; InputError where its map leads nowhere."""
    tables = [group[f"diagram/{name}"][()] for name in ("position", "states", "failed", "alive", "class_of_state")]
    try:
        return resilience.Diagram(*tables, nodes=group.attrs["failout_rates"].size, classes=group["class_correct"].shape[1])
    except ValueError as error:
        raise InputError(f"{os.path.basename(group.file.filename)}: {group.name}/diagram: {error}") from None


def _doubts(experiment, models):
    """Numbers that cannot be right, one line each."""
    problems = [f"{experiment.name}/reliability/{key}: outside 0..1" for key, r in experiment.settings.items()
                if not np.all((r >= 0) & (r <= 1))]
    for model in experiment.models:
        where, samples = f"{experiment.name}/{model.name}", max(experiment.test_samples, 1)
        if not len(model.runs):
            continue
        problems += partition.doubts(model.cut, where, len(experiment.nodes)) if model.cut else []
        problems += [f"{where}/{problem}" for problem in model.exits.problems] if model.exits else []
        if model.form == "bounds":
            problems += _doubtful_bounds(model, where)
            continue
        if model.correct.min() < 0 or model.correct.max() > samples or model.correct[:, ~model.flow].any():
            problems.append(f"{where}/correct: outside 0..{samples} or not 0 where nothing flows")
        expected = np.where(model.flow, model.correct / samples, experiment.guess_accuracy)
        if not np.all(np.abs(model.accuracy - expected) <= EXACT):
            problems.append(f"{where}/accuracy: is not correct / test_samples, or the guess where nothing flows")
        if model.right is not None and not np.array_equal(model.right.counts(), model.correct):
            problems.append(f"{where}/right: does not count up to {'class_correct' if model.diagram else 'correct'}")
        for key, values in model.average.items():
            stored = models[model.name]["average_accuracy"][key][()][model.runs]
            if not np.all(np.abs(stored - values) <= EXACT):
                problems.append(f"{where}/average_accuracy/{key}: is not Equation 3 of the table")
    return problems


def _doubtful_bounds(model, where):
    problems = []
    for key, bounds in model.bounds.items():
        lower, upper = bounds[:, 0], bounds[:, 1]
        if not np.all((0 <= lower) & (lower <= upper) & (upper <= 1)):
            problems.append(f"{where}/bounds/{key}: not 0 <= lower <= upper <= 1")
        if not np.all((lower <= model.average[key]) & (model.average[key] <= upper)):
            problems.append(f"{where}/average_accuracy/{key}: is outside its bounds")
    return problems
