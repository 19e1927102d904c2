"""Tables and lines of a report about distributed runs, made from a Results value."""
import numpy as np

import inference
import inference_exits
import inference_traffic
import summary
from inference_traffic import COUNTS, MOST_LINKS
from tables import Table

MOST_ROWS = 60  # of a table for people, a run; the CSV has all


def all_tables(results):
    """Every table about distributed runs, in the order in which they are printed; none where the file holds no run."""
    if not results.inference:
        return []
    left_early = [exits(results)] if any(run.exits for run in results.inference) else []
    return [latency(results), *left_early, performance(results), links(results), nodes(results), membership(results)]


def latency(results):
    """A row a phase: latency, throughput, accuracy, share of rounds with timeouts."""
    table = _table(results, "inference_latency", "Distributed inference: latency by phase", [
        "Latency from the arrival of a frame to its class at the last node. Where nothing reached the last node, a sample counts with the "
        "guess's expectation."], left=2)
    table.header = ["Run", "Phase", "Timeout, ms", "Rounds", "Frames/s", "p50, ms", "p90, ms", "p99, ms", "Mean, ms", "Accuracy, %",
                    "Rounds with timeouts, %"]
    table.csv_header = ["run", "dataset", "data_origin", "file_state", "phase", "variant", "timeout_us", "planned", "rounds", "frames_per_s",
                        "p50_us", "p90_us", "p99_us", "mean_us", "accuracy", "timed_out_share", "settle_us"]
    for run in results.inference:
        rows = []
        for number, name in enumerate(run.phases["name"]):
            figures = phase_figures(run, run.of_phases([number]))
            timeout = float(run.phases["timeout_us"][number])
            rows.append([_marked(run), name, milliseconds(timeout)] + _shown(figures))
            table.csv_rows.append(_start(results, run) + [name, run.variants[number], plain(timeout), int(run.phases["rounds"][number])]
                                  + [int(figures[0])] + [plain(value) for value in figures[1:]] + [plain(run.phases["settle_us"][number])])
        _add(table, run, rows, "phases")
        if len(rows) > 1:
            table.rows.append([_marked(run), "all phases", ""] + _shown(phase_figures(run, np.ones(len(run.guessed), dtype=bool))))
    return table


def phase_figures(run, rows):
    """Rounds, frames/s, p50, p90, p99, mean (us), accuracy, share of rounds with timeouts."""
    return [int(rows.sum()), run.frames_per_second(rows), *inference.percentiles(run.latencies(rows)), run.accuracy(rows), run.timed_out(rows)]


def exits(results):
    """A row an exit of each run whose network has some: where samples left, how right they were, and how soon."""
    table = _table(results, "inference_exits", "Distributed inference: early exits", [
        "Over all rounds, those with failures too. Latency: of the rounds whose last sample left at the exit."], left=2)
    table.header = ["Run", "Exit", "Samples", "Share, %", "Accuracy, %", "p50, ms", "p90, ms", "p99, ms"]
    table.csv_header = ["run", "dataset", "data_origin", "file_state", "exit", "samples", "share", "correct", "p50_us", "p90_us", "p99_us"]
    for run in (run for run in results.inference if run.exits):
        right, times = run.rounds["prediction"] == run.rounds["label"], dict(inference_exits.latencies(run))
        for place, name in enumerate(run.exits):
            mine = run.rounds["exit"] == place
            samples, correct, quantiles = int(mine.sum()), int(right[mine].sum()), inference.percentiles(times.get(name, ()))[:3]
            table.rows.append([_marked(run), name, f"{samples:,}", _percent(samples, len(mine)), _percent(correct, samples)]
                              + [milliseconds(value) for value in quantiles])
            table.csv_rows.append(_start(results, run) + [name, samples, plain(samples / max(1, len(mine))), correct] + [plain(value) for value in quantiles])
    return table


def _percent(part, whole):
    return f"{100 * part / whole:.2f}" if whole else "–"


