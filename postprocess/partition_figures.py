"""The figures of networks cut over devices: RobustDiCE's Fig. 4, the Pareto front of memory and accuracy, copies by layer."""
import dataclasses

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.ticker import AutoLocator

import partition_tables
from figures import ALARM, INK, guess_line, look, panels_of
from partition import MEGABYTE

HALO = [withStroke(linewidth=2.5, foreground="white")]


def all_figures(results):
    """(file stem, draw function) of every figure; none where the file holds no cut network."""
    shown = cut_only(results)
    if not shown.experiments:
        return []
    drawn = [("partition_failed_devices", lambda _: failed_devices(shown)), ("partition_layers", lambda _: layers(shown))]
    searched = with_fronts(shown)
    return drawn + ([("partition_front", lambda _: front(searched))] if searched.experiments else [])


def cut_only(results):
    """The file with its cut networks alone."""
    return dataclasses.replace(results, experiments=[dataclasses.replace(e, models=partition_tables.cut_models(e))
                                                     for e in partition_tables.experiments(results)])


def with_fronts(results):
    """The experiments in which thresholds were searched, once a number of failed devices that was searched for."""
    found = []
    for experiment in results.experiments:
        for failed in sorted({model.cut.front.failed for model in experiment.models if model.cut.front}):
            found.append(dataclasses.replace(experiment, label=f"{experiment.label}, {failed} of {len(experiment.nodes)} failed"))
            found[-1].failed = failed
    return dataclasses.replace(results, experiments=found)


def failed_devices(results):
    """Grouped bars: a panel an experiment, a group a number of failed devices, a colour a model."""
    figure, panels = panels_of(results, "Accuracy of cut networks by number of failed devices",
                               "bar: mean over all combinations with that many failures; whisker: from the worst of them to the best; dashed: no failure")
    for panel, experiment in zip(panels, results.experiments):
        n, width = len(experiment.nodes), 0.84 / len(experiment.models)
        groups = np.arange(1, max(2, n))
        levels = {}
        for place, model in enumerate(experiment.models):
            best, mean, worst = 100 * partition_tables.curves(experiment, model)
            centres = groups + (place - (len(experiment.models) - 1) / 2) * width
            colour, hatch, _ = look(place)
            panel.bar(centres, mean[groups], width * 0.94, color=colour, hatch=hatch, edgecolor="white", linewidth=0, zorder=2)
            panel.errorbar(centres, mean[groups], np.maximum(0, [(mean - worst)[groups], (best - mean)[groups]]), fmt="none", ecolor=INK, elinewidth=1.1,
                           capsize=min(2.5, 12 * width), capthick=1.1, zorder=4)
            _numbers(panel, centres, mean[groups], best[groups], len(experiment.models))
            levels.setdefault(round(float(mean[0]), 9), colour)
        _no_failure(panel, levels)
        guess_line(panel, experiment)
        panel.set_xticks(groups)
        panel.set_xticklabels([f"{k} failed" for k in groups], fontsize=11)
        panel.tick_params(axis="x", length=0, pad=6)
        panel.set_xlim(0.45, groups[-1] + 0.55)
        panel.set_ylim(0, 108)
    return figure


def _numbers(panel, centres, mean, best, models):
    if models <= 6:
        for x, value, top in zip(centres, mean, best):
            panel.text(x, max(value, top) + 1.2, f"{value:.1f}", ha="center", va="bottom", fontsize=8.2 if models <= 3 else 6.2, zorder=5, path_effects=HALO)


def _no_failure(panel, levels):
    """A dashed line where all is well: one for all models, or one each where their networks differ."""
    for level, colour in levels.items():
        panel.axhline(level, color=ALARM if len(levels) == 1 else colour, linewidth=1.4, linestyle=(0, (5, 3)), zorder=3.5)
    low, high = min(levels), max(levels)
    words = f"{high:.1f} %" if high - low < 0.05 else f"{low:.1f} to\n{high:.1f} %"
    panel.annotate(f"no failure\n{words}", (1, high), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points", ha="left", va="center",
                   fontsize=8.5, color=ALARM, linespacing=1.15)


def front(results):
    """Memory against accuracy: the points that were looked at, the front as a line, all models as marks."""
    figure, panels = panels_of(results, "Memory and accuracy of cut networks",
                               "dots: what a search of thresholds looked at, as it measured it; line: their Pareto front; marks: the models on all test samples", True)
    for panel, experiment in zip(panels, results.experiments):
        values = []
        for place, model in enumerate(experiment.models):
            colour, _, marker = look(place)
            found = model.cut.front
            if found and found.failed == experiment.failed:
                values += list(_search(panel, found, colour))
            mean = 100 * partition_tables.curves(experiment, model)[1][experiment.failed]
            panel.plot(model.cut.largest / MEGABYTE, mean, marker, color=colour, markersize=10, markeredgecolor=INK, markeredgewidth=1, zorder=6)
            values.append(mean)
        panel.yaxis.set_major_locator(AutoLocator())
        room = max(1.0, 0.08 * (max(values) - min(values)))
        panel.set_ylim(min(values) - room, max(values) + room)
        panel.set_xlim(0, 1.06 * panel.dataLim.x1)
        panel.set_xlabel("Weights of the largest device, MB")
    return figure


def _search(panel, found, colour):
    """Draws the points of one search; returns their accuracies in percent."""
    known = ~np.isnan(found.accuracy)
    panel.plot(found.bytes[known] / MEGABYTE, 100 * found.accuracy[known], linestyle="", marker=".", color=colour, markersize=5, alpha=0.6, zorder=3)
    order = [i for i in np.lexsort((found.accuracy, found.bytes)) if found.on_front[i]]
    panel.plot(found.bytes[order] / MEGABYTE, 100 * found.accuracy[order], color=colour, linewidth=1.6, drawstyle="steps-post", zorder=4)
    return 100 * found.accuracy[known]


def layers(results):
    """Copies of a neuron over the layers: a panel an experiment, a line a model."""
    figure, panels = panels_of(results, "Copies of a neuron over the devices, by layer",
                               "mean over the neurons of a layer and over runs; a copy a device is full replication", True)
    for panel, experiment in zip(panels, results.experiments):
        n, most = len(experiment.nodes), max(len(model.cut.layers) for model in experiment.models)
        for place, model in enumerate(experiment.models):
            colour, _, marker = look(place)
            panel.plot(np.arange(len(model.cut.layers)) + 1, model.cut.copies, color=colour, marker=marker, markersize=6, markeredgecolor="white",
                       linewidth=1.6, zorder=3)
        panel.set_yticks(range(0, n + 1))
        panel.set_ylim(0, n + 0.35)
        panel.set_ylabel("Copies" if panel.get_ylabel() else "")
        panel.set_xlim(0.5, most + 0.5)
        panel.set_xticks(range(1, most + 1, 1 + most // 24))
        panel.set_xlabel(f"Layer, of {most}")
    return figure
