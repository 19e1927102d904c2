"""The tables and sentences of a report, made from a Results value."""
import math

import numpy as np

import resilience
from tables import Table

INTERVAL = "± is the 95 % Student-t interval over runs; a single run has none."
CSV_START = ["experiment", "dataset", "data_origin", "split", "file_state"]


def all_tables(results):
    """Every table of the report, in the order in which they are printed."""
    return [reliability(results), average_accuracy(results), failed_nodes(results), overview(results)] if results.experiments else []


def reliability(results):
    """The paper's Table 1: what the settings mean, a column an experiment."""
    names = list(dict.fromkeys(key for experiment in results.experiments for key in experiment.settings))
    table = _table(results, "table1_reliability", "Table 1: Reliability settings (probability that a node survives)")
    table.header = ["Setting"] + [f"{marked(e)} (order: {_shortened(e.nodes)})" for e in results.experiments]
    for name in names:
        cells = [_shortened([f"{100 * r:.10g}" for r in e.settings[name]]) if name in e.settings else None for e in results.experiments]
        table.rows.append([setting_label(name)] + [f"[{c}] %" if c else "–" for c in cells])
    table.csv_header = CSV_START + ["setting", "node", "survival_probability"]
    table.csv_rows = [start(results, e) + [key, node, repr(float(value))] for e in results.experiments
                      for key, r in e.settings.items() for node, value in zip(e.nodes, r)]
    return table


def average_accuracy(results):
    """The numbers of Fig. 3: models by settings."""
    names = list(dict.fromkeys(key for experiment in results.experiments for key in experiment.settings))
    table = _table(results, "fig3_average_accuracy", "Average accuracy (Equation 3), %", [INTERVAL], left=2)
    table.header = ["Experiment", "Model"] + [setting_label(name) for name in names]
    table.csv_header = CSV_START + ["model", "setting", "mean", "ci95_low", "ci95_high", "runs", "bound_low", "bound_high", "method"]
    for experiment in results.experiments:
        table.rows += [None] if table.rows else []
        for model in experiment.compared:
            cells = [percent(model.average.get(name)) + _bounds(model, name) for name in names]
            table.rows.append([marked(experiment), model.label] + cells)
            table.csv_rows += [start(results, experiment) + [model.name, name] + _plain(values) + _plain_bounds(model, name)
                               for name, values in model.average.items() if len(values)]
    return table


def failed_nodes(results):
    """Best, mean and worst accuracy over the combinations with k failed nodes, and the level of guessing."""
    shown = [e for e in results.experiments if any(model.form != "bounds" for model in e.compared)]
    notes = [f"{e.label}, {model.label}: only averages are known, not the accuracies by failed nodes."
             for e in results.experiments for model in e.compared if model.form == "bounds"]
    most = max((len(experiment.nodes) for experiment in shown), default=0)
    table = _table(results, "accuracy_by_failed_nodes", "Accuracy by number of failed nodes, %, averaged over runs",
                   ["Best, mean and worst are taken over all combinations with that many failed nodes."] + notes, left=3)
    table.header = ["Experiment", "Model", "Over combinations"] + [str(k) for k in range(most + 1)]
    table.csv_header = CSV_START + ["model", "failed_nodes", "combinations", "best", "mean", "worst", "guess", "runs"]
    for experiment in shown:
        table.rows += [None] if table.rows else []
        n = len(experiment.nodes)

        def row(model, measure, values, place=experiment):
            return [marked(place), model, measure] + [*values] + [""] * (most + 1 - len(values))

        for model in (m for m in experiment.compared if len(m.runs) and m.form != "bounds"):
            curves = model.by_failed_nodes(n).mean(axis=1)
            table.rows += [row(model.label, word, [f"{100 * v:.2f}" for v in curve])
                           for word, curve in zip(("best", "mean", "worst"), curves)]
            table.csv_rows += [start(results, experiment) + [model.name, k, math.comb(n, k)] + [repr(float(v)) for v in curves[:, k]]
                               + [repr(experiment.guess_accuracy), len(model.runs)] for k in range(n + 1)]
        table.rows.append(row("random guess", experiment.guess.replace("_", " "), [f"{100 * experiment.guess_accuracy:.2f}"] * (n + 1)))
        table.rows.append(row("combinations", "", [str(math.comb(n, k)) for k in range(n + 1)]))
    return table


