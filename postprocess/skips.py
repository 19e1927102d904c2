#!/usr/bin/env python3
"""Which skip hyperconnections keep the accuracy up: what each is worth, and the order in which they matter, from files whose models differ in them."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from deepfog.start import start

start(__name__, "numpy", "h5py", "matplotlib.backends.backend_agg")

# pylint: disable=wrong-import-position
import dataclasses
import glob

from matplotlib.patheffects import withStroke

import certainty
import figures
import resilience
import results as results_files
import skip_families
import summary
from deepfog import program
from deepfog.files import write_whole
from tables import Table

EXAMPLE = """example:
  jobs/skip_search.py configs/paper-camera.ini --experiment camera --model deepfogguard -o results/skips-camera
  postprocess/skips.py results/skips-camera --setting hazardous

exit code: 0 good, 2 bad input, nothing to tell among it"""
NOTE = ("Every subset of the skips was swept. Shapley: the gain of all skips over none, dealt out fairly; alone: with this skip only, against none; "
        "without: all but this one, against all. Points, ± over the runs. Weights: retrained, every subset trained anew; or the same weights for all.")
ORDER_NOTE = ("A search takes the best of all next steps: added one by one from none, or removed from all. Gain: over the step before, the same runs, with its "
              "95 % interval, over runs and test samples where those are known. ≈: it holds 0, the step is not told apart; a best of several is a little flattered.")


def all_tables(results):
    """The tables of skips, where a file holds models that differ in them."""
    return tables_of(results, [[experiment] for experiment in results.experiments])


def tables_of(results, groups, chosen=None):
    """The same for experiments that stand in several files, a group each.

    @param chosen  the one setting to show; else the tables in text show the hardest of an order, all of a game
    """
    worth, order = _worth_table(results), _order_table(results)
    for experiments in groups:
        experiment = experiments[0]
        for family in skip_families.families(*experiments):
            for setting in experiment.settings if chosen is None else [chosen]:
                values = family.values(setting)
                if not values:
                    continue
                start, label = summary.start(results, experiment) + [family.weights, setting], [summary.marked(experiment), summary.setting_label(setting), family.weights]
                if family.whole:
                    _add_worth(worth, start, label, family.every, values)
                for search in ("add", "remove"):
                    shown = setting == (chosen or summary.hardest(experiment))
                    _add_order(order, start, label, shown, search, family.path(setting, search, experiment.settings[setting]))
    return [table for table in (worth, order) if table.csv_rows]


def _worth_table(results):
    header = ["Experiment", "Setting", "Weights", "Skip", "Shapley, points", "Alone", "Without it", "Runs"]
    return Table("skips", "Which skip hyperconnections matter" + summary.title_marks(results), header, [], [NOTE], 4,
                 summary.CSV_START + ["weights", "setting", "skip", "measure", "mean", "ci95", "runs"], [])


def _add_worth(table, start, label, every, values):
    shares, none = skip_families.shapley(values), frozenset()
    table.rows += [None] if table.rows else []
    for skip in sorted(every, key=lambda skip: -float(shares[skip].mean())):
        measures = {"shapley": shares[skip], "alone": values[frozenset({skip})] - values[none], "without": values[every - {skip}] - values[every]}
        table.rows.append(label + [skip, *(summary.percent(one, "+") for one in measures.values()), str(len(shares[skip]))])
        for name, one in measures.items():
            mean, half = resilience.mean_interval(one)
            table.csv_rows.append(start + [skip, name, repr(mean), "" if half is None else repr(half), len(one)])


def _order_table(results):
    header = ["Experiment", "Setting", "Weights", "Search", "Skips", "Skip", "Accuracy, %", "Gain, points", "Runs"]
    return Table("skip_order", "Skip hyperconnections, one after the other" + summary.title_marks(results), header, [], [ORDER_NOTE], 4,
                 summary.CSV_START + ["weights", "setting", "search", "skips", "skip", "kept", "accuracy", "ci95", "gain", "gain_low", "gain_high", "noise", "told_apart", "runs"], [])


def _add_order(table, start, label, shown, search, steps):
    if len(steps) < 2:
        return
    table.rows += [None] if table.rows and shown else []
    for step in steps:
        mean, half = resilience.mean_interval(step.values)
        gain = float(step.gain.mean()) if len(step.gain) else None
        cells = ["" if number is None else repr(number) for number in (mean, half, gain, *(step.interval or (None, None)))]
        cells.append("" if step.interval is None else "runs" if step.both is None else "runs and samples")
        table.csv_rows.append(start + [search, len(step.kept), step.skip, " ".join(sorted(step.kept)), *cells,
                                       "" if step.told_apart is None else int(step.told_apart), len(step.values)])
        if shown:
            name = (("+ " if search == "add" else "− ") + step.skip) if step.skip else ("none" if search == "add" else "all")
            points = "" if gain is None else f"{100 * gain:+.2f}"
            points += "" if step.interval is None else f" {certainty.interval(*step.interval, '+')}" + ("" if step.told_apart else " ≈")
            table.rows.append(label + [search, str(len(step.kept)), name, summary.percent(step.values), points, str(len(step.values))])


def all_figures(results):
    """(file stem, draw function), as in figures.py: the orders of a file's families."""
    return figures_of([[experiment] for experiment in results.experiments])


