"""The picture of differences between models: what is more than noise stands clear of the line."""
import dataclasses

import numpy as np

import figures
import summary


def all_figures(results):
    """(file stem, draw function), as in figures.py."""
    return [("differences", draw)] if any(_shown(experiment) for experiment in results.experiments) else []


def _shown(experiment):
    """Models with an estimate beside the first; none where there are too many to read."""
    if not experiment.certainty or len(experiment.compared) > 16:
        return []
    setting, first = next(iter(experiment.settings)), experiment.compared[0]
    return [model for model in experiment.compared[1:] if experiment.certainty.difference(setting, model, first) is not None]


def draw(results):
    """Difference of every model to the first of its experiment with its two-level interval, a group a setting; hollow: may be noise."""
    known = [experiment for experiment in results.experiments if _shown(experiment)]
    content = dataclasses.replace(results, experiments=known)
    figure, panels = figures.panels_of(content, "Differences of average accuracy", "to the first model; bars: 95 % interval over runs and test samples; "
                                       "hollow: not told apart from it", True)
    for panel, experiment in zip(panels, known):
        models, settings = _shown(experiment), list(experiment.settings)
        for group, setting in enumerate(settings):
            places = -group + np.linspace(.3, -.3, len(models)) if len(models) > 1 else [-group]
            for model, y in zip(models, places):
                found = experiment.certainty.difference(setting, model, experiment.compared[0])
                colour, _, marker = figures.look(experiment.models.index(model))
                panel.hlines(y, 100 * found.low, 100 * found.high, color=colour, linewidth=2, zorder=3)
                panel.plot(100 * found.mean, y, marker=marker, markersize=6.5, color=colour, zorder=4, markerfacecolor=colour if found.told_apart else "white")
        panel.axvline(0, color=figures.INK, linewidth=1.1, linestyle=(0, (4, 3)), zorder=2)
        panel.yaxis.grid(False)
        panel.xaxis.grid(True, color="#E4E4E4", linewidth=0.8, zorder=0)
        panel.set_yticks([-group for group in range(len(settings))])
        panel.set_yticklabels([summary.setting_label(name) for name in settings], fontsize=9, rotation=90, va="center")
        panel.set_ylim(-len(settings) + .5, .5)
        panel.set_ylabel("")
        panel.set_xlabel(f"Points over {experiment.compared[0].label}")
    return figure
