"""Tables of a report about networks with early exits, made from a Results value: DDNN's Tables I and II and the numbers of its Fig. 8 to 10."""
import numpy as np

import exits
import resilience
import summary
from tables import Table

# For people: models of an experiment with their thresholds, of these so many, and nodes with a column each; the CSV has all.
MOST_MODELS, MOST_POINTS, MOST_NODES = 4, 12, 10
BYTES = ("Bytes: of a sample and device, mean over the devices that send first; data links alone, each by the share of samples that travel on it "
         "(c = 4|C| + (1-l) f o / 8 for the devices of DDNN).")
ALONE = "Alone: the accuracy of an exit that answers all samples; –: nothing reaches it."
NO_FAILURE = "No failures; a model that was trained without some nodes is shown without them."
CSV_VALUES = ["mean", "ci95_low", "ci95_high", "runs"]


def all_tables(results):
    """Every table about exits, in the order in which they are printed; none where the file holds no model with exits."""
    shown = experiments(results)
    if not shown:
        return []
    tables = [overview(results), thresholds(results)]
    tables += [aggregation(results)] if any(exits.families(e, "LOCAL", "CLOUD") for e in shown) else []
    tables += [failed_device(results)] if any(whole_models(e) for e in shown) else []
    tables += [retrained(results)] if any(m.exits.without for e in shown for m in exits.models_of(e)) else []
    tables += [devices_added(results)] if any(exits.added_devices(e) for e in shown) else []
    return tables + ([filters(results)] if any(filter_families(e) for e in shown) else [])


def experiments(results):
    """Those with a model with exits."""
    return [experiment for experiment in results.experiments if exits.models_of(experiment)]


def overall(model, combination):
    """Accuracy of all exits together: float64[finished]."""
    return model.accuracy[:, combination]


def percents(columns):
    """A column a part: mean in percent with its interval, parts by slashes; – where a part is nan."""
    return " / ".join("–" if np.isnan(values).any() else summary.percent(values) for values in np.asarray(columns).T)


def overview(results):
    """A row a model: what leaves where at its own thresholds, how right it is, and what is sent."""
    table = _table(results, "exits_overview", "Early exits: shares, accuracy, bytes", [
        NO_FAILURE + " Of several exits the figures stand in the order of the exits; thresholds of all exits but the last.", ALONE, BYTES], left=4)
    table.header = ["Experiment", "Model", "Trained without", "Exits", "Threshold", "Share, %", "Right of these, %", "Alone, %", "Overall, %", "Bytes"]
    table.csv_header = summary.CSV_START + ["model", "trained_without", "exit", "measure"] + CSV_VALUES
    for experiment in experiments(results):
        table.rows += [None] if table.rows else []
        for model in exits.models_of(experiment):
            own, k = model.exits, model.exits.usual
            answered = own.answered[:, k].astype(np.float64)
            with np.errstate(invalid="ignore"):
                right = own.correct[:, k] / answered  # nan: no sample leaves here
            sent = own.device_bytes(answered)
            parts = {"threshold": own.thresholds[:, :-1], "share": own.shares(answered), "right": right, "alone": own.alone_accuracy(k)}
            table.rows.append([summary.marked(experiment), model.label, ", ".join(own.without), " / ".join(own.names), _plain_means(parts["threshold"]),
                               percents(parts["share"]), percents(right), percents(parts["alone"]), summary.percent(overall(model, k)), _bytes(sent)])
            start = summary.start(results, experiment) + [model.name, " ".join(own.without)]
            for e, name in enumerate(own.names):
                table.csv_rows += [start + [name, word, *_values(values[:, e])] for word, values in parts.items()
                                   if e < values.shape[1] and not np.isnan(values[:, e]).any()]
            table.csv_rows.append(start + ["", "overall_accuracy", *_values(overall(model, k))])
            table.csv_rows += [start + ["", "device_bytes", *_values(sent)]] if sent is not None else []
    return table


