#!/usr/bin/env python3
"""Imports UCI MHEALTH (id 319): mHealth_subject{1..10}.log, rows of 23 features and a label.

Label 0 ("no activity") is dropped, labels 1..12 become 0..11, features become float32. Splits:
"rows" (default; rows shuffled by the seed, 80/10/10: the paper's, neighbouring rows of the 50 Hz series leak)
and "subjects" (leak-free: subject 10 tests, subject 9 validates, subjects 1 to 8 train).
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
import re
import warnings

import numpy as np

from dataset import DataSet, summary, write
from deepfog.program import InputError as DataError, Parser, run
from folder_walk import is_clutter
from output_place import check_output
from raw_source import RawSource, is_copy
from splits import group_split, shuffled_split
from text_input import plain_text

IMPORTER = "import_mhealth 1"
FEATURES, LABELS, SUBJECTS = 23, 12, range(1, 11)
COLUMNS = FEATURES + 1
CLASS_NAMES = ["Standing still", "Sitting and relaxing", "Lying down", "Walking", "Climbing stairs",
               "Waist bends forward", "Frontal elevation of arms", "Knees bending (crouching)", "Cycling", "Jogging",
               "Running", "Jump front & back"]
CITATION = ("Banos et al., mHealthDroid: a novel framework for agile development of mobile health applications, "
            "IWAAL 2014; UCI Machine Learning Repository, MHEALTH (id 319)")
FILE_PATTERN = re.compile(r"(?:.*/)?mHealth_subject(\d+)\.log")
NUMBER_PATTERN = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|nan|inf|infinity)", re.ASCII | re.IGNORECASE)
ALLOWED_FILES = "mHealth_subject1.log to mHealth_subject10.log"
MAX_LOG_BYTES = 128 << 20  # the longest has 26 MB


def wanted(inside):
    """Whether a file of the source is one of the logs."""
    return FILE_PATTERN.fullmatch(inside) is not None and not is_clutter(inside)


def parse_fast(content):
    """float64 [rows, 24], or None when any line is not 24 finite numbers with a whole label 0..12."""
    text = np.frombuffer(content, dtype=np.uint8)
    space = text <= 32
    starts = ~space
    starts[1:] &= space[:-1]
    ends = np.append(np.flatnonzero(text == 10), text.size - 1)
    words = np.cumsum(starts, dtype=np.int64)[ends]
    per_line = np.diff(words, prepend=0)
    if not np.isin(per_line, (0, COLUMNS)).all():
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy only warns about a word that is no number
            rows = np.fromstring(content, dtype=np.float64, sep=" ")
            if rows.size != words[-1]:
                return None
            rows = rows.reshape(-1, COLUMNS)
            finite = np.isfinite(rows.astype(np.float32)).all()
    except (DeprecationWarning, RuntimeWarning, ValueError):
        return None
    labels = rows[:, -1]
    return rows if finite and np.isin(labels, np.arange(LABELS + 1)).all() else None


def line_problem(line):
    """What is wrong with one line of text, or None."""
    words = line.split()
    if words and len(words) != COLUMNS:
        return f"{len(words)} values ({FEATURES} features and a label, {COLUMNS} values, allowed)"
    for column, word in enumerate(words, 1):
        if not NUMBER_PATTERN.fullmatch(word):
            return f"{word[:20]!r} in column {column} is no number (integers and decimals allowed)"
        if not abs(float(word)) <= float(np.finfo(np.float32).max):
            return f"{word[:20]} in column {column} (finite numbers of 32 bits allowed)"
    if words and (float(words[-1]) != int(float(words[-1])) or not 0 <= float(words[-1]) <= LABELS):
        return f"label {words[-1][:20]} (0 to {LABELS} allowed)"
    return None


def parse_log(content, where):
    """float64 [rows, 24] of one log; the slow path runs only to find the line to blame."""
    content = plain_text(content, where)
    if not content.strip():
        raise DataError(f"{where}: the file is empty (rows of {COLUMNS} values allowed)")
    rows = parse_fast(content)
    if rows is not None:
        return rows
    for number, line in enumerate(content.decode("ascii", "replace").split("\n"), 1):
        problem = line_problem(line)
        if problem:
            raise DataError(f"{where}:{number}: {problem}")
    raise DataError(f"{where}: some word is no plain number (integers and decimals allowed)")


def read_logs(source, allow_missing):
    """subject -> float64 [rows, 24] as they stand in its log, all ten subjects unless allow_missing."""
    subjects = {}
    for inside, content in source.files(wanted, MAX_LOG_BYTES):
        subject, where = int(FILE_PATTERN.fullmatch(inside)[1]), source.where(inside)
        if subject not in SUBJECTS:
            raise DataError(f"{where}: subject {subject} ({ALLOWED_FILES} allowed)")
        rows = parse_log(content, where)
        if subject not in subjects:
            subjects[subject] = rows
        elif not is_copy(source, inside, [subjects[subject]], [rows]):
            raise DataError(f"{where}: subject {subject} is there twice (one file per subject, or copies of it, allowed)")
    if not subjects:
        raise DataError(f"{source.path}: holds no mHealth_subject*.log ({ALLOWED_FILES} allowed)")
    absent = [f"mHealth_subject{subject}.log" for subject in SUBJECTS if subject not in subjects]
    if absent and not allow_missing:
        raise DataError(f"{source.path}: {', '.join(absent)} missing (all ten subjects allowed, fewer with --allow-missing)")
    return dict(sorted(subjects.items()))


def read_subjects(source, allow_missing):
    """subject -> (float32 [rows, 23], labels 1..12 [rows], rows dropped)"""
    subjects = {}
    for subject, rows in read_logs(source, allow_missing).items():
        kept = rows[rows[:, -1] != 0]
        subjects[subject] = kept[:, :FEATURES].astype(np.float32), kept[:, -1].astype(np.int64), len(rows) - len(kept)
    return subjects


def build(source, seed=1, allow_missing=False):
    """The DataSet of a RawSource."""
    subjects = read_subjects(source, allow_missing)
    features, labels, dropped = zip(*subjects.values())
    group = np.repeat(np.array(list(subjects), dtype=np.int64), [len(part) for part in labels])
    samples, labels = np.concatenate(features), np.concatenate(labels) - 1
    if len(labels) < 10:
        raise DataError(f"{source.path}: {len(labels)} rows with an activity (at least 10 allowed)")
    splits = {"rows": shuffled_split(len(labels), seed)}
    notes = [f"{len(labels)} rows kept, {sum(dropped)} rows of label 0 dropped", *source.left_out.notes()]
    by_subject = group_split(group)
    if by_subject is None:
        notes.append("fewer than three subjects: no split by subjects")
    else:
        splits["subjects"] = by_subject
    return DataSet(name="mhealth", title="MHEALTH: body sensors, 12 activities, 10 subjects", origin="real",
                   samples=samples, labels=labels, class_names=CLASS_NAMES, sources=[("iot", FEATURES)],
                   splits=splits, default_split="rows", source=source.name, source_sha256=source.sha256(wanted),
                   importer=f"{IMPORTER}, seed {seed}", citation=CITATION, group=group, notes=notes)


def main():
    parser = Parser(__doc__)
    parser.add_argument("source", help="folder, zip or tar(.gz, .xz) with the ten logs anywhere inside")
    parser.add_argument("output", help="data-set file to write")
    parser.add_argument("--seed", type=int, default=1, help="of the shuffled split (default 1)")
    parser.add_argument("--allow-missing", action="store_true", help="take fewer than ten subjects")
    options = parser.parse_args()
    check_output(options.output)
    data = build(RawSource(options.source), options.seed, options.allow_missing)
    write(options.output, data)
    print("\n".join(summary(data) + [f"  note     {note}" for note in data.notes]))
    return 0


if __name__ == "__main__":
    run(main)
