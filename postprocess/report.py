#!/usr/bin/env python3
"""Tables and figures from a results file: the paper's Table 1 and Fig. 3, accuracy by failed nodes, cut networks, early exits, distributed runs."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from deepfog.start import start

start(__name__, "numpy", "h5py", "matplotlib.backends.backend_agg")

# pylint: disable=wrong-import-position
import certainty
import certainty_figures
import exits_figures
import exits_tables
import failout
import figures
import inference_figures
import inference_tables
import page
import partition_figures
import partition_tables
import results
import skips
import summary
from deepfog import program
from deepfog.files import write_whole
from tables import printable

EXAMPLE = """example:
  postprocess/report.py results/quickstart.h5
  postprocess/report.py results/quickstart.h5 --out figures --formats png

Tables go to stdout and, as .txt, .csv and .tex, into the folder; the last lines are the paths written.
exit code: 0 good (an unfinished file too: what is missing is said), 2 bad input, 3 the file is INVALID (all is written, marked so)"""


def main(arguments=None):
    """Everything is made before anything is written."""
    options = _options(arguments)
    content = results.read(options.results)
    folder = options.out or os.path.splitext(options.results)[0] + "-report"
    tables = all_tables(content)
    report = _text(content, tables)
    files = {"summary.txt": _bytes(report), "report.html": page.render(content, options.results, tables)}
    for table in tables:
        files[table.name + ".txt"] = _bytes(table.as_text())
        files[table.name + ".csv"] = _bytes(table.as_csv())
        files[table.name + ".tex"] = _bytes(table.as_latex())
    drawn = (figures.all_figures() if content.experiments else []) + partition_figures.all_figures(content)
    drawn += exits_figures.all_figures(content) + failout.all_figures(content) + skips.all_figures(content) + certainty_figures.all_figures(content)
    for name, draw in drawn + inference_figures.all_figures(content):
        for form in options.formats:
            files[f"{name}.{form}"] = figures.render(draw, content, form)
    os.makedirs(folder, exist_ok=True)
    paths = []
    for name, data in files.items():
        paths.append(os.path.join(folder, name))
        write_whole(paths[-1], data)
    if not options.paths_only:
        print(report)
    print("\n".join(paths))
    return program.INVALID if content.invalid else program.GOOD


def _bytes(text):
    return text.encode("utf-8", "backslashreplace")


def all_tables(content):
    """Every table of the report, in the order in which they are printed."""
    return [table for room in (summary, certainty, partition_tables, exits_tables, failout, skips, inference_tables) for table in room.all_tables(content)]


def _options(arguments):
    parser = program.Parser(prog="report.py", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("results", metavar="RESULTS.h5", help="results file of deepfog run, partition or infer, finished or not")
    parser.add_argument("--out", metavar="DIR", help="folder for the files (default: RESULTS-report beside the file)")
    parser.add_argument("--formats", metavar="LIST", default="png,pdf", help="of the figures: png, pdf, svg, comma separated, '' for none (default: png,pdf)")
    parser.add_argument("--paths-only", action="store_true", help="print only the paths written")
    options = parser.parse_args(arguments)
    options.formats = list(dict.fromkeys(filter(None, options.formats.split(","))))
    for form in options.formats:
        if form not in ("png", "pdf", "svg"):
            parser.error(f"--formats: {form!r} is not known, allowed are png, pdf, svg")
    return options


def _text(content, tables):
    """The whole report as text: warnings first, then the headlines, the tables, the RESULT lines of distributed runs."""
    warnings = [printable(line) for line in summary.warnings(content)]
    width = max(map(len, warnings), default=0)
    loud = ["!" * (width + 6)] + [f"!! {line.ljust(width)} !!" for line in warnings] + ["!" * (width + 6), ""] if warnings else []
    head = [f"Results of {content.name}: {content.warning or 'complete, VALID'}", *summary.headlines(content), *inference_tables.headlines(content), ""]
    head, lines = [printable(line) for line in head], [printable(line) for line in inference_tables.result_lines(content)]
    return "\n".join(loud + head + [table.as_text() for table in tables] + lines + [""] * bool(lines))


if __name__ == "__main__":
    program.run(main)
