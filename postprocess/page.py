"""One HTML file of a results file: headline, tables, figures, the network drawn, sliders for the reliabilities, provenance. Nothing in it
comes from elsewhere, so it works offline and can be mailed."""
import html
import json
import math
import os
import re

import numpy as np

import hdf5_file
import inference_tables
import network
import schema
import summary

TEMPLATE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "page.html")
MOST_VALUES = 120_000  # accuracies in a page: below that it stays under 2 MB
MOST_BITS = 200_000_000  # looked at for test noise
MOST_NODES = 16


def render(results, path, tables):
    """The page as bytes. tables: of the report; path is the results file: its sessions are read here."""
    with open(TEMPLATE, encoding="utf-8") as file:
        text = file.read()
    data = _data(results)
    with hdf5_file.opened(path) as file:
        sessions = _sessions(file)
    words = {
        "TITLE": html.escape(results.name),
        "STATE": html.escape(results.warning or "VALID, complete"),
        "STATE_CLASS": "bad" if results.invalid else "late" if results.incomplete else "good",
        "WARNINGS": "".join(f"<p class='warning'>{html.escape(line)}</p>" for line in summary.warnings(results)),
        "HEADLINES": "".join(f"<li>{html.escape(line)}</li>" for line in summary.headlines(results) + inference_tables.headlines(results)),
        "TABLES": "".join(_table(table) for table in tables),
        "SESSIONS": sessions,
        "DATA": _script_data(data),
    }
    # All at once: what a value holds is never taken for a place to fill.
    return re.sub(r"\{\{([A-Z_]+)\}\}", lambda place: words[place[1]], text).encode("utf-8", "backslashreplace")


def _script_data(data):
    """JSON in ASCII for a script of an HTML page, in which no character can end the script; a number that is none is null."""
    text = json.dumps(_finite(data), separators=(",", ":"), allow_nan=False)
    return "".join(f"\\u{ord(letter):04x}" if letter in "<>&" else letter for letter in text)


def _finite(data):
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def _data(results):
    budget, experiments = MOST_VALUES, []
    for experiment in results.experiments:
        n = len(experiment.nodes)
        models = []
        for model in experiment.compared:
            if model.form == "bounds" or n > MOST_NODES or not len(model.runs):
                continue
            accuracy = model.accuracy
            classes = model.diagram.classes_of_all() if model.diagram else slice(None)
            accuracy, flow = accuracy[:, classes], model.flow[classes]
            if accuracy.size > budget:  # the runs' mean then, without an interval
                accuracy = accuracy.mean(axis=0, keepdims=True)
            if accuracy.size > budget:
                continue
            budget -= accuracy.size
            samples = _samples(model, classes, budget)
            budget -= len(samples["rights"]) * len(samples["rights"][0]) if samples else 0
            models.append({"name": model.name, "label": model.label, "runs": np.round(accuracy, 6).tolist(), "of": len(model.runs),
                           "flow": flow.astype(int).tolist(), "network": _drawing(model.topology), "samples": samples})
        experiments.append({"name": experiment.name, "label": experiment.label, "nodes": experiment.nodes, "synthetic": experiment.synthetic,
                            "settings": {key: [float(r) for r in values] for key, values in experiment.settings.items()}, "models": models})
    return {"file": results.name, "experiments": [e for e in experiments if e["models"]]}


def _samples(model, classes, budget):
    """In how many runs each test sample is right under each distinct outcome, alike samples together: what the page needs for test noise."""
    if model.right is None or model.right.bits.size * 8 > MOST_BITS:
        return None
    rights, sizes, guesses = model.right.patterns()
    if rights.size > budget:
        return None
    rows = model.right.row_of if model.right.row_of is not None else classes
    return {"row": rows.tolist(), "rights": rights.tolist(), "size": sizes.tolist(), "guess": np.round(guesses, 6).tolist()}


def _drawing(text):
    drawn = network.read(text)
    if drawn is None:
        return None
    return {"places": drawn.places, "sources": drawn.sources, "links": drawn.links, "columns": drawn.columns, "rows": drawn.rows}


def _table(table):
    text = html.escape(table.as_text())
    return f"<details><summary>{html.escape(table.title)}</summary><pre>{text}</pre></details>"


def _sessions(file):
    rows = []
    for name in file.get("sessions", ()):
        group = file["sessions"][name]
        word = {key: schema.text(group.attrs[key]) for key in ("began", "ended", "share", "job", "nodes", "hosts", "command_line", "modules")}
        numbers = "×".join(str(int(group.attrs[key])) for key in ("ranks", "threads_per_rank"))
        cells = [word["began"], word["ended"] or "killed, or at work", word["share"] or "whole", word["job"] or "–", word["nodes"] or word["hosts"],
                 f"{numbers} on {int(group.attrs['cores'])} cores", word["command_line"]]
        environment = html.escape(schema.text(group["environment"][()]))
        rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
                    + f"<td><details><summary>show</summary><pre>{html.escape(word['modules'])}\n{environment}</pre></details></td></tr>")
    facts = "".join(f"<tr><th>{key}</th><td>{html.escape(schema.text(file.attrs[key]))}</td></tr>"
                    for key in ("software_version", "git_sha", "mpi_library", "torch_version", "blas_library", "created", "finished", "config_sha256"))
    head = "".join(f"<th>{cell}</th>" for cell in ("began", "ended", "part", "job", "machines", "ranks×threads", "command", "environment"))
    return (f"<div class='wide'><table>{facts}</table></div>" + (f"<div class='wide'><table><tr>{head}</tr>{''.join(rows)}</table></div>" if rows else "")
            + f"<details><summary>config</summary><pre>{html.escape(schema.text(file.attrs['config_text']))}</pre></details>")