def overview(results):
    """A line a setting and model: accuracy, gain over the first model, precision and recall where recorded."""
    extra = [word for word in ("precision", "recall") if any(getattr(m, word) for e in results.experiments for m in e.compared)]
    table = _table(results, "overview", "Overview: average accuracy and gain over the first model of each experiment",
                   [INTERVAL + " Gains are paired run by run. ≈: not told apart from the first model, the 95 % interval of the gain holds 0"
                    + (" (over runs and test samples where those are known)." if any(e.certainty for e in results.experiments) else ".")], left=3)
    table.header = ["Experiment", "Setting", "Model", "Accuracy, %", "Gain, points"] + [f"{word.capitalize()}, %" for word in extra]
    table.header += ["Runs"]
    table.csv_header = CSV_START + ["setting", "model", "measure", "mean", "ci95_low", "ci95_high", "runs"]
    for experiment in results.experiments:
        for name in experiment.settings:
            table.rows += [None] if table.rows else []
            for model in experiment.compared:
                gains = paired_gains(experiment.compared[0], model, name)
                gain = "baseline" if model is experiment.compared[0] else percent(gains, "+") + _alike(experiment, model, name, gains)
                table.rows.append([marked(experiment), setting_label(name), model.label, percent(model.average[name]), gain]
                                  + [percent(getattr(model, word).get(name)) for word in extra]
                                  + [str(len(model.runs))])
                measures = [("average_accuracy", model.average[name]), ("gain", gains)]
                measures += [("average_" + word, getattr(model, word).get(name, [])) for word in extra]
                table.csv_rows += [start(results, experiment) + [name, model.name, word] + _plain(values)
                                   for word, values in measures if len(values)]
    return table


def _alike(experiment, model, setting, gains):
    """' ≈' where the gain over the first model may be noise."""
    found = experiment.certainty.difference(setting, model, experiment.compared[0])
    if found is not None:
        return "" if found.told_apart else " ≈"
    mean, half = resilience.mean_interval(gains) if len(gains) else (0.0, None)
    return " ≈" if half is not None and abs(mean) <= half else ""


def headlines(results):
    """One sentence an experiment: what the models gain in its hardest setting."""
    sentences = []
    for experiment in results.experiments:
        setting = hardest(experiment)
        first, parts = experiment.compared[0], []
        for model in experiment.compared[1:]:
            gains = paired_gains(first, model, setting)
            if len(gains):
                over = "" if parts else f" points over {_inside(first.label)}"
                parts.append(f"{model.label} {100 * float(gains.mean()):+.1f}{over} ({_interval(gains)})")
        data = " [SYNTHETIC DATA]" if experiment.synthetic else ""
        text = ", ".join(parts) or "nothing to compare yet"
        sentences.append(f"{experiment.label}{data}, {_inside(setting_label(setting))}: {text}")
    return sentences


def hardest(experiment):
    """The setting whose nodes survive least."""
    return min(experiment.settings, key=lambda name: float(np.mean(experiment.settings[name])))


def _interval(gains):
    mean, half = resilience.mean_interval(gains)
    if half is None:
        return "one run, no interval"
    return f"95 % interval {100 * (mean - half):+.1f} to {100 * (mean + half):+.1f}, {len(gains)} paired runs"


def paired_gains(first, model, setting):
    """Average accuracy of model less that of first in the runs that both have finished: float64[runs]."""
    _, a, b = np.intersect1d(first.runs, model.runs, return_indices=True)
    return model.average[setting][b] - first.average[setting][a]


def runs_in_common(models):
    """Numbers of the runs that all these models have finished, ascending."""
    return sorted(set.intersection(*(set(model.runs.tolist()) for model in models))) if models else []


def common_runs(models, setting):
    """Average accuracies in the runs that all these models have finished: float64[models, runs]."""
    runs = runs_in_common(models)
    return np.array([model.average[setting][np.searchsorted(model.runs, runs)] for model in models])


def warnings(results):
    """What must be said loudly about the file: INVALID and INCOMPLETE with reasons, synthetic data."""
    lines = [f"INVALID: {reason}" for reason in results.invalid] + [f"INCOMPLETE: {reason}" for reason in results.incomplete]
    names = [experiment.name for experiment in results.experiments if experiment.synthetic]
    names += [f"inference {run.name}" for run in results.inference if run.synthetic]
    return lines + ([f"SYNTHETIC DATA: {', '.join(names)}"] if names else [])


