"""The layout of a written results file as another reader (h5py) sees it: results_layout.py WRITER.

Ends with 77 (skipped) where h5py is not installed.
"""
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import h5py
    import numpy as np
except ImportError:
    sys.exit(77)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "postprocess"))
import schema  # pylint: disable=wrong-import-position

WRITER = sys.argv.pop(1)
MODEL = "/experiments/sample/models/deepfogguard"
BY_RUN_AND_COMBINATION, BY_RUN = ("run", "combination"), ("run",)
SCALES = {"correct": BY_RUN_AND_COMBINATION, "accuracy": BY_RUN_AND_COMBINATION, "confusion": BY_RUN_AND_COMBINATION,
          "flow": ("combination",), "average_accuracy/normal": BY_RUN, "average_precision/hazardous": BY_RUN,
          "average_recall/no_failure": BY_RUN, "validation_accuracy": BY_RUN, "train_seconds": BY_RUN,
          "sweep_seconds": BY_RUN, "best_epoch": BY_RUN, "done": BY_RUN}
UNITS = {"correct": b"samples", "confusion": b"samples", "train_seconds": b"s", "sweep_seconds": b"s"}


class Layout(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "results.h5")
        subprocess.run([WRITER, path], check=True)
        self.file = h5py.File(path, "r")

    def tearDown(self):
        self.file.close()
        self.folder.cleanup()

    def test_departs_in_nothing_from_the_schema(self):
        self.assertEqual(schema.check(self.file), [])

    def test_strings_are_of_fixed_length(self):
        self.assertEqual(self.file.attrs["status"], b"complete")
        self.assertEqual(list(self.file["/experiments/sample/topology/nodes"][()]), [b"c", b"b", b"a"])
        self.assertTrue(self.file[MODEL + "/topology_text"][()].startswith(b"topology with-skip\n"))

    def test_scales_and_labels(self):
        for name, scales in SCALES.items():
            table = self.file[f"{MODEL}/{name}"]
            for dimension, scale in enumerate(scales):
                self.assertEqual(table.dims[dimension][0], self.file[f"/experiments/sample/scales/{scale}"], name)
            self.assertEqual(table.attrs["units"], UNITS.get(name, b"1"), name)
            self.assertGreater(len(table.attrs["long_name"]), 5, name)

    def test_groups_keep_the_order_of_the_config(self):
        self.assertEqual(list(self.file["/experiments/sample/models"]), ["vanilla", "deepfogguard"])
        self.assertEqual(list(self.file["/experiments/sample/reliability"]), ["no_failure", "normal", "hazardous"])

    def test_values(self):
        correct, accuracy = self.file[MODEL + "/correct"][()], self.file[MODEL + "/accuracy"][()]
        flow = self.file[MODEL + "/flow"][()] == 1
        np.testing.assert_array_equal(accuracy[:, flow], correct[:, flow] / 10)
        self.assertEqual(list(np.flatnonzero(flow)), [5, 7])


if __name__ == "__main__":
    unittest.main()
