"""The figures of distributed runs: latency distribution, timeout study, latency and membership over time."""
import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

import figures
import inference_exits
import inference_tables
import inference_traffic
import summary
from figures import ALARM, INK, MARKERS, PALE

COLOURS = [figures.COLOURS[i] for i in (2, 0, 3, 4, 1, 5, 7, 6)]  # neighbours far apart: their bands overlap
MOST_LINES, MOST_BARS, MOST_PANELS, MOST_LABELS = 8, 40, 4, 12
EVENTS = {"suspected": (ALARM, "v"), "returned": ("#009E73", "^"), "lost": (INK, "x")}
HALO = [withStroke(linewidth=2.5, foreground="white")]
LEFT, RIGHT, WIDTH = 0.85, 1.0, 9.0  # inches


def all_figures(results):
    """(file stem, draw function) of every figure of every run; a timeout study only where three timeouts were measured."""
    chosen = []
    for run in results.inference:
        chosen.append((f"inference_latency_{run.stem}", lambda all_results, run=run: latency_distribution(all_results, run)))
        if len({timeout for _, timeout, _ in study(run)}) >= 3:
            chosen.append((f"inference_timeouts_{run.stem}", lambda all_results, run=run: timeout_study(all_results, run)))
        chosen.append((f"inference_time_{run.stem}", lambda all_results, run=run: over_time(all_results, run)))
        if len(run.links) > inference_traffic.MOST_LINKS:
            chosen.append((f"inference_traffic_{run.stem}", lambda all_results, run=run: traffic(all_results, run)))
    return chosen


def series(run):
    """[(label, latencies)] in file order: of a single phase by exit where samples leave early, else by phase, or what many phases have in common: their variant, their dead nodes."""
    left = inference_exits.latencies(run) if len(run.phases["name"]) == 1 else []
    if len(left) > 1:
        return [(f"left at {name}", values) for name, values in left]
    dead = [f"{len(run.failing) - bin(int(c)).count('1')} dead by plan" for c in run.phases["combination"]]
    for names in (list(run.phases["name"]), run.variants, dead):
        labels = list(dict.fromkeys(names))
        if len(labels) <= MOST_BARS:
            break
    pairs = [(label, run.latencies(run.of_phases([i for i, name in enumerate(names) if name == label]))) for label in labels]
    return [(label, values) for label, values in sorted(pairs, key=lambda pair: pair[0] if names is dead else "") if len(values)]


def latency_distribution(results, run):
    """Up to eight curves: the empirical distribution; more: bars from the median to p99 with p90 in between."""
    shown = series(run)
    if len(shown) > MOST_LINES:
        return _percentile_bars(results, run, shown)
    figure, (panel,) = _sheet(results, run, "Latency of a frame", "share of rounds answered within a latency, from arrival to the class at the last node",
                              [4.2], len(shown))
    for place, (label, values) in enumerate(shown):
        ordered = np.sort(values)
        panel.step(np.concatenate([ordered[:1], ordered]), 100 * np.arange(len(ordered) + 1) / len(ordered), where="post",
                   color=COLOURS[place % 8], linewidth=2, label=label, zorder=3)
        for share in (50, 99):
            panel.plot(np.percentile(ordered, share), share, MARKERS[place % 8], color=COLOURS[place % 8], markersize=6.5, markeredgecolor="white", zorder=4)
    _time_axis(panel, "x", [values for _, values in shown])
    panel.set_ylim(0, 103)
    panel.set_ylabel("Rounds, %")
    panel.set_xlabel("Latency (markers: median and p99)")
    for share in (50, 90, 99):
        panel.axhline(share, color="#BBBBBB", linewidth=0.8, linestyle=(0, (2, 3)), zorder=1)
        panel.annotate(f"p{share}", (1, share), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5,
                       color=PALE)
    _legend(figure, panel)
    return figure