def thresholds(results):
    """DDNN's Table II: one threshold for all exits, and what becomes of it."""
    table = _table(results, "exits_thresholds", "Effects of the exit threshold (DDNN, Table II)", [
        NO_FAILURE + " One threshold for all exits. Shares: of every exit but the last. The CSV has every threshold counted.", BYTES], left=3)
    table.header = ["Experiment", "Model", "Exits", "Threshold", "Share, %", "Overall, %", "Bytes"]
    table.csv_header = summary.CSV_START + ["model", "threshold", "exit", "measure"] + CSV_VALUES
    for experiment in experiments(results):
        for place, model in enumerate(exits.models_of(experiment)):
            own, shown = model.exits, place < MOST_MODELS
            table.rows += [None] if table.rows and shown else []
            shares, sent = own.shares(own.curve_answered), own.device_bytes(own.curve_answered)
            right = own.shares(own.curve_correct.sum(axis=-1))
            start = summary.start(results, experiment) + [model.name]
            step = -(-len(own.grid) // MOST_POINTS)
            for p, threshold in enumerate(own.grid):
                if shown and p % step == 0:
                    table.rows.append([summary.marked(experiment), model.label, " / ".join(own.names), f"{threshold:.4g}",
                                       percents(shares[:, p, :-1]) or "–", summary.percent(right[:, p]), _bytes(None if sent is None else sent[:, p])])
                table.csv_rows += [start + [repr(float(threshold)), name, "share", *_values(shares[:, p, e])] for e, name in enumerate(own.names)]
                table.csv_rows.append(start + [repr(float(threshold)), "", "overall_accuracy", *_values(right[:, p])])
                table.csv_rows += [start + [repr(float(threshold)), "", "device_bytes", *_values(sent[:, p])]] if sent is not None else []
        more = len(exits.models_of(experiment)) - MOST_MODELS
        if more > 0:
            table.notes.append(f"{experiment.label}: {more} more model{'' if more == 1 else 's'} in the CSV.")
    return table


def aggregation(results):
    """DDNN's Table I: how the gateway and the cloud put together what arrives."""
    table = _table(results, "exits_aggregation", "Aggregation of what devices send (DDNN, Table I)", [
        "No failures. Local and cloud: accuracy of the first and of the last exit when it answers all samples."], left=4)
    table.header = ["Experiment", "Model", "Local", "Cloud", "Local, %", "Cloud, %", "Overall, %"]
    table.csv_header = summary.CSV_START + ["model", "local_aggregation", "cloud_aggregation", "measure"] + CSV_VALUES
    for experiment in experiments(results):
        for group in exits.families(experiment, "LOCAL", "CLOUD"):
            table.rows += [None] if table.rows else []
            for model in group:
                own = model.exits
                alone, both = own.alone_accuracy(own.usual), overall(model, own.usual)
                words = [own.lets["LOCAL"][0], own.lets["CLOUD"][0]]
                table.rows.append([summary.marked(experiment), model.label, *words, percents(alone[:, :1]), percents(alone[:, -1:]), summary.percent(both)])
                table.csv_rows += [summary.start(results, experiment) + [model.name, *words, word, *_values(values)]
                                   for word, values in (("local_accuracy", alone[:, 0]), ("cloud_accuracy", alone[:, -1]), ("overall_accuracy", both))
                                   if not np.isnan(values).any()]
    return table


def failed_device(results):
    """The numbers of DDNN's Fig. 10: every single failed node, without retraining."""
    nodes = list(dict.fromkeys(node for e in experiments(results) for m in whole_models(e) for node in m.exits.nodes))
    shown = nodes if len(nodes) <= MOST_NODES else []
    table = _table(results, "exits_failed_device", "One node failed, not retrained: accuracy, % (DDNN, Fig. 10)", [
        "A column a failed node" + ("" if shown else " is in the CSV") + "; means over runs. " + ALONE], left=3)
    table.header = ["Experiment", "Model", "Accuracy of", "None failed", *shown, "Worst"]
    table.csv_header = summary.CSV_START + ["model", "failed_node", "exit", "measure"] + CSV_VALUES
    for experiment in experiments(results):
        for model in whole_models(experiment):
            table.rows += [None] if table.rows else []
            columns = single_failures(model)
            start = summary.start(results, experiment) + [model.name]
            labels = [(f"{name} alone", name, "alone") for name in model.exits.names] + [("overall", "", "overall")]
            for e, (label, *words) in enumerate(labels):
                means = {failed: float(values[:, e].mean()) for failed, values in columns.items()}
                one = {failed: mean for failed, mean in means.items() if failed and not np.isnan(mean)}
                worst = min(one, key=one.get, default=None)
                table.rows.append([summary.marked(experiment), model.label, label, _percent(means[""])]
                                  + [_percent(means[node]) if node in means else "" for node in shown]
                                  + ["–" if worst is None else f"{_percent(one[worst])} ({worst})"])
                table.csv_rows += [start + [failed, *words, *_values(values[:, e])] for failed, values in columns.items() if not np.isnan(values[:, e]).any()]
    return table


def single_failures(model):
    """Failed node, "" for none -> accuracies float64[finished, exits + 1]: every exit alone, then overall."""
    own = model.exits
    return {failed: accuracies(model, own.combination([failed])) for failed in ["", *own.nodes]}


def accuracies(model, combination):
    """Every exit alone, then overall: float64[finished, exits + 1]."""
    return np.column_stack([model.exits.alone_accuracy(combination), overall(model, combination)])


def retrained(results):
    """DDNN's own protocol: networks that were trained without some nodes, beside the one that lost them at test time."""
    table = _table(results, "exits_retrained", "Retrained without the device: accuracy, %", [
        "With exactly these nodes failed. Not retrained: the network of all nodes, the same nodes failed at test time. " + ALONE], left=4)
    table.header = ["Experiment", "Model", "Without", "Exits", "Alone, %", "Overall, %", "Not retrained: alone, %", "Overall, %"]
    table.csv_header = summary.CSV_START + ["model", "without", "retrained", "exit", "measure"] + CSV_VALUES
    for experiment in experiments(results):
        chosen = [model for model in exits.models_of(experiment) if model.exits.without]
        table.rows += [None] if table.rows and chosen else []
        for model in chosen:
            own, whole = model.exits, exits.whole_of(experiment, model)
            row = [summary.marked(experiment), model.label, ", ".join(own.without), " / ".join(own.names)]
            for word, one in (("yes", model), ("no", whole)):
                values = accuracies(one, own.usual) if one else None
                row += [percents(values[:, :-1]), summary.percent(values[:, -1])] if one else ["–", "–"]
                columns = zip([*own.names, ""], ["alone"] * len(own.names) + ["overall"], values.T) if one else ()
                table.csv_rows += [summary.start(results, experiment) + [one.name, " ".join(own.without), word, name, measure, *_values(column)]
                                   for name, measure, column in columns if not np.isnan(column).any()]
            table.rows.append(row)
    return table


def added_rows(experiment):
    """(model, nodes that joined, their accuracy by themselves float64[finished] or None) of the figure of devices added."""
    row = exits.added_devices(experiment)
    return [(model, nodes, exits.individual(row[-1], nodes)) for model, nodes in zip(row, exits.joined(row))]


def devices_added(results):
    """The numbers of DDNN's Fig. 8: one device after the other joins, retrained each time."""
    table = _table(results, "exits_devices_added", "Devices added one after the other: accuracy, % (DDNN, Fig. 8)", [
        "Retrained for each row, the other nodes failed. Individual: the class summary of the device that joined, in the network of all devices. " + ALONE], left=3)
    table.header = ["Experiment", "Model", "Joined", "Devices", "Individual, %", "Exits", "Alone, %", "Overall, %"]
    table.csv_header = summary.CSV_START + ["model", "devices", "joined", "exit", "measure"] + CSV_VALUES
    for experiment in experiments(results):
        rows = added_rows(experiment)
        table.rows += [None] if table.rows and rows else []
        for model, joined, alone in rows:
            own = model.exits
            values, count = accuracies(model, own.usual), len(own.nodes) - len(own.without)
            table.rows.append([summary.marked(experiment), model.label, ", ".join(joined), str(count), "–" if alone is None else summary.percent(alone),
                               " / ".join(own.names), percents(values[:, :-1]), summary.percent(values[:, -1])])
            start = summary.start(results, experiment) + [model.name, count, " ".join(joined)]
            table.csv_rows += [start + ["", "individual", *_values(alone)]] if alone is not None else []
            table.csv_rows += [start + [name, "alone", *_values(column)] for name, column in zip(own.names, values.T) if not np.isnan(column).any()]
            table.csv_rows.append(start + ["", "overall", *_values(values[:, -1])])
    return table


def filter_families(experiment):
    """Models that differ in their filters alone, fewest filters first."""
    groups = [[m for m in group if len(m.exits.lets["FILTERS"]) == 1 and m.exits.lets["FILTERS"][0].isdigit()]
              for group in exits.families(experiment, "FILTERS")]
    groups = [sorted(group, key=lambda m: int(m.exits.lets["FILTERS"][0])) for group in groups]
    return [group for group in groups if len({m.exits.lets["FILTERS"][0] for m in group}) > 1]


def filters(results):
    """The numbers of DDNN's Fig. 9: how many filters a device has, what that gives and what it costs."""
    table = _table(results, "exits_filters", "Filters of the devices: accuracy and bytes (DDNN, Fig. 9)", [NO_FAILURE, ALONE, BYTES], left=3)
    table.header = ["Experiment", "Model", "Exits", "Filters", "Alone, %", "Overall, %", "Bytes"]
    table.csv_header = summary.CSV_START + ["model", "filters", "exit", "measure"] + CSV_VALUES
    for experiment in experiments(results):
        for group in filter_families(experiment):
            table.rows += [None] if table.rows else []
            for model in group:
                own = model.exits
                values, sent, count = accuracies(model, own.usual), own.device_bytes(own.answered[:, own.usual]), own.lets["FILTERS"][0]
                table.rows.append([summary.marked(experiment), model.label, " / ".join(own.names), count, percents(values[:, :-1]),
                                   summary.percent(values[:, -1]), _bytes(sent)])
                start = summary.start(results, experiment) + [model.name, count]
                table.csv_rows += [start + [name, "alone", *_values(column)] for name, column in zip(own.names, values.T) if not np.isnan(column).any()]
                table.csv_rows.append(start + ["", "overall", *_values(values[:, -1])])
                table.csv_rows += [start + ["", "device_bytes", *_values(sent)]] if sent is not None else []
    return table


def whole_models(experiment):
    """Models that know all nodes, where any can fail."""
    return [model for model in exits.models_of(experiment) if model.exits.nodes and not model.exits.without]


def _percent(value):
    return "–" if np.isnan(value) else f"{100 * value:.2f}"


def _plain_means(columns):
    return " / ".join(f"{values.mean():.4g}" for values in columns.T) or "–"


def _bytes(values):
    """Mean bytes with their interval, or a dash where nothing is sent."""
    if values is None:
        return "–"
    mean, half = resilience.mean_interval(values)
    return f"{mean:.1f}" if half is None else f"{mean:.1f} ± {half:.1f}"


def _values(values):
    """The cells under CSV_VALUES."""
    mean, half = resilience.mean_interval(values)
    return [repr(mean)] + (["", ""] if half is None else [repr(mean - half), repr(mean + half)]) + [len(values)]


def _table(results, name, title, notes, left):
    """An empty table whose notes say what was tested, on which data."""
    lines = [f"{e.label}: {summary.described(e)}." for e in experiments(results)]
    doubts = [line for line in summary.warnings(results) if not line.startswith("SYNTHETIC")]
    return Table(name, title + summary.title_marks(results), [], [], [summary.INTERVAL, *notes] + lines + doubts, left)
