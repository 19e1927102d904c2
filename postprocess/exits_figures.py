"""The figures of networks with early exits: DDNN's Fig. 7 (thresholds), 8 (devices added), 9 (filters) and 10 (a failed device)."""
import dataclasses

import numpy as np
from matplotlib.ticker import AutoLocator

import exits
import exits_tables
import resilience
from figures import INK, guess_line, look, panels_of

MOST_PANELS = 6


def all_figures(results):
    """(file stem, draw function) of every figure; none where the file holds no model with exits."""
    whole = [(e, [m]) for e in exits_tables.experiments(results) for m in exits_tables.whole_models(e)]
    added = [(e, exits.added_devices(e)) for e in results.experiments if exits.added_devices(e)]
    filtered = [(e, group) for e in results.experiments for group in exits_tables.filter_families(e) if _sends(group)]
    every = [(e, [m]) for e in results.experiments for m in exits.models_of(e) if not m.exits.without]
    drawn = [("exits_thresholds", thresholds, every), ("exits_failed_device", failed_device, whole), ("exits_devices_added", devices_added, added),
             ("exits_filters", filters, filtered)]
    return [(name, _drawer(draw, results, groups)) for name, draw, groups in drawn if groups]


def _drawer(draw, results, groups):
    """The drawing of at most so many panels: the first of every experiment, then the second ones."""
    names = [experiment.name for experiment, _ in groups]
    order = sorted(range(len(groups)), key=lambda i: names[:i].count(names[i]))[:MOST_PANELS]
    shown = [groups[i] for i in sorted(order)]
    return lambda _: draw(results, shown, "" if len(shown) == len(groups) else f"; {len(shown)} of {len(groups)}, the others are in the table")


def _sends(group):
    return all(model.exits.devices for model in group)


def _panels(results, groups, labels, title, caption, lines):
    """A panel a group of models with these series, titled by the model where the experiment has several panels or the group one model."""
    shown, names_of = [], [experiment.name for experiment, _ in groups]
    for (experiment, models), names in zip(groups, labels):
        alone = len(models) == 1 or names_of.count(experiment.name) > 1
        title_of = f"{experiment.label}, {models[-1].label}" if alone else experiment.label
        shown.append(dataclasses.replace(experiment, label=title_of, models=[dataclasses.replace(models[-1], label=name) for name in names]))
    return panels_of(dataclasses.replace(results, experiments=shown), title, caption, lines)


def thresholds(results, groups, more):
    """Overall accuracy and what leaves at every exit but the last, over one threshold for all exits."""
    labels = [["overall accuracy"] + [f"share of {name}" for name in models[0].exits.names[:-1]] for _, models in groups]
    figure, panels = _panels(results, groups, labels, "Early exits over the threshold",
                             "one threshold for all exits, no failures, mean over runs; dotted: the thresholds of the network" + more, True)
    for panel, (experiment, (model,)) in zip(panels, groups):
        own = model.exits
        curves = [own.shares(own.curve_correct.sum(axis=-1)), *np.moveaxis(own.shares(own.curve_answered), -1, 0)[:-1]]
        for place, curve in enumerate(curves):
            colour, _, marker = look(place)
            panel.plot(own.grid, 100 * curve.mean(axis=0), color=colour, marker=marker, markersize=6, markeredgecolor="white", linewidth=1.6, zorder=4)
        for place, threshold in enumerate(own.thresholds[:, :-1].mean(axis=0)):
            panel.axvline(threshold, color=look(place + 1)[0], linewidth=1.2, linestyle=":", zorder=2)
        guess_line(panel, experiment)
        panel.set_ylim(0, 104)
        panel.set_xlim(own.grid[0] - 0.02, own.grid[-1] + 0.02)
        panel.set_ylabel("Accuracy, share, %" if panel.get_ylabel() else "")
        panel.set_xlabel("Threshold")
    return figure