def _percentile_bars(results, run, shown):
    figure, (panel,) = _sheet(results, run, "Latency of a frame", "bar: median to p99; tick: p90; dot: median", [0.5 + 0.25 * len(shown)], 0,
                              left=0.35 + 0.085 * min(40, max(len(label) for label, _ in shown)), right=0.45)
    variants = list(dict.fromkeys(label.split("@")[0] for label, _ in shown))
    for place, (label, values) in enumerate(shown):
        colour = COLOURS[variants.index(label.split("@")[0])] if len(variants) <= MOST_LINES else COLOURS[0]
        median, p90, p99 = np.percentile(values, (50, 90, 99))
        panel.barh(place, p99 - median, left=median, height=0.55, color=colour, alpha=0.45, zorder=2)
        panel.plot([p90, p90], [place - 0.28, place + 0.28], color=colour, linewidth=2.2, zorder=3)
        panel.plot(median, place, "o", color=colour, markersize=7, markeredgecolor="white", zorder=4)
    panel.set_yticks(range(len(shown)))
    panel.set_yticklabels([textwrap.shorten(label, 40, placeholder="...") for label, _ in shown], fontsize=9, color=INK)
    panel.set_ylim(len(shown) - 0.4, -0.6)
    panel.yaxis.grid(False)
    _time_axis(panel, "x", [values for _, values in shown])
    panel.set_xlabel("Latency")
    return figure


def study(run):
    """[(variant, timeout in us, bool[rounds])] of the phases that were walked, phases of one variant and timeout together."""
    found = {}
    for number, (variant, timeout) in enumerate(zip(run.variants, run.phases["timeout_us"])):
        if np.isfinite(timeout) and timeout > 0:
            found.setdefault((variant, float(timeout)), []).append(number)
    rows = [(variant, timeout, run.of_phases(numbers)) for (variant, timeout), numbers in found.items()]
    return [(variant, timeout, mine) for variant, timeout, mine in rows if len(run.latencies(mine))]


def failure_free(run):
    """Median latency at the largest timeout with all nodes alive and no script, and that timeout; None where nothing of this kind was measured."""
    alive = 2 ** len(run.failing) - 1
    calm = [i for i, (c, script) in enumerate(zip(run.phases["combination"], run.phases["script"]))
            if int(c) == alive and not script and len(run.latencies(run.of_phases([i])))]
    if not calm:
        return None
    longest = max(float(run.phases["timeout_us"][i]) for i in calm)
    rows = run.of_phases([i for i in calm if run.phases["timeout_us"][i] == longest])
    return float(np.median(run.latencies(rows))), longest


def timeout_study(results, run):
    """Median latency with its band to p90, and accuracy, over the timeout: RobustDiCE, Fig. 3, and what it does not show."""
    measured = study(run)
    variants = list(dict.fromkeys(variant for variant, _, _ in measured))
    more = f"; {len(variants) - MOST_LINES} more variants in the table" if len(variants) > MOST_LINES else ""
    figure, (above, below) = _sheet(results, run, "Latency and accuracy over the timeout",
                                    "line: median of the rounds; band: up to p90; dotted: latency equal to the timeout" + more, [3.6, 2.3],
                                    min(len(variants), MOST_LINES))
    for place, variant in enumerate(variants[:MOST_LINES]):
        points = sorted([(timeout, rows) for name, timeout, rows in measured if name == variant], key=lambda point: point[0])
        timeouts = [timeout for timeout, _ in points]
        median, p90 = np.array([np.percentile(run.latencies(rows), (50, 90)) for _, rows in points]).T
        look = {"color": COLOURS[place % 8], "marker": MARKERS[place % 8], "markersize": 6.5, "markeredgecolor": "white", "linewidth": 2, "zorder": 4}
        above.fill_between(timeouts, median, p90, color=COLOURS[place % 8], alpha=0.22, linewidth=0, zorder=2)
        above.plot(timeouts, median, label=variant, **look)
        below.plot(timeouts, [100 * run.accuracy(rows) for _, rows in points], **look)
    _time_axis(above, "y", [run.latencies(rows) for _, _, rows in measured])
    above.set_ylabel("Latency")
    _mark_failure_free(above, run)
    timeouts = np.array(sorted({timeout for _, timeout, _ in measured}))
    for panel in (above, below):
        _time_axis(panel, "x", [timeouts])
    above.plot(timeouts[[0, -1]], timeouts[[0, -1]], color=PALE, linewidth=1.1, linestyle=(0, (1, 2)), zorder=1, scalex=False, scaley=False)
    above.set_xticklabels([])
    _accuracy_axis(below, run)
    below.set_xlabel("Timeout of a hyperconnection")
    _legend(figure, above)
    return figure


