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

POSTPROCESS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "postprocess")
sys.path.insert(0, POSTPROCESS)
import schema  # pylint: disable=wrong-import-position

WRITER = sys.argv.pop(1)
MODEL = "/experiments/sample/models/deepfogguard"
BY_RUN_AND_COMBINATION, BY_RUN = ("run", "combination"), ("run",)
SCALES = {"correct": BY_RUN_AND_COMBINATION, "accuracy": BY_RUN_AND_COMBINATION, "confusion": BY_RUN_AND_COMBINATION,
          "right": BY_RUN, "right_row": ("combination",), "flow": ("combination",), "average_accuracy/normal": BY_RUN, "average_precision/hazardous": BY_RUN,
          "average_recall/no_failure": BY_RUN, "validation_accuracy": BY_RUN, "train_seconds": BY_RUN,
          "sweep_seconds": BY_RUN, "best_epoch": BY_RUN, "done": BY_RUN}
UNITS = {"correct": b"samples", "confusion": b"samples", "train_seconds": b"s", "sweep_seconds": b"s"}


class Layout(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "results.h5")
        subprocess.run([WRITER, path, "both"], check=True)
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

    def test_a_distributed_run(self):
        run = self.file["/inference/walk"]
        self.assertEqual(run["rounds/used"].shape, (8, 4))
        self.assertEqual(run["rounds/used"][3].tolist(), [1, 0, 0, 0])
        self.assertEqual(run["rounds/prediction"][6:8].tolist(), [-1, -1])
        self.assertEqual(run["phases/combination"].dtype, np.uint64)
        self.assertEqual(run["topology/links"][()].tolist(), [b"iot->a", b"a->b", b"b->c", b"a->c"])
        self.assertTrue(np.isnan(run["nodes/energy_j"][3]))
        for name, unit in (("rounds/latency_us", b"us"), ("links/bytes_measured", b"bytes"), ("nodes/energy_j", b"J"), ("rounds/used", b"1")):
            self.assertEqual(run[name].attrs["units"], unit)
            self.assertGreater(len(run[name].attrs["long_name"]), 3, name)


    def test_partitions(self):
        path = os.path.join(self.folder.name, "partitions.h5")
        subprocess.run([WRITER, path, "partitions"], check=True)
        with h5py.File(path, "r") as file:
            self.assertEqual(schema.check(file), [])
            cut, front, runs = file[MODEL + "/partition"], file[MODEL + "/front"], file["/experiments/sample/scales/run"]
            self.assertEqual(cut["layers"][()].tolist(), [b"features.0", b"classifier.1"])
            self.assertEqual(cut["held"][()].tolist(), [[6, 9], [12, 6]])
            self.assertEqual(cut["device_bytes"].attrs["units"], b"bytes")
            for name in ("held", "device_bytes", "thresholds"):
                self.assertEqual(cut[name].dims[0][0], runs, name)
            self.assertEqual((front.attrs["failed"], front["on_front"][()].tolist()), (1, [1, 1, 0, 1]))
            self.assertEqual(file["/experiments/sample/models/vanilla/partition/device_bytes"].shape, (2, 4))
            self.assertNotIn("thresholds", file["/experiments/sample/models/vanilla/partition"])


    def test_exits(self):
        path = os.path.join(self.folder.name, "exits.h5")
        subprocess.run([WRITER, path, "exits"], check=True)
        with h5py.File(path, "r") as file:
            self.assertEqual(schema.check(file), [])
            model, scales = file["/experiments/sample/models/ddnn"], file["/experiments/sample/scales"]
            exits = model["exits"]
            self.assertEqual(exits["names"][()].tolist(), [b"local", b"c-exit", b"cloud"])
            self.assertEqual(exits["curve_answered"].shape, (2, 8, 3, 3))
            for name in ("answered", "correct", "curve_answered", "curve_correct", "alone"):
                self.assertEqual([exits[name].dims[i][0] for i in range(2)], [scales["run"], scales["combination"]], name)
                self.assertEqual(exits[name].attrs["units"], b"samples", name)
            np.testing.assert_array_equal(exits["correct"][()].sum(axis=2), model["correct"][()])
            np.testing.assert_array_equal(exits["curve_correct"][0, :, 1], exits["correct"][0])
            self.assertEqual(exits["links/bits"][()].tolist()[:4], [96, 96, 1, 128])
            self.assertEqual(exits["links/bits"].attrs["units"], b"bits")


class Programs(unittest.TestCase):
    """What the program writes is what the scripts read."""

    def test_report_and_compare(self):
        with tempfile.TemporaryDirectory() as folder:
            for what in ("campaign", "both", "inference", "partitions", "exits"):
                path = os.path.join(folder, what + ".h5")
                subprocess.run([WRITER, path, what], check=True)
                with h5py.File(path, "r") as file:
                    self.assertEqual(("inference" in file, len(file["experiments"])), (what in ("both", "inference"), int(what != "inference")))
                out = self.run_script("report.py", path, "--formats", "")
                self.assertEqual("RESULT inference=walk phase=no_failure@1000us timeout_us=1000 rounds=3 " in out, what in ("both", "inference"))
                self.assertEqual("accuracy by number of failed devices" in out, what == "partitions")
                self.assertEqual("Effects of the exit threshold" in out, what == "exits")
                self.assertEqual("Table 1" in out, what != "inference")
                self.assertIn("EQUAL", self.run_script("compare.py", path, path))

    def run_script(self, script, *arguments):
        done = subprocess.run([sys.executable, os.path.join(POSTPROCESS, script), *arguments], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout


if __name__ == "__main__":
    unittest.main()