def failed_device(results, groups, more):
    """Grouped bars: a group a failed node, a colour an exit that answers all, and all of them together."""
    labels = [[f"{name} alone" for name in models[0].exits.names] + ["overall"] for _, models in groups]
    whiskers = "; whiskers: 95 % Student-t interval" if any(len(model.runs) > 1 for _, (model,) in groups) else ""
    figure, panels = _panels(results, groups, labels, "Accuracy with one node failed, not retrained", "mean over runs" + whiskers + more, False)
    for panel, (experiment, (model,)) in zip(panels, groups):
        columns = exits_tables.single_failures(model)
        series = len(model.exits.names) + 1
        width = 0.84 / series
        for place in range(series):
            centres = np.arange(len(columns)) + (place - (series - 1) / 2) * width
            mean, half = _means([values[:, place] for values in columns.values()])
            colour, hatch, _ = look(place)
            panel.bar(centres, mean, width * 0.94, color=colour, hatch=hatch, edgecolor="white", linewidth=0, zorder=2)
            if len(model.runs) > 1:
                panel.errorbar(centres, mean, half, fmt="none", ecolor=INK, elinewidth=1.0, capsize=min(2.5, 12 * width), zorder=4)
        guess_line(panel, experiment)
        panel.set_xticks(range(len(columns)))
        panel.set_xticklabels([failed or "none" for failed in columns], fontsize=11 if len(columns) <= 9 else 7)
        panel.tick_params(axis="x", length=0, pad=6)
        panel.set_xlim(-0.55, len(columns) - 0.45)
        panel.set_ylim(0, 108)
    return figure


def devices_added(results, groups, more):
    """Lines over the number of devices, retrained for each: every exit alone, all together, and the device that joined by itself."""
    labels = [[f"{name} alone" for name in models[-1].exits.names] + ["overall", "individual"] for _, models in groups]
    figure, panels = _panels(results, groups, labels, "Devices added one after the other",
                             "retrained for each number; individual: the class summary of the device that joined; mean over runs, intervals in the table" + more, True)
    for panel, (experiment, models) in zip(panels, groups):
        rows = exits_tables.added_rows(experiment)
        x = np.array([len(model.exits.nodes) - len(model.exits.without) for model in models])
        table = [exits_tables.accuracies(model, model.exits.usual) for model in models]
        curves = [[values[:, place] for values in table] for place in range(table[0].shape[1])]
        curves.append([np.full(1, np.nan) if alone is None else alone for _, _, alone in rows])
        for place, curve in enumerate(curves):
            _line(panel, place, x, curve, ":" if place == len(curves) - 1 else "-")
        guess_line(panel, experiment)
        panel.set_xticks(x)
        panel.set_xticklabels([f"{count}\n{'+ ' if place else ''}{' '.join(joined) if len(joined) <= 2 else f'{len(joined)} nodes'}"
                               for place, (count, (_, joined, _)) in enumerate(zip(x, rows))], fontsize=9)
        panel.set_xlim(x[0] - 0.4, x[-1] + 0.4)
        panel.set_ylim(0, 104)
    return figure


def filters(results, groups, more):
    """Accuracy over the bytes that a device sends, a mark a number of filters."""
    labels = [[f"{name} alone" for name in models[-1].exits.names] + ["overall"] for _, models in groups]
    figure, panels = _panels(results, groups, labels, "Filters of the devices: accuracy and bytes",
                             "f: filters; bytes of a sample and device at the network's thresholds; mean over runs, intervals in the table" + more, True)
    for panel, (_, models) in zip(panels, groups):
        sent = np.array([model.exits.device_bytes(model.exits.answered[:, model.exits.usual]).mean() for model in models])
        table = [exits_tables.accuracies(model, model.exits.usual) for model in models]
        means = []
        for place in range(table[0].shape[1]):
            means.append(_line(panel, place, sent, [values[:, place] for values in table], "-"))
        top = np.nanmax(means, axis=0)
        for model, x, y in zip(models, sent, top):
            panel.annotate(f"f = {model.exits.lets['FILTERS'][0]}", (x, y), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9, color=INK)
        panel.yaxis.set_major_locator(AutoLocator())
        room = max(1.0, 0.12 * (np.nanmax(means) - np.nanmin(means)))
        panel.set_ylim(np.nanmin(means) - room, np.nanmax(means) + 2 * room)
        panel.set_xlim(0, 1.1 * sent.max())
        panel.set_xlabel("Bytes a sample")
    return figure


def _line(panel, place, x, curve, style):
    """A line of means; returns them in percent."""
    colour, _, marker = look(place)
    mean, _ = _means(curve)
    panel.plot(x, mean, color=colour, marker=marker, markersize=6.5, markeredgecolor="white", linewidth=1.6, linestyle=style, zorder=4)
    return mean


def _means(columns):
    """Means and half widths in percent, one a column of runs; no half width for one run."""
    pairs = [resilience.mean_interval(values) for values in columns]
    return 100 * np.array([mean for mean, _ in pairs]), 100 * np.array([half or 0.0 for _, half in pairs])