def figures_of(groups, chosen=None):
    """The same for experiments that stand in several files."""
    shown = [(experiments[0], orders(experiments, chosen)) for experiments in groups]
    shown = [(experiment, lines) for experiment, lines in shown if lines]
    return [("skip_order", lambda results: draw(results, shown, chosen))] if shown else []


def orders(experiments, chosen=None):
    """[(label, steps)] of all searches that have a step, in the chosen or the hardest setting."""
    lines = []
    for family in skip_families.families(*experiments):
        setting = chosen or summary.hardest(experiments[0])
        for search in ("add", "remove"):
            steps = family.path(setting, search, experiments[0].settings[setting])
            if len(steps) > 1 and len(family.every) > 1:
                lines.append((("added, " if search == "add" else "removed, ") + ("same weights" if family.owner else "retrained"), steps))
    return lines


def draw(results, shown, chosen=None):
    """Average accuracy over the number of skips, a line a search; every step is named, hollow where it is not told apart from the one before."""
    panels = [dataclasses.replace(experiment, models=[dataclasses.replace(experiment.models[0], label=label, exits=None) for label, _ in lines])
              for experiment, lines in shown]
    figure, axes = figures.panels_of(dataclasses.replace(results, experiments=panels), "Accuracy over the number of skip hyperconnections",
                                     "mean over runs, whiskers: 95 % Student-t interval; hollow: not told apart from the step before", True)
    for axis, (experiment, lines) in zip(axes, shown):
        for place, (_, steps) in enumerate(lines):
            _draw_line(axis, place, steps)
        pairs = [resilience.mean_interval(100 * step.values) for _, steps in lines for step in steps]
        spans = [mean + sign * (half or 0) for mean, half in pairs for sign in (-1, 1)]
        margin = 2 + 0.05 * (max(spans) - min(spans))
        axis.set_ylim(max(0, min(spans) - margin), min(101, max(spans) + margin))
        axis.set_yticks([tick for tick in range(0, 101, 5) if axis.get_ylim()[0] <= tick <= axis.get_ylim()[1]])
        axis.set_xlabel(f"Skip hyperconnections kept, {summary.setting_label(chosen or summary.hardest(experiment)).lower()}")
        most = max(len(step.kept) for _, steps in lines for step in steps)
        axis.set_xticks(range(most + 1))
        axis.set_xlim(-0.3, most + 0.5)
    return figure


def _draw_line(axis, place, steps):
    colour, _, marker = figures.look(place)
    counts, pairs = [len(step.kept) for step in steps], [resilience.mean_interval(100 * step.values) for step in steps]
    axis.errorbar(counts, [mean for mean, _ in pairs], [half or 0 for _, half in pairs], color=colour, linestyle="--" if place % 2 else "-", linewidth=1.6, capsize=2.5, zorder=4)
    for count, (mean, _), step in zip(counts, pairs, steps):
        hollow = step.told_apart is False
        axis.plot(count, mean, marker=marker, markersize=7, color=colour, markerfacecolor="white" if hollow else colour, zorder=5)
        if step.skip:
            axis.annotate(step.skip, (count, mean), xytext=(7, -11) if place % 2 else (-7, 6), textcoords="offset points", ha="left" if place % 2 else "right", fontsize=7, color=colour, zorder=6,
                          path_effects=[withStroke(linewidth=2, foreground="white")])


def read(paths):
    """(results of the first file, [[experiment of one name, a file each]]) of files and folders."""
    files = []
    for path in paths:
        files += sorted(glob.glob(os.path.join(glob.escape(path), "*.h5"))) if os.path.isdir(path) else [path]
    if not files:
        raise program.InputError(f"{paths[0]}: holds no results file, expected what jobs/skip_search.py leaves")
    contents, groups = [results_files.read(path) for path in files], {}
    for content in contents:
        for experiment in content.experiments:
            groups.setdefault(experiment.name, []).append(experiment)
    return contents, list(groups.values())


def main(arguments=None):
    """Tables to stdout; with --out they and the figure go to files."""
    options = _options(arguments)
    contents, groups = read(options.results)
    worst = next((content for content in contents if content.warning), contents[0])
    groups = [group for group in groups if options.setting is None or options.setting in group[0].settings]
    if not groups:
        raise program.InputError(f"--setting {options.setting}: no setting of {options.results[0]}")
    tables = tables_of(worst, groups, options.setting)
    if not tables:
        raise program.InputError(f"{options.results[0]}: no models that differ in their skips, as jobs/skip_search.py makes them")
    print("\n".join(table.as_text() for table in tables))
    if options.out:
        os.makedirs(options.out, exist_ok=True)
        files = {f"{table.name}.{form}": getattr(table, f"as_{word}")().encode("utf-8", "backslashreplace") for table in tables for form, word in (("txt", "text"), ("csv", "csv"), ("tex", "latex"))}
        files.update({f"{name}.{form}": figures.render(function, worst, form) for name, function in figures_of(groups, options.setting) for form in ("png", "pdf")})
        for name, data in files.items():
            write_whole(os.path.join(options.out, name), data)
        print("\n".join(os.path.join(options.out, name) for name in files))
    return program.INVALID if any(content.invalid for content in contents) else program.GOOD


def _options(arguments):
    parser = program.Parser(prog="skips.py", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("results", metavar="RESULTS", nargs="+", help="results files, or folders of jobs/skip_search.py, of one campaign")
    parser.add_argument("--setting", metavar="S", help="the reliability setting (default: all; of an order the hardest)")
    parser.add_argument("--out", metavar="DIR", help="folder for tables and the figure")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    program.run(main)