def _mark_failure_free(panel, run):
    free = failure_free(run)
    if free is not None:
        panel.axhline(free[0], color=ALARM, linewidth=1.4, linestyle=(0, (5, 3)), zorder=3)
        _margin(panel, free[0], f"failure-free\nat {_time(free[1])}:\n{_time(free[0])}", ALARM)


def _accuracy_axis(panel, run):
    guess = 100 * run.attributes["guess_accuracy"]
    panel.set_ylim(0, 105)
    panel.set_yticks(range(0, 101, 25))
    panel.set_ylabel("Accuracy, %")
    panel.axhline(guess, color=INK, linewidth=1.1, linestyle=(0, (4, 3)), zorder=3)
    _margin(panel, guess, f"random\nguess\n{guess:.1f} %", INK)


def over_time(results, run):
    """Latency of each round over its arrival, with the transitions of the membership; a panel a group of ranks."""
    groups, hidden = _groups(run)
    rounds, names, numbers = run.rounds, *_colours(run)
    kinds = [kind for kind in EVENTS if kind in run.tables["membership"]["event"]]
    caption = "a dot a round; arrows: a node was suspected, returned or was lost, by the clock of the node that noticed"
    figure, panels = _sheet(results, run, "Latency and membership over time", caption + (f"; {hidden} more groups in the tables" if hidden else ""),
                            [3.4 if len(groups) == 1 else 2.3] * len(groups), len(names) + len(kinds), right=0.35)
    for panel, group in zip(panels, groups):
        mine = (rounds["group"] == group) & np.isfinite(rounds["latency_us"])
        for number in range(max(1, len(names))):
            dots = mine & (numbers[rounds["phase"]] == number) if len(names) else mine
            panel.plot(rounds["arrival_us"][dots] / 1e6, rounds["latency_us"][dots], linestyle="", marker=".", markersize=4.5, markeredgewidth=0,
                       color=COLOURS[number % 8], rasterized=True, zorder=3)
        _time_axis(panel, "y", [run.latencies(mine)])
        panel.set_ylabel("Latency")
        panel.set_title(f"group {group}" if len(groups) > 1 else "", loc="left", fontsize=9.5, color=PALE)
        _transitions(panel, run, group)
    for panel in panels:  # one clock for all
        panel.set_xlim(min(p.get_xlim()[0] for p in panels), max(p.get_xlim()[1] for p in panels))
    panels[-1].set_xlabel("Arrival of the frame since the group's start, s")
    dots = [Line2D([], [], linestyle="", marker="o", color=COLOURS[i % 8], label=name) for i, name in enumerate(names)]
    arrows = [Line2D([], [], color=EVENTS[kind][0], marker=EVENTS[kind][1], linewidth=1, label=kind) for kind in kinds]
    _legend(figure, panels[0], dots + arrows)
    return figure


