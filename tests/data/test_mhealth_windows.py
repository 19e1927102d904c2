"""Windows of MHEALTH: each of one activity and one subject, in the order of time; no row on two sides of a split."""
import unittest

from made_up import LOG, FolderTest, command

import dataset
import import_mhealth
import import_mhealth_windows
import make_synthetic
import numpy as np
from dataset_rules import TEST, TRAIN, UNUSED, VALIDATION, first_problem
from raw_source import RawSource
from series_windows import STEP, WIDTH, cut, series_split, window_starts


def log(subject, runs):
    """Rows whose features say who and when: 1000 * subject + row, then the column."""
    lines, number = [], 0
    for label, length in runs:
        for _ in range(length):
            values = [1000 * subject + number] + list(range(2, 24))
            lines.append(" ".join(map(str, values + [label])))
            number += 1
    return ("\n".join(lines) + "\n").encode()


def logs(runs=((0, 30), (3, 130), (0, 10), (3, 49), (5, 525), (7, 75)), subjects=range(1, 11)):
    return {LOG.format(subject): log(subject, runs) for subject in subjects}


class Import(FolderTest):
    def imported(self, files, *options):
        out = self.path("windows.h5")
        said = command(import_mhealth_windows, self.lay(files), out, *options)
        self.assertEqual(said[0], 0, said)
        return dataset.read(out)

    def test_windows_lie_within_an_activity(self):
        data = self.imported(logs())
        self.assertIsNone(first_problem(data))
        self.assertEqual((data.sources, data.shapes), ([("iot", 1150)], {"iot": (23, 1, 50)}))
        # 130 rows from row 30 hold 4 windows, 49 none, 525 from row 219 hold 20, 75 from row 744 hold 2.
        first = [30, 55, 80, 105] + [219 + 25 * i for i in range(20)] + [744, 769]
        self.assertEqual(len(data.labels), 10 * len(first))
        windows = data.samples.reshape(-1, 23, 50)
        expected = np.concatenate([1000 * subject + np.array(first) for subject in range(1, 11)])
        np.testing.assert_array_equal(windows[:, 0], expected[:, None] + np.arange(50))
        np.testing.assert_array_equal(windows[:, 5], np.full((260, 50), 6))
        self.assertEqual(data.labels[:26].tolist(), [2] * 4 + [4] * 20 + [6] * 2)
        self.assertEqual(data.group.tolist(), sorted(list(range(1, 11)) * 26))

    def test_the_splits_have_no_row_on_two_sides(self):
        data = self.imported(logs())
        self.assertEqual((sorted(data.splits), data.default_split), (["series", "subjects"], "subjects"))
        self.assertEqual(set(data.group[data.splits["subjects"] == TEST]), {10})
        self.assertEqual(set(data.group[data.splits["subjects"] == VALIDATION]), {9})
        for codes in data.splits.values():
            rows = [set(data.samples.reshape(-1, 23, 50)[codes == part, 0].reshape(-1)) for part in (TRAIN, VALIDATION, TEST)]
            self.assertFalse(rows[0] & rows[1] or rows[0] & rows[2] or rows[1] & rows[2])

    def test_a_logs_own_errors(self):
        files = dict(logs(), **{LOG.format(4): b"1 2 3\n"})
        self.refused(import_mhealth_windows, [self.lay(files), self.path("o.h5")], r"mHealth_subject4\.log:1: 3 values", self.path("o.h5"))
        short = self.lay(logs(((1, 49), (2, 49))), "short")
        self.refused(import_mhealth_windows, [short, self.path("o.h5")], "no 50 rows of one activity", self.path("o.h5"))

    def test_fewer_subjects(self):
        data = self.imported(logs(subjects=(2, 7)), "--allow-missing")
        self.assertEqual((sorted(data.splits), data.default_split), (["series"], "series"))

    def test_the_rows_are_those_of_mhealth(self):
        source = self.lay(logs())
        rows, windows = import_mhealth.build(RawSource(source)), import_mhealth_windows.build(RawSource(source))
        known = {(value, label) for value, label in zip(rows.samples[:, 0], rows.labels)}
        firsts = windows.samples.reshape(-1, 23, 50)[:, 0, 0]
        self.assertTrue(all(pair in known for pair in zip(firsts, windows.labels)))
        self.assertEqual(rows.source_sha256, windows.source_sha256)


class Windows(unittest.TestCase):
    def test_cut_keeps_features_together(self):
        values = np.arange(300).reshape(100, 3)
        windows = cut(values, np.array([0, 7])).reshape(2, 3, WIDTH)
        np.testing.assert_array_equal(windows[1], values[7:7 + WIDTH].T)

    def test_runs_of_one_label(self):
        starts, runs = window_starts(np.repeat([1, 2, 1], [49, 75, 50]))
        self.assertEqual((starts.tolist(), runs.tolist()), ([49, 74, 124], [1, 1, 2]))

    def test_series_split(self):
        self.assertEqual(STEP * 2, WIDTH)
        codes = series_split(np.repeat([3, 5], [40, 9]))
        self.assertEqual(codes[:40].tolist(), [TRAIN] * 32 + [UNUSED] + [VALIDATION] * 3 + [UNUSED] + [TEST] * 3)
        self.assertEqual(set(codes[40:]), {TRAIN})


class Synthetic(unittest.TestCase):
    def test_shape_is_the_real_one(self):
        data = make_synthetic.make("mhealth-windows", "mhealth-windows", 3000)
        self.assertIsNone(first_problem(data))
        self.assertEqual((data.samples.shape, data.name, data.origin), ((3000, 1150), "mhealth-windows", "synthetic"))
        self.assertEqual((data.shapes, data.class_names), ({"iot": (23, 1, 50)}, import_mhealth.CLASS_NAMES))
        self.assertEqual((sorted(data.splits), data.default_split), (["series", "subjects"], "subjects"))
        self.assertTrue(data.title.startswith("SYNTHETIC"))
        self.assertEqual(set(data.group[data.splits["subjects"] == TEST]), {10})
        self.assertGreater(np.bincount(data.labels, minlength=12).min(), 20)
        again = make_synthetic.make("mhealth-windows", "mhealth-windows", 3000)
        self.assertEqual(data.content_sha256(), again.content_sha256())


if __name__ == "__main__":
    unittest.main()
