"""The figures of a report: average accuracy over settings (the paper's Fig. 3) and accuracy by number of failed nodes."""
import io
import math
import textwrap

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

import resilience
import summary

# Okabe and Ito's colours, told apart by all common kinds of colour blindness; hatches and markers tell them apart in grey.
COLOURS = ["#E69F00", "#56B4E9", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#F0E442", "#555555"]
HATCHES = ["", "////", "", "....", "\\\\\\\\", "xxxx", "----", "oo"]
MARKERS = ["o", "s", "D", "^", "v", "P", "X", "*"]
INK, PALE, ALARM = "#222222", "#6B6B6B", "#B30000"
STYLE = {"font.family": "DejaVu Sans", "font.size": 10, "axes.edgecolor": "#888888", "axes.labelcolor": INK, "text.color": INK,
         "xtick.color": INK, "ytick.color": PALE, "hatch.linewidth": 0.9, "hatch.color": "white", "pdf.fonttype": 42,
         "svg.hashsalt": "deepfog", "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}


def look(place):
    """Colour, hatch and marker of the model at this place; behind the eighth, colours return with other hatches and markers."""
    other = (place + place // 8) % 8
    return COLOURS[place % 8], HATCHES[other], MARKERS[other]


def all_figures():
    """(file stem, draw function) of every figure; draw(results) gives a Figure."""
    return [("fig3_average_accuracy", average_accuracy), ("accuracy_by_failed_nodes", failed_nodes)]


def render(draw, results, form):
    """The figure as bytes in form png, pdf or svg; the same results give the same bytes."""
    with matplotlib.rc_context(), io.BytesIO() as stream:
        matplotlib.rcdefaults()  # a user's matplotlibrc must not change the picture
        matplotlib.rcParams.update(STYLE)
        if "text.parse_math" in matplotlib.rcParams:  # since 3.6: a name with $ is no formula
            matplotlib.rcParams["text.parse_math"] = False
        figure = draw(results)
        title = figure._suptitle.get_text()  # pylint: disable=protected-access
        stamps = {"png": {"Title": title}, "pdf": {"Title": title, "CreationDate": None}, "svg": {"Title": title, "Date": None}}
        figure.savefig(stream, format=form, dpi=200, metadata=stamps[form])
        return stream.getvalue()


def average_accuracy(results):
    """Grouped bars: a panel an experiment, a group a setting, a colour a model, 95 % intervals over runs."""
    figure, panels = panels_of(results, "Average accuracy under node failures",
                             "weighted by the probability of every failure combination, mean over runs" + _whiskers(results))
    for panel, experiment in zip(panels, results.experiments):
        width = 0.84 / len(experiment.compared)
        for place, model in enumerate(experiment.compared):
            centres = np.arange(len(experiment.settings)) + (place - (len(experiment.compared) - 1) / 2) * width
            _bars(panel, experiment, model, place, centres, width)
        guess_line(panel, experiment)
        panel.set_xticks(range(len(experiment.settings)))
        panel.set_xticklabels([summary.setting_label(name) for name in experiment.settings], fontsize=11)
        panel.tick_params(axis="x", length=0, pad=6)
        panel.set_xlim(-0.55, len(experiment.settings) - 0.45)
        panel.set_ylim(0, 108)
    return figure


def _whiskers(results):
    models = [model for experiment in results.experiments for model in experiment.compared]
    several = "; whiskers: 95 % Student-t interval" if any(len(model.runs) > 1 for model in models) else ""
    return several + ("; red: bounds of the average" if any(model.bounds for model in models) else "")


def _bars(panel, experiment, model, place, centres, width):
    if not len(model.runs):
        return
    pairs = [resilience.mean_interval(model.average[name]) for name in experiment.settings]
    means = np.array([100 * mean for mean, _ in pairs])
    halves = np.array([100 * (half or 0.0) for _, half in pairs])
    colour, hatch, _ = look(place)
    panel.bar(centres, means, width * 0.94, color=colour, hatch=hatch, edgecolor="white", linewidth=0, zorder=2)
    if len(model.runs) > 1:
        panel.errorbar(centres, means, halves, fmt="none", ecolor=INK, elinewidth=1.1, capsize=2.5, capthick=1.1, zorder=4)
    if model.bounds:
        lower, upper = 100 * np.array([model.bounds[name].mean(axis=0) for name in experiment.settings]).T
        panel.vlines(centres + width / 4, lower, upper, color=ALARM, linewidth=2.2, zorder=4)
        panel.hlines(np.concatenate([lower, upper]), np.tile(centres + width / 4, 2) - width / 10, np.tile(centres + width / 4, 2) + width / 10,
                     color=ALARM, linewidth=1.4, zorder=4)
    if len(experiment.compared) <= 6:
        size = 8.2 if len(experiment.compared) <= 3 else 6.2
        for x, mean, half in zip(centres, means, halves):
            panel.text(x, mean + half + 1.2, f"{mean:.1f}", ha="center", va="bottom", fontsize=size, zorder=5,
                       path_effects=[withStroke(linewidth=2.5, foreground="white")])


def failed_nodes(results):
    """Mean over the combinations with k failures as a line, best to worst as a bar behind it; a panel an experiment."""
    figure, panels = panels_of(results, "Accuracy by number of failed nodes",
                             "line: mean over all combinations with that many failures; bar: from the worst of them to the best", True)
    for panel, experiment in zip(panels, results.experiments):
        n, count = len(experiment.nodes), len(experiment.compared)
        for place, model in enumerate(experiment.compared):
            if not len(model.runs) or model.form == "bounds":
                continue
            best, mean, worst = 100 * model.by_failed_nodes(n).mean(axis=1)
            x = np.arange(n + 1) + (place - (count - 1) / 2) * 0.66 / count
            colour, _, marker = look(place)
            panel.vlines(x, worst, best, color=colour, linewidth=5, alpha=0.35, zorder=2)
            panel.hlines(np.concatenate([worst, best]), np.tile(x, 2) - 0.07, np.tile(x, 2) + 0.07, color=colour, linewidth=1.4, zorder=3)
            panel.plot(x, mean, color=colour, marker=marker, markersize=6.5, markeredgecolor="white", linewidth=1.6, zorder=4)
        guess_line(panel, experiment)
        if all(model.form == "bounds" for model in experiment.compared):
            panel.text(n / 2, 70, "only averages are known", ha="center", fontsize=12, color=PALE)
        panel.set_xticks(range(0, n + 1, 1 + n // 24))
        panel.set_xlim(-0.5, n + 0.5)
        panel.set_ylim(0, 104)
        panel.set_xlabel(f"Failed nodes, of {n}")
    return figure


def panels_of(results, title, caption, lines=False):
    """A figure with a titled panel an experiment (two a row), one legend, and every warning in red above; sizes in inches."""
    count = len(results.experiments)
    columns = min(2, count)
    rows = math.ceil(count / columns)
    across = 4 if columns == 2 else 3  # legend entries a row
    left, width = 0.66, 0.2 + 6.7 * columns if columns == 2 else 8.0
    warnings = [textwrap.shorten(line, int(10 * width), placeholder=" ...") for line in summary.warnings(results)]
    shown = warnings[:5] + ([f"and {len(warnings) - 5} more"] if len(warnings) > 5 else [])
    legend = 0.95 + 0.24 * len(shown)
    entries = max(len(e.compared) for e in results.experiments)
    head, below = legend + 0.27 * math.ceil(entries / across), 0.0
    if not _shares_legend(results):  # then each panel has its own below it
        head, below = legend, (0.22 if lines else 0.1) + 0.17 * math.ceil(entries / 4)
    height = head + (4.0 + below) * rows
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)

    def write(put, down, words, size, **look):
        fitting = min(size, (width - left) * 72 / (0.68 * len(words)))
        put(x=left / width, y=1 - down / height, ha="left", va="top", fontsize=fitting, **look, **{"t" if put == figure.suptitle else "s": words})

    write(figure.suptitle, 0.17, title + summary.title_marks(results), 16, weight="bold")
    write(figure.text, 0.53, caption, 9.5, color=PALE)
    for place, line in enumerate(shown):
        write(figure.text, 0.80 + 0.24 * place, line, 10, color=ALARM, weight="bold")
    grid = figure.add_gridspec(rows, columns, left=left / width, right=1 - 0.82 / width, top=1 - (head + 0.62) / height,
                               bottom=((0.62 if lines else 0.45) + below) / height, wspace=0.19, hspace=0.42 + below / 2.9)
    panels = [figure.add_subplot(grid[place // columns, place % columns]) for place in range(count)]
    for place, (panel, experiment) in enumerate(zip(panels, results.experiments)):
        _dress(panel, results, experiment, place % columns == 0)
    _legend(figure, results, lines, ((left - 0.1) / width, 1 - (legend - 0.12) / height), across)
    return figure, panels


def _dress(panel, results, experiment, leftmost):
    mark = " – SYNTHETIC DATA" if experiment.synthetic else ""
    panel.set_title(experiment.label + mark, loc="left", fontsize=13, weight="bold", pad=21, color=ALARM if mark else INK)
    panel.text(0, 1.025, summary.described(experiment), transform=panel.transAxes, fontsize=8.8, color=PALE, ha="left", va="bottom")
    panel.yaxis.grid(True, color="#E4E4E4", linewidth=0.8, zorder=0)
    panel.set_axisbelow(True)
    panel.spines["left"].set_visible(False)
    panel.tick_params(axis="y", length=0)
    panel.set_yticks(range(0, 101, 20))
    panel.set_ylabel("Accuracy, %" if leftmost else "")
    mark = " · ".join(filter(None, [results.warning, "SYNTHETIC" if experiment.synthetic else ""]))
    if mark:
        panel.text(0.5, 0.5, mark, transform=panel.transAxes, fontsize=min(40, 540 / len(mark)), weight="bold", color=ALARM, alpha=0.25,
                   rotation=18, ha="center", va="center", zorder=8, path_effects=[withStroke(linewidth=3, foreground="white")])


def _shares_legend(results):
    """Whether all panels show the same models in the same order."""
    return len({tuple(model.label for model in experiment.models) for experiment in results.experiments}) == 1


def _legend(figure, results, lines, corner, across):
    """One legend for all panels when they show the same models in the same order, else one a panel."""
    lists = [[model.label for model in experiment.models] for experiment in results.experiments]

    def handles(labels):
        if lines:
            return [Line2D([], [], color=look(i)[0], marker=look(i)[2], markersize=7, markeredgecolor="white", linewidth=1.8,
                           label=word) for i, word in enumerate(labels)]
        return [Patch(facecolor=look(i)[0], hatch=look(i)[1], edgecolor="white", linewidth=0, label=word)
                for i, word in enumerate(labels)]

    if _shares_legend(results):
        figure.legend(handles=handles(lists[0]), loc="upper left", ncol=across, bbox_to_anchor=corner, fontsize=11,
                      handlelength=1.9, handleheight=1.2, columnspacing=2.0)
        return
    for panel, labels in zip(figure.axes, lists):
        panel.legend(handles=handles(labels), loc="upper center", bbox_to_anchor=(0.5, -0.16 if lines else -0.1), ncol=4, fontsize=8, columnspacing=1.4)


def guess_line(panel, experiment):
    """The level of guessing, named in the margin where it covers nothing."""
    level = 100 * experiment.guess_accuracy
    panel.axhline(level, color=INK, linewidth=1.1, linestyle=(0, (4, 3)), zorder=3.5)
    panel.annotate(f"random\nguess\n{level:.1f} %", (1, level), xycoords=("axes fraction", "data"), xytext=(5, 0),
                   textcoords="offset points", ha="left", va="center", fontsize=8.5, color=INK, linespacing=1.15)
