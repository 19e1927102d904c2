"""What failout rate is best: models of one topology that differ in their failout rate, and how sure the best one is."""
import dataclasses

import numpy as np

import figures
import resilience
import summary
from tables import Table

DRAWS = 10_000  # bootstrap samples of the runs
NOTE = ("Best: the highest mean over the runs. Held: in so many of 10,000 bootstrap samples of the runs it stays the best. Not told apart: rates whose "
        "paired difference to the best has a 95 % interval that holds 0.")


def sweeps(experiment):
    """{topology: [(rate, model)]} with at least three rates, the same for all nodes; 0 is training without failout. By rate."""
    found = {}
    for model in experiment.compared:
        rates = np.atleast_1d(model.attributes.get("failout_rates", []))
        if not len(model.runs) or model.form == "bounds" or not rates.size or np.ptp(rates) > 0:
            continue
        found.setdefault(str(model.attributes["topology"]), {}).setdefault(round(float(rates[0]), 9), model)
    return {topology: sorted(models.items()) for topology, models in found.items() if len(models) >= 3}


def best_rate(models, setting, seed=1):
    """(place of the best, share of the bootstrap samples in which it stays the best, places not told apart from it, runs in common)."""
    values = summary.common_runs([model for _, model in models], setting)
    runs = values.shape[1]
    if not runs:
        return None
    best = int(values.mean(axis=1).argmax())
    if runs < 2:
        return best, None, [], runs
    chosen = np.random.default_rng(seed).integers(runs, size=(DRAWS, runs))
    held = float((values[:, chosen].mean(axis=2).argmax(axis=0) == best).mean())
    alike = []
    for place in range(len(models)):
        if place != best:
            mean, half = resilience.mean_interval(values[best] - values[place])
            alike += [place] if mean - half <= 0 else []
    return best, held, alike, runs


def all_tables(results):
    """The table of best rates, where a file holds a sweep of them."""
    rows, plain = [], []
    for experiment in results.experiments:
        for topology, models in sweeps(experiment).items():
            rows += [None] if rows else []
            for setting in experiment.settings:
                found = best_rate(models, setting)
                if found is None:
                    continue
                best, held, alike, runs = found
                model, first = models[best][1], models[0][1]
                gains = summary.paired_gains(first, model, setting)
                rows.append([summary.marked(experiment), topology, summary.setting_label(setting), f"{models[best][0]:g}", summary.percent(model.average[setting]),
                             "–" if best == 0 else summary.percent(gains, "+"), "–" if held is None else f"{100 * held:.0f} %",
                             ", ".join(f"{models[place][0]:g}" for place in alike) or "none", str(runs)])
                plain += [summary.start(results, experiment) + [topology, setting, f"{rate:g}", repr(float(one.average[setting].mean())),
                                                                int(place == best), "" if held is None or place != best else repr(held),
                                                                int(place == best or place in alike), len(one.runs)]
                          for place, (rate, one) in enumerate(models)]
    if not rows:
        return []
    header = ["Experiment", "Topology", "Setting", "Best rate", "Accuracy, %", f"Gain over rate {models[0][0]:g}, points", "Held", "Not told apart", "Runs"]
    return [Table("failout_rates", "What failout rate is best" + summary.title_marks(results), header, rows, [NOTE], 3,
                  summary.CSV_START + ["topology", "setting", "failout_rate", "average_accuracy", "best", "held", "best_or_not_told_apart", "runs"], plain)]


def all_figures(results):
    """(file stem, draw function), as in figures.py."""
    return [("failout_rates", draw)] if any(sweeps(experiment) for experiment in results.experiments) else []


def draw(results):
    """Average accuracy over the failout rate, a line a setting, 95 % intervals over runs; the best rate is ringed."""
    groups = [(experiment, topology, models) for experiment in results.experiments for topology, models in sweeps(experiment).items()]
    shown = [dataclasses.replace(experiment, label=f"{experiment.label}, {topology}",
                                 models=[dataclasses.replace(models[0][1], label=summary.setting_label(name), exits=None) for name in experiment.settings])
             for experiment, topology, models in groups]
    figure, panels = figures.panels_of(dataclasses.replace(results, experiments=shown), "Average accuracy over the failout rate",
                                       "mean over runs, whiskers: 95 % Student-t interval; ringed: the best rate of a setting", True)
    for panel, (experiment, _, models) in zip(panels, groups):
        rates = [rate for rate, _ in models]
        for place, setting in enumerate(experiment.settings):
            means, halves = zip(*(resilience.mean_interval(100 * model.average[setting]) for _, model in models))
            colour, _, marker = figures.look(place)
            panel.errorbar(rates, means, [half or 0 for half in halves], color=colour, marker=marker, markersize=6, markeredgecolor="white",
                           linewidth=1.6, capsize=2.5, zorder=4)
            best = best_rate(models, setting)
            if best is not None:
                panel.plot(rates[best[0]], means[best[0]], "o", markersize=14, markerfacecolor="none", markeredgecolor=figures.INK, zorder=5)
        figures.guess_line(panel, experiment)
        panel.set_xlabel("Failout rate")
    return figure