def performance(results):
    """RobustDiCE's Table 2: a row a run."""
    table = _table(results, "inference_performance", "Distributed inference: throughput, traffic, memory and energy", [
        "Throughput and latency over the rounds without failures by plan or script (of a run without such rounds, over all). Latency of an image: of its "
        "frame, over the images in it. Traffic: all messages and their headers, over all images. Largest device: resident memory; the host of a cut network, "
        "which puts its last layer together, is left out. Energy: of the device that needs most, and of all."], left=1)
    table.header = ["Run", "Rounds", "Frames/s", "Images/s", "ms/image", "KB/image", "Messages/image", "Largest device, MiB", "J/image", "J/image, all"]
    table.csv_header = ["run", "dataset", "data_origin", "file_state", "cut", "nodes", "failure_free", "rounds", "frames_per_s", "images_per_s",
                        "latency_per_image_us", "bytes_per_image", "messages_per_image", "largest_device", "resident_bytes", "energy_j_per_image",
                        "energy_j_per_image_all", "energy_known"]
    for run in results.inference:
        p = inference_traffic.performance(run)
        partly = f" ({p.known} of {p.nodes} known)" if 0 < p.known < p.nodes else ""
        device = f"{p.resident / 2 ** 20:.1f} ({p.device})" if p.device else "–"
        energy = [f"{p.energy:.4g}{partly}", f"{p.energy_all:.4g}{partly}"] if p.known else ["not available"] * 2
        table.rows.append([_marked(run), f"{p.rounds:,}" + ("" if p.calm or not p.rounds else " (failures)"), _rate(p.frames_per_s), _rate(p.images_per_s),
                           milliseconds(p.latency_us), _rate(p.bytes / 1000), _rate(p.messages), device, *energy])
        table.csv_rows.append(_start(results, run) + [int(run.cut), p.nodes, int(p.calm), p.rounds] + [plain(value) for value in (
            p.frames_per_s, p.images_per_s, p.latency_us, p.bytes, p.messages)] + [p.device, plain(p.resident), plain(p.energy), plain(p.energy_all), p.known])
        table.notes += _unreported(run)
    return table


def _rate(value):
    return f"{value:,.1f}" if np.isfinite(value) else "–"


def links(results):
    """A row a hyperconnection, of many a row a pair of nodes, summed over the groups of ranks; the CSV has a row a group and hyperconnection."""
    table = _table(results, "inference_links", "Distributed inference: messages by hyperconnection", [
        "Sums over the groups of ranks. Predicted: 4 bytes a value, a bit of a binary one and of a row that may have left; without headers. Hop: half a ping-pong before the run, median."], left=2)
    table.header = ["Run", "Link", "Messages", "Φ", "Bytes measured", "Bytes predicted", "Late", "Duplicates", "Timeouts", "Lost", "Hop, ms"]
    table.csv_header = ["run", "dataset", "data_origin", "file_state", "group", "link", "local", *COUNTS, "hop_us"]
    for run in results.inference:
        counts, hops = run.tables["links"], _hops(run)
        rows = _link_rows(run) if len(run.links) <= MOST_LINKS else _pair_rows(run)
        for row, link in enumerate(counts["link"]):
            group = int(counts["group"][row])
            table.csv_rows.append(_start(results, run) + [group, link, int(counts["local"][row])] + [int(counts[name][row]) for name in COUNTS]
                                  + [plain(hops.get((group, link), float("nan")))])
        _add(table, run, rows, "hyperconnections" if len(run.links) <= MOST_LINKS else "pairs of nodes")
        if len(run.links) > MOST_LINKS:
            table.notes.append(f"{run.name}: {len(run.links):,} hyperconnections, summed by pair of nodes; the CSV has each.")
        table.notes += _unreported(run)
    return table


def _link_rows(run):
    counts, rows = run.tables["links"], []
    names, hops = np.array(counts["link"], dtype=str), _hops(run)
    for link in run.links:
        mine = names == link
        sums = {name: int(counts[name][mine].sum()) for name in COUNTS}
        local = mine.any() and bool(counts["local"][mine].all())
        rows.append(_link_row(run, link, None if local else sums, sums, [time for (_, name), time in hops.items() if name == link]))
    return rows


def _pair_rows(run):
    pairs, local = inference_traffic.pairs(run)
    rows = [_link_row(run, pair.label, pair.counts, pair.counts, pair.hops_us) for pair in pairs]
    return rows + ([_link_row(run, f"inside a node or from a source ({local} links)", None, dict.fromkeys(COUNTS, 0), [])] if local else [])


def _link_row(run, label, sent, sums, times):
    """sent: None where no message is needed."""
    cells = ["local", "", "", ""] if sent is None else [f"{sent[name]:,}" for name in COUNTS[:4]]
    return [_marked(run), label, *cells, *(f"{sums[name]:,}" for name in ("late", "duplicates", "timeouts", "lost")),
            milliseconds(np.median(times)) if times else "–"]


