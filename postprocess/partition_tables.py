"""Tables of a report about networks cut over devices, made from a Results value: RobustDiCE's Fig. 4 and Table 1 in numbers."""
import math

import numpy as np

import partition
import summary
from tables import Table

MOST_ROWS = 60  # points of a search, for people; the CSV has all
BYTES = "MB: 10^6 bytes of weights on the device that holds most; saved: against full replication, which holds the whole network on every device."


def all_tables(results):
    """Every table about cut networks, in the order in which they are printed; none where the file holds no such model."""
    if not experiments(results):
        return []
    tables = [failed_devices(results)]
    tables += [scores(results)] if any(_of_different_scores(e) for e in experiments(results)) else []
    tables += [layers(results)]
    return tables + ([front(results)] if any(m.cut.front for e in experiments(results) for m in cut_models(e)) else [])


def experiments(results):
    """Those with a network cut over devices."""
    return [experiment for experiment in results.experiments if cut_models(experiment)]


def cut_models(experiment):
    """Models that are cut over devices and whose accuracy by failed devices is known."""
    return [model for model in experiment.models if model.cut and model.form != "bounds" and len(model.runs)]


def curves(experiment, model):
    """Best, mean and worst accuracy with k = 0 .. n failed devices, mean over runs: float64[3, n + 1]."""
    return model.by_failed_nodes(len(experiment.nodes)).mean(axis=1)


def failed_devices(results):
    """A row a model: memory, and accuracy by number of failed devices."""
    table = _table(results, "partition_failed_devices", "Cut networks: accuracy by number of failed devices, %, averaged over runs", [
        "Best / mean / worst over all combinations with that many failed devices; one figure where all are equal.", BYTES], left=3)
    most = max(len(e.nodes) for e in experiments(results))
    table.header = ["Experiment", "Model", "Partition", "MB", "Saved, %"] + [f"{k} failed" for k in range(most + 1)]
    table.csv_header = summary.CSV_START + ["model", "method", "scores", "network", "devices", "largest_device_bytes", "network_bytes", "saved",
                                            "failed_devices", "combinations", "best", "mean", "worst", "guess", "runs"]
    for experiment in experiments(results):
        table.rows += [None] if table.rows else []
        n = len(experiment.nodes)
        for model in cut_models(experiment):
            values, cut = curves(experiment, model), model.cut
            cells = [_triple(values[:, k]) for k in range(n + 1)]
            table.rows.append([summary.marked(experiment), model.label, cut.label, *_memory(cut), *cells] + [""] * (most - n))
            table.csv_rows += [summary.start(results, experiment) + [model.name, cut.method, cut.scores, cut.network, cut.devices, repr(cut.largest),
                               cut.network_bytes, repr(cut.saved), k, math.comb(n, k)] + [repr(float(v)) for v in values[:, k]]
                               + [repr(experiment.guess_accuracy), len(model.runs)] for k in range(n + 1)]
    return table


def _triple(values):
    best, mean, worst = (f"{100 * value:.2f}" for value in values)
    return mean if best == worst else f"{best} / {mean} / {worst}"


def _memory(cut):
    return [f"{cut.largest / partition.MEGABYTE:.3f}", f"{100 * cut.saved:.1f}"]


def _of_different_scores(experiment):
    """RobustDiCE's models where they differ in the scores, fewest scores first; else none."""
    robust = [model for model in cut_models(experiment) if model.cut.method == "robustdice"]
    if len({model.cut.scores for model in robust}) < 2:
        return []
    return sorted(robust, key=lambda model: (len(model.cut.scores.split()), model.cut.scores))


def scores(results):
    """RobustDiCE's Table 1: which importance scores keep the accuracy best, at how much memory."""
    chosen = [e for e in experiments(results) if _of_different_scores(e)]
    table = _table(results, "partition_scores", "Importance scores: mean accuracy by number of failed devices, %, averaged over runs", [
        "Mean over all combinations with that many failed devices. Models are compared fairly where their memory is equal.", BYTES], left=4)
    most = max(len(e.nodes) for e in chosen)
    table.header = ["Experiment", "Model", "Scores", "Normalisation", "MB", "Saved, %"] + [f"{k} failed" for k in range(most)]
    table.csv_header = summary.CSV_START + ["model", "scores", "normalisation", "calibration_images", "largest_device_bytes", "saved", "failed_devices",
                                            "mean", "runs"]
    for experiment in chosen:
        table.rows += [None] if table.rows else []
        n = len(experiment.nodes)
        for model in _of_different_scores(experiment):
            mean, cut = curves(experiment, model)[1], model.cut
            table.rows.append([summary.marked(experiment), model.label, " + ".join(cut.scores.split()), cut.normalisation, *_memory(cut)]
                              + [f"{100 * mean[k]:.2f}" for k in range(n)] + [""] * (most - n))
            table.csv_rows += [summary.start(results, experiment) + [model.name, cut.scores, cut.normalisation, cut.images, repr(cut.largest),
                               repr(cut.saved), k, repr(float(mean[k])), len(model.runs)] for k in range(n + 1)]
    return table


