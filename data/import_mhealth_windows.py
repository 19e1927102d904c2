#!/usr/bin/env python3
"""Imports UCI MHEALTH (id 319) as windows: 50 rows, a second, of one activity throughout, one every 25 rows.

A sample is a series of 23 features and 50 steps, feature after feature (source shape 23x1x50). Rows of label 0 ("no
activity") end a series. Splits: "subjects" (default, leak-free: subject 10 tests, subject 9 validates, subjects 1 to 8
train) and "series" (every subject on all sides: the end of each activity tests, what is before validates; windows overlap,
so those that share rows with another part are left out). There is no random split: overlapping windows would leak.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
import numpy as np

from dataset import DataSet, summary, write
from dataset_rules import TEST
from deepfog.program import InputError as DataError, Parser, run
from import_mhealth import CITATION, CLASS_NAMES, FEATURES, read_logs, wanted
from output_place import check_output
from raw_source import RawSource
from series_windows import STEP, WIDTH, cut, series_split, window_starts
from splits import group_split

NAME, IMPORTER = "mhealth-windows", "import_mhealth_windows 1"
SHAPE = (FEATURES, 1, WIDTH)


def build(source, seed=1, allow_missing=False):
    """The DataSet of a RawSource. Nothing is drawn: the seed is there because other importers take one."""
    samples, labels, group, runs = [], [], [], []
    for subject, rows in read_logs(source, allow_missing).items():
        activity = rows[:, -1].astype(np.int64)
        starts, run_of = window_starts(activity)
        kept = activity[starts] != 0
        starts, run_of = starts[kept], run_of[kept]
        samples.append(cut(rows[:, :FEATURES].astype(np.float32), starts))
        labels.append(activity[starts] - 1)
        group.append(np.full(len(starts), subject, dtype=np.int64))
        runs.append(run_of + 1_000_000 * subject)
    samples, labels, group, runs = map(np.concatenate, (samples, labels, group, runs))
    if not len(labels):
        raise DataError(f"{source.path}: no {WIDTH} rows of one activity side by side (at least one window allowed)")
    splits, notes = {}, [f"{len(labels)} windows of {WIDTH} rows, one every {STEP}", *source.left_out.notes()]
    in_time, by_subject = series_split(runs), group_split(group)
    if TEST in in_time:
        splits["series"] = in_time
    else:
        notes.append("no activity is long enough to be divided: no split of the series")
    if by_subject is None:
        notes.append("fewer than three subjects: no split by subjects")
    else:
        splits["subjects"] = by_subject
    return DataSet(name=NAME, title="MHEALTH: windows of body sensors, 12 activities, 10 subjects", origin="real",
                   samples=samples, labels=labels, class_names=CLASS_NAMES, sources=[("iot", FEATURES * WIDTH)],
                   splits=splits, default_split="series" if by_subject is None else "subjects", source=source.name,
                   source_sha256=source.sha256(wanted), importer=IMPORTER, citation=CITATION, group=group,
                   shapes={"iot": SHAPE}, notes=notes)


def main():
    parser = Parser(__doc__)
    parser.add_argument("source", help="folder, zip or tar(.gz, .xz) with the ten logs anywhere inside")
    parser.add_argument("output", help="data-set file to write")
    parser.add_argument("--allow-missing", action="store_true", help="take fewer than ten subjects")
    options = parser.parse_args()
    check_output(options.output)
    data = build(RawSource(options.source), allow_missing=options.allow_missing)
    write(options.output, data)
    print("\n".join(summary(data) + [f"  note     {note}" for note in data.notes]))
    return 0


if __name__ == "__main__":
    run(main)