def traffic(results, run):
    """Bytes an image from node to node: what is left of a table of a thousand hyperconnections."""
    pairs, images = inference_traffic.pairs(run)[0], int(run.rounds["samples"].sum())
    names = list(dict.fromkeys([*run.tables["nodes"]["node"], *(name for pair in pairs for name in (pair.sender, pair.receiver))]))
    table = np.full((len(names), len(names)), np.nan)
    for pair in pairs:
        table[names.index(pair.sender), names.index(pair.receiver)] = pair.counts["bytes_measured"] / max(1, images) / 1000
    figure, (panel,) = _sheet(results, run, "Traffic between nodes", f"KB an image from the row's node to the column's, headers included; {len(run.links):,} "
                              f"hyperconnections, {np.nansum(table):,.1f} KB an image in all", [min(6.0, 1.2 + 0.45 * len(names))], 0)
    panel.imshow(table, cmap="Blues", aspect="auto", vmin=0, vmax=1.6 * np.nan_to_num(table).max(initial=1e-9), zorder=2)  # figures stay legible
    panel.grid(False)
    panel.set_xticks(range(len(names)))
    panel.set_yticks(range(len(names)))
    size = 9 if len(names) <= MOST_LABELS else 6
    panel.set_xticklabels(names, fontsize=size, rotation=0 if len(names) <= MOST_LABELS else 90)
    panel.set_yticklabels(names, fontsize=size)
    for (row, column), value in np.ndenumerate(table) if len(names) <= MOST_LABELS else ():
        if np.isfinite(value):
            panel.text(column, row, f"{value:.3g}", ha="center", va="center", fontsize=9, color=INK, path_effects=HALO, zorder=4)
    return figure


def _groups(run):
    """The groups of ranks worth a panel: those with the most transitions, then with rounds; and how many are left out."""
    events = np.bincount(run.tables["membership"]["group"], minlength=1)
    present = sorted({int(g) for g in run.rounds["group"]} | {int(g) for g in run.tables["membership"]["group"]})
    best = sorted(present, key=lambda g: -events[g] if g < len(events) else 0)[:MOST_PANELS]
    return sorted(best) or [0], max(0, len(present) - MOST_PANELS)


def _colours(run):
    """Names that share a colour and the place of each phase's name among them: phases, variants, or nothing where both are many."""
    for names in (run.phases["name"], run.variants):
        labels = list(dict.fromkeys(names))
        if 1 < len(labels) <= MOST_LINES:
            return labels, np.array([labels.index(name) for name in names])
    return [], np.zeros(max(1, len(run.variants)), dtype=int)


def _transitions(panel, run, group):
    """A line a transition; one label where several observers noticed the same, and none where there are too many."""
    events, last, labels = run.tables["membership"], {}, []
    for row in np.flatnonzero(events["group"] == group):
        peer, event = events["peer"][row], events["event"][row]
        x = float(events["time_us"][row]) / 1e6
        colour, marker = EVENTS.get(event, (PALE, "o"))
        panel.axvline(x, color=colour, linewidth=0.8, alpha=0.6, zorder=2)
        panel.plot(x, 1, marker, color=colour, markersize=7, transform=panel.get_xaxis_transform(), clip_on=False, zorder=6)
        if last.get(peer) != event:
            labels.append((x, peer, colour))
        last[peer] = event
    for x, words, colour in labels if len(labels) <= MOST_LABELS else []:
        panel.annotate(words, (x, 1), xycoords=("data", "axes fraction"), xytext=(0, 7), textcoords="offset points", ha="center", va="bottom",
                       fontsize=8.5, color=colour, path_effects=HALO, zorder=7)