def _hops(run):
    hops = run.tables["hops"]
    return {(int(group), link): float(time) for group, link, time in zip(hops["group"], hops["link"], hops["half_round_trip_us"])}


def _unreported(run):
    silent = int((run.tables["nodes"]["reported"] == 0).sum())
    return [f"{run.name}: {silent} of {len(run.tables['nodes']['reported'])} nodes died or were cut off; their counts are 0."] if silent else []


def nodes(results):
    """A row a physical node, summed over the groups of ranks; the CSV has a row a group and node."""
    table = _table(results, "inference_nodes", "Distributed inference: time, memory and energy by node", [
        "Times and energy are sums over the groups of ranks whose node reported, memory is the largest."], left=2)
    table.header = ["Run", "Node", "Reported", "Compute, s", "Wait, s", "Idle, s", "Resident, MiB", "Energy, J"]
    table.csv_header = ["run", "dataset", "data_origin", "file_state", "group", "node", "reported", "epoch", "compute_us", "wait_us", "idle_us",
                        "resident_bytes", "malformed", "rounds_skipped", "energy_j"]
    for run in results.inference:
        all_nodes, rows = run.tables["nodes"], []
        names = np.array(all_nodes["node"], dtype=str)
        for node in dict.fromkeys(all_nodes["node"]):
            mine = (names == node) & (all_nodes["reported"] == 1)
            seconds = [f"{all_nodes[name][mine].sum() / 1e6:.3f}" for name in ("compute_us", "wait_us", "idle_us")]
            resident = f"{all_nodes['resident_bytes'][mine].max() / 2 ** 20:.1f}" if mine.any() else "–"
            rows.append([_marked(run), node, f"{mine.sum()} of {(names == node).sum()}", *(seconds if mine.any() else ["–"] * 3), resident,
                         _energy(all_nodes["energy_j"][mine])])
        for row, node in enumerate(all_nodes["node"]):
            table.csv_rows.append(_start(results, run) + [int(all_nodes["group"][row]), node] + [
                plain(all_nodes[name][row]) for name in table.csv_header[6:]])
        _add(table, run, rows, "nodes")
    return table


def _energy(joules):
    known = joules[np.isfinite(joules)]
    if not len(known):
        return "not available"
    return f"{known.sum():.2f}" + ("" if len(known) == len(joules) else f" ({len(known)} of {len(joules)} groups)")


def membership(results):
    """Who suspected whom, and when: a row a transition."""
    table = _table(results, "inference_membership", "Distributed inference: membership timeline", ["Times are the observer's, since its start."], left=5)
    table.header = ["Run", "Group", "Observer", "Peer", "Event", "Time, s", "Epoch", "Round"]
    table.csv_header = ["run", "dataset", "data_origin", "file_state", "group", "observer", "peer", "event", "time_us", "epoch", "round"]
    for run in results.inference:
        events, rows = run.tables["membership"], []
        for row, event in enumerate(events["event"]):
            group, epoch, number = (int(events[name][row]) for name in ("group", "epoch", "round"))
            time = float(events["time_us"][row])
            rows.append([_marked(run), str(group), events["observer"][row], events["peer"][row], event, f"{time / 1e6:.6f}", str(epoch), str(number)])
            table.csv_rows.append(_start(results, run) + [group, events["observer"][row], events["peer"][row], event, plain(time), epoch, number])
        _add(table, run, rows or [[_marked(run), "", "", "", "none", "", "", ""]], "transitions")
    return table


def result_lines(results):
    """One greppable line a phase and one for the whole run, in the style of the program."""
    lines = []
    for run in results.inference:
        for number, name in enumerate(run.phases["name"]):
            rounds, rate, p50, p90, p99, mean, accuracy, share = phase_figures(run, run.of_phases([number]))
            lines.append(f"RESULT inference={_word(run.name)} phase={_word(name)} timeout_us={run.phases['timeout_us'][number]:g} rounds={rounds}"
                         f" frames_per_s={_figure(rate, 2)} p50_us={_figure(p50, 1)} p90_us={_figure(p90, 1)} p99_us={_figure(p99, 1)}"
                         f" mean_us={_figure(mean, 1)} accuracy={_figure(accuracy, 6)} timed_out={_figure(share, 6)}"
                         f" data={run.attributes['data_origin']} ending={_word(run.attributes['ending'])}")
        lines.append(_performance_line(run))
    return lines