def layers(results):
    """Copies of the neurons: a row a model; the CSV has a row a layer."""
    table = _table(results, "partition_layers", "Cut networks: copies of a neuron over the devices, averaged over runs", [
        "A copy a device is full replication. The CSV has every layer."], left=2)
    table.header = ["Experiment", "Model", "Layers", "Neurons", "Held", "Copies", "Fewest (layer)", "Most (layer)", "Thresholds"]
    table.csv_header = summary.CSV_START + ["model", "layer", "neurons", "held", "copies", "threshold", "runs"]
    for experiment in experiments(results):
        table.rows += [None] if table.rows else []
        for model in cut_models(experiment):
            cut, held = model.cut, model.cut.held.mean(axis=0)
            fewest, most = int(np.argmin(cut.copies)), int(np.argmax(cut.copies))
            table.rows.append([summary.marked(experiment), model.label, str(len(cut.layers)), f"{cut.neurons.sum():,}", f"{held.sum():,.0f}",
                               f"{held.sum() / cut.neurons.sum():.3f}", f"{cut.copies[fewest]:.3f} ({cut.layers[fewest]})",
                               f"{cut.copies[most]:.3f} ({cut.layers[most]})", _thresholds(cut)])
            means = [""] * len(cut.layers) if cut.thresholds is None else [repr(float(t)) for t in cut.thresholds.mean(axis=0)]
            table.csv_rows += [summary.start(results, experiment) + [model.name, *row, len(model.runs)] for row in zip(
                cut.layers, map(int, cut.neurons), (repr(float(h)) for h in held), (repr(float(c)) for c in cut.copies), means)]
    return table


def _thresholds(cut):
    if cut.thresholds is None:
        return "–"
    least, most = float(cut.thresholds.min()), float(cut.thresholds.max())
    return f"{least:.4g}" if least == most else f"{least:.4g} to {most:.4g}"


def front(results):
    """The Pareto front of memory and accuracy; the CSV has every point that the search looked at."""
    table = _table(results, "partition_front", "Search of thresholds: the Pareto front of memory and accuracy", [
        "Of run 0. Accuracy: mean over the combinations with that many failed devices, as the search measured it. The CSV has every point looked at.", BYTES],
        left=2)
    table.header = ["Experiment", "Model", "Failed", "Threshold", "MB", "Saved, %", "Accuracy, %"]
    table.csv_header = summary.CSV_START + ["model", "failed_devices", "threshold", "largest_device_bytes", "saved", "accuracy", "on_front"]
    for experiment in experiments(results):
        for model in (m for m in cut_models(experiment) if m.cut.front):
            table.rows += [None] if table.rows else []
            found, saved = model.cut.front, 1 - model.cut.front.bytes / model.cut.network_bytes
            order = [i for i in np.lexsort((found.accuracy, found.bytes)) if found.on_front[i]]
            table.rows += [[summary.marked(experiment), model.label, str(found.failed), _threshold(found.thresholds[i]),
                            f"{found.bytes[i] / partition.MEGABYTE:.3f}", f"{100 * saved[i]:.1f}", f"{100 * found.accuracy[i]:.2f}"]
                           for i in order[:MOST_ROWS]]
            if len(order) > MOST_ROWS:
                table.notes.append(f"{experiment.label}, {model.label}: {len(order) - MOST_ROWS} more points of the front in the CSV.")
            table.csv_rows += [summary.start(results, experiment) + [model.name, found.failed, _plain(found.thresholds[i]), int(found.bytes[i]),
                               repr(float(saved[i])), _plain(found.accuracy[i]), int(found.on_front[i])] for i in range(len(found.bytes))]
    return table


def _threshold(value):
    return f"{value:.4g}" if np.isfinite(value) else "a layer each"


def _plain(value):
    return repr(float(value)) if np.isfinite(value) else ""


def _table(results, name, title, notes, left):
    """An empty table whose notes say what was cut, from which data."""
    lines = [f"{e.label}: {_described(e)}." for e in experiments(results)]
    doubts = [line for line in summary.warnings(results) if not line.startswith("SYNTHETIC")]
    return Table(name, title + summary.title_marks(results), [], [], notes + lines + doubts, left)


def _described(experiment):
    """The data, the networks and the devices behind an experiment."""
    models = cut_models(experiment)
    networks = ", ".join(dict.fromkeys(model.cut.network for model in models))
    spare = ", CDC with a spare device that never fails" if any(model.cut.method == "cdc" for model in models) else ""
    images = sorted({model.cut.images for model in models if model.cut.scores})
    scored = f", scores from {' and '.join(map(str, images))} calibration images" if images else ""
    return f"{summary.described(experiment)}, {networks} over {len(experiment.nodes)} devices{spare}{scored}"