def _sheet(results, run, title, caption, heights, entries, left=LEFT, right=RIGHT):
    """A figure with panels below each other (heights in inches): title, caption, warnings in red, room for a legend of `entries`."""
    warnings = [textwrap.shorten(line, 90, placeholder=" ...") for line in summary.warnings(results) if not line.startswith("SYNTHETIC")]
    shown = warnings[:5] + ([f"and {len(warnings) - 5} more"] if len(warnings) > 5 else [])
    shown += ["SYNTHETIC DATA"] if run.synthetic else []
    head = 1.12 + 0.24 * len(shown)
    legend = 0.27 * -(-entries // 3) + (0.18 if entries else 0)
    gap, foot = 0.42, 0.62
    height = head + legend + sum(heights) + gap * (len(heights) - 1) + foot
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    FigureCanvasAgg(figure)

    def write(put, down, words, size, **look):
        fitting = min(size, (WIDTH - 0.5) * 72 / ((0.7 if "weight" in look else 0.57) * max(1, len(words))))
        put(x=0.3 / WIDTH, y=1 - down / height, ha="left", va="top", fontsize=fitting, **look, **{"t" if put == figure.suptitle else "s": words})

    write(figure.suptitle, 0.17, f"{title}: {run.name}{inference_tables.title_marks(results, [run])}", 15, weight="bold")
    write(figure.text, 0.50, caption, 9.5, color=PALE)
    write(figure.text, 0.72, inference_tables.described(run), 9.5, color=PALE)
    for place, line in enumerate(shown):
        write(figure.text, 0.97 + 0.24 * place, line, 10, color=ALARM, weight="bold")
    panels, top = [], head + legend
    for size in heights:
        panels.append(figure.add_axes([left / WIDTH, 1 - (top + size) / height, 1 - (left + right) / WIDTH, size / height]))
        top += size + gap
        _dress(panels[-1], results, run)
    figure.legend_corner = (0.24 / WIDTH, 1 - (head - 0.12) / height)
    return figure, panels


def _dress(panel, results, run):
    panel.grid(True, color="#E4E4E4", linewidth=0.8, zorder=0)
    panel.set_axisbelow(True)
    panel.tick_params(axis="both", length=0)
    mark = " · ".join(filter(None, [results.warning, "SYNTHETIC" if run.synthetic else ""]))
    if mark:
        panel.text(0.5, 0.5, mark, transform=panel.transAxes, fontsize=min(40, 540 / len(mark)), weight="bold", color=ALARM, alpha=0.25, rotation=12,
                   ha="center", va="center", zorder=8, path_effects=[withStroke(linewidth=3, foreground="white")])
    if not len(run.guessed):
        panel.text(0.5, 0.3, "no rounds", transform=panel.transAxes, fontsize=14, color=PALE, ha="center", va="center")
        panel.set_xticks([])
        panel.set_yticks([])


def _time_axis(panel, axis, values):
    """A logarithmic axis of microseconds over these values, with ticks in us, ms and s; plain where there is nothing above 0."""
    joined = np.concatenate([np.asarray(v, dtype=np.float64) for v in values]) if values else np.empty(0)
    joined = joined[joined > 0]
    if not len(joined):
        return
    low, high = float(joined.min()), float(joined.max())
    part = panel.xaxis if axis == "x" else panel.yaxis
    getattr(panel, f"set_{axis}scale")("log")
    room = max(1.12, (high / low) ** 0.06)
    getattr(panel, f"set_{axis}lim")(low / room, high * room)
    part.set_major_locator(LogLocator(subs=(1,) if high / low > 300 else (1, 2, 5) if high / low > 5 else range(1, 10), numticks=20))
    part.set_major_formatter(FuncFormatter(lambda value, _: _time(value)))
    part.set_minor_formatter(NullFormatter())
    panel.tick_params(axis="both", which="both", length=0)


def _time(microseconds):
    """12 us -> '12 µs', 12000 us -> '12 ms'."""
    for factor, unit in ((1e6, "s"), (1e3, "ms")):
        if microseconds >= factor:
            return f"{microseconds / factor:.3g} {unit}"
    return f"{microseconds:.3g} µs"


def _margin(panel, level, words, colour):
    panel.annotate(words, (1, level), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points", ha="left", va="center", fontsize=8.5,
                   color=colour, linespacing=1.15)


def _legend(figure, panel, handles=None):
    handles = panel.get_legend_handles_labels()[0] if handles is None else handles
    if handles:
        figure.legend(handles=handles, loc="upper left", ncol=3, bbox_to_anchor=figure.legend_corner, fontsize=10, handlelength=1.9, columnspacing=2.0)