def _performance_line(run):
    """The whole run; its percentiles are over all rounds."""
    p = inference_traffic.performance(run)
    rounds, _, p50, *_ = phase_figures(run, np.ones(len(run.guessed), dtype=bool))
    return (f"RESULT inference={_word(run.name)} rounds={rounds} p50_us={_figure(p50, 1)} failure_free_rounds={p.rounds if p.calm else 0}"
            f" frames_per_s={_figure(p.frames_per_s, 2)} images_per_s={_figure(p.images_per_s, 2)} latency_per_image_us={_figure(p.latency_us, 1)}"
            f" bytes_per_image={_figure(p.bytes, 1)} messages_per_image={_figure(p.messages, 2)} largest_device={p.device or 'none'}"
            f" resident_bytes={_figure(p.resident, 0)} energy_j_per_image={_figure(p.energy, 6)} data={run.attributes['data_origin']}"
            f" ending={_word(run.attributes['ending'])}")


def headlines(results):
    """One sentence a run: its scenario, its latency and accuracy over all rounds."""
    sentences = []
    for run in results.inference:
        rounds, _, p50, _, p99, _, accuracy, _ = phase_figures(run, np.ones(len(run.guessed), dtype=bool))
        data = " [SYNTHETIC DATA]" if run.synthetic else ""
        figures = f"median latency {milliseconds(p50)} ms, p99 {milliseconds(p99)} ms, accuracy {percent(accuracy)} %" if rounds else "nothing measured"
        sentences.append(f"Distributed run {run.name}{data}, {run.attributes['scenario'].replace('_', ' ')}: {rounds:,} rounds, {figures}")
    return sentences


def described(run):
    """The data and the plan behind a run, one sentence without its full stop."""
    words = run.attributes
    data = "SYNTHETIC DATA" if run.synthetic else "real data"
    ending = "" if run.complete else f", ended early ({words['ending']})"
    groups = "1 group" if words["groups"] == 1 else f"{words['groups']} groups"
    return (f"{words['dataset']} ({data}), experiment {words['experiment']}, model {words['model']}, scenario {words['scenario'].replace('_', ' ')}, "
            f"{groups} of ranks, {len(run.guessed):,} of {run.planned:,} rounds{ending}")


def title_marks(results, runs):
    """What every title carries after its text: the file's warning and synthetic data."""
    marks = [results.warning] if results.warning else []
    synthetic = [run.name for run in runs if run.synthetic]
    if synthetic:
        marks.append("SYNTHETIC DATA" + ("" if len(synthetic) == len(runs) else ": " + ", ".join(synthetic)))
    return "".join(f" [{mark}]" for mark in marks)


def milliseconds(microseconds):
    """Four digits, for tables: 12.35, 0.2005; a dash for no number."""
    return f"{microseconds / 1000:.4g}" if np.isfinite(microseconds) else "–"


def percent(share):
    return f"{100 * share:.2f}" if np.isfinite(share) else "–"


def plain(value):
    """A number for a CSV, full precision; empty where there is none."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    return repr(float(value)) if np.isfinite(value) else ""


def _shown(figures):
    rounds, rate, *times, accuracy, share = figures
    return [f"{rounds:,}", f"{rate:,.1f}" if np.isfinite(rate) else "–", *map(milliseconds, times), percent(accuracy), percent(share)]


def _figure(value, digits):
    return f"{value:.{digits}f}" if np.isfinite(value) else "none"


def _word(text):
    return "_".join(text.split())


def _table(results, name, title, notes, left):
    doubts = [line for line in summary.warnings(results) if not line.startswith("SYNTHETIC")]
    lines = [f"{run.name}: {described(run)}." for run in results.inference]
    return Table(name, title + title_marks(results, results.inference), [], [], notes + lines + doubts, left)


def _add(table, run, rows, what):
    """The rows of one run between rules, no more than a page of them."""
    table.rows += [None] if table.rows else []
    table.rows += rows[:MOST_ROWS]
    if len(rows) > MOST_ROWS:
        table.notes.append(f"{run.name}: {len(rows) - MOST_ROWS} more {what} in the CSV.")


def _start(results, run):
    return [run.name, run.attributes["dataset"], run.attributes["data_origin"], results.warning or "VALID"]


def _marked(run):
    return run.name + (" (synthetic)" if run.synthetic else "")