def title_marks(results):
    """What every title carries after its text: the file's warning and synthetic data."""
    synthetic = [experiment.label for experiment in results.experiments if experiment.synthetic]
    marks = [results.warning] if results.warning else []
    if synthetic:
        marks.append("SYNTHETIC DATA" + ("" if len(synthetic) == len(results.experiments) else ": " + ", ".join(synthetic)))
    return "".join(f" [{mark}]" for mark in marks)


def described(experiment):
    """The data behind an experiment: 'mhealth (real data), split rows, 34,319 test samples, 10 runs'."""
    data = "SYNTHETIC DATA" if experiment.synthetic else "real data"
    return f"{experiment.dataset} ({data}), split {experiment.split}, {experiment.test_samples:,} test samples, {_runs(experiment)}"


def _shortened(words):
    """Words with commas; of many, that all are one, or the first and the last."""
    if len(words) <= 24:
        return ", ".join(words)
    return f"{len(words)} times {words[0]}" if len(set(words)) == 1 else f"{', '.join(words[:3])}, ... {words[-1]}, {len(words)} in all"


def setting_label(name):
    """no_failure -> No failure."""
    return name.replace("_", " ").capitalize()


def percent(values, sign=""):
    """Mean in percent with its interval, or a dash for no values."""
    if values is None or not len(values):
        return "–"
    mean, half = resilience.mean_interval(values)
    number = f"{100 * mean:{sign}.2f}"
    return number if half is None else f"{number} ± {100 * half:.2f}"


def _table(results, name, title, notes=(), left=1):
    lines = [f"{e.label}: {described(e)}." for e in results.experiments]
    lines += [line for e in results.experiments for m in e.models for line in _how(e, m)]
    doubts = [line for line in warnings(results) if not line.startswith("SYNTHETIC")]
    return Table(name, title + title_marks(results), [], [], list(notes) + lines + doubts, left)


def _bounds(model, name):
    """' [98.10, 98.30]', mean bounds over runs in percent, where the average is known by bounds only."""
    if not len(model.bounds.get(name, ())):
        return ""
    lower, upper = 100 * model.bounds[name].mean(axis=0)
    return f" [{lower:.2f}, {upper:.2f}]"


def _plain_bounds(model, name):
    """Mean bounds over runs and how they were found, for the CSV; an exact average is its own bounds."""
    if name not in model.bounds:
        return [repr(float(model.average[name].mean()))] * 2 + [f"all {model.form}"]
    return [repr(float(bound)) for bound in model.bounds[name].mean(axis=0)] + [model.methods[name]]


def _how(experiment, model):
    """What was used instead of a table of all combinations, for the notes."""
    place = f"{experiment.label}, {model.label}"
    if model.form == "classes":
        return [f"{place}: all 2^{len(experiment.nodes)} combinations, counted by the {model.correct.shape[1] - 1:,} classes of the failure diagram."]
    used = {}
    for setting, method in model.methods.items():
        used.setdefault(method, []).append(_inside(setting_label(setting)))
    return [f"{place}: {'certified bounds' if method == 'bounds' else method}, in brackets: {', '.join(settings)}." for method, settings in used.items()]


def _runs(experiment):
    counts = {(len(model.runs), model.planned) for model in experiment.models}
    if len(counts) == 1:
        done, planned = counts.pop()
        return f"{done}{f' of {planned}' if done < planned else ''} run{'' if planned == 1 else 's'}"
    return "runs done: " + ", ".join(f"{_inside(m.label)} {len(m.runs)} of {m.planned}" for m in experiment.models)


def start(results, experiment):
    """The first cells of a CSV row, under CSV_START."""
    return [experiment.name, experiment.dataset, experiment.origin, experiment.split, results.warning or "VALID"]


def _plain(values):
    mean, half = resilience.mean_interval(values)
    return [repr(mean)] + (["", ""] if half is None else [repr(mean - half), repr(mean + half)]) + [len(values)]


def marked(experiment):
    """The experiment's name as it stands in a table."""
    return experiment.label + (" (synthetic)" if experiment.synthetic else "")


def _inside(words):
    """A label inside a sentence: Vanilla -> vanilla, DDNN stays."""
    return words[:1].lower() + words[1:] if words[1:].islower() else words
