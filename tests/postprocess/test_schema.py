"""The layout check: a good file passes, and every single departure from the layout is named."""
import os
import re
import tempfile
import unittest

import h5py
import numpy as np

import sample
import sample_partition
import schema

PLACES = {"<session>": "0", "<experiment>": "health", "<model>": "vanilla", "<setting>": "poor"}


class Listing(unittest.TestCase):
    def test_lines_are_sorted_unique_and_well_formed(self):
        lines = schema.listing()
        self.assertEqual(lines, sorted(set(lines)))
        self.assertGreater(len(lines), 50)
        for line in lines:
            self.assertRegex(line, r"^/[a-z0-9_/<>]+\|(attribute|dataset)\|(string|int64|int32|uint64|uint8|float64)\|[0-4]\|(required|optional|combinations|classes|bounds)$")

    def test_some_lines_by_hand(self):
        for line in ("/format_version|attribute|int64|0|required", "/experiments/<experiment>/reliability/<setting>|dataset|float64|1|required",
                     "/experiments/<experiment>/models/<model>/confusion|dataset|int64|4|optional"):
            self.assertIn(line, schema.listing())


class Check(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "r.h5")

    def problems(self, change):
        """What check() says of a sample file after change(file)."""
        with h5py.File(self.image(), "r+") as file:
            change(file)
            return schema.check(file)

    def image(self):
        return sample.build(self.path, experiments=("health",), runs=2, models=("vanilla", "deepfogguard"))

    def test_good_files_have_no_problems(self):
        self.assertEqual(self.problems(lambda file: None), [])
        sample.build(self.path, runs=1, measures=("precision", "recall"), track=False)
        with h5py.File(self.path, "r") as file:
            self.assertEqual(schema.check(file), [])

    def test_every_required_entry_is_missed(self):
        for line in schema.listing():
            path, kind, *_, need = line.split("|")
            if need in ("optional", "classes", "bounds") or path in ("/format", "/format_version", "/experiments/<experiment>/topology/nodes") \
                    or path.startswith(schema.INFERENCE):  # these in test_inference
                continue
            path = re.sub("<[a-z]+>", lambda match: PLACES[match.group()], path)
            parent, name = path.rsplit("/", 1)

            def remove(file, parent=parent, name=name, kind=kind):
                del (file[parent or "/"].attrs if kind == "attribute" else file[parent])[name]
                if "/reliability" in parent:  # an empty folder of settings is another matter: leave the others
                    file[parent][name] = np.ones(3, dtype=np.float32)

            found = self.problems(remove)
            self.assertEqual(len(found), 1, f"{path}: {found}")
            self.assertIn(path, found[0])

    def test_wrong_types_and_shapes(self):
        model = "experiments/health/models/vanilla"

        def replace(name, value):
            def change(file):
                del file[f"{model}/{name}"]
                file[f"{model}/{name}"] = value
            return self.problems(change)

        self.assertIn("has type int32, expected int64", replace("correct", np.zeros((2, 8), dtype=np.int32))[0])
        self.assertIn("has shape (2, 7), expected (2, 8)", replace("correct", np.zeros((2, 7), dtype=np.int64))[0])
        self.assertIn("has shape (16,), expected (2, 8)", replace("accuracy", np.zeros(16))[0])
        self.assertIn("has no attribute units", replace("accuracy", np.zeros((2, 8)))[0])
        self.assertIn("has no dimension scale on axis 1", replace("accuracy", np.zeros((2, 8)))[3])
        self.assertIn("expected (2, 8, 12, 12)", self.problems(lambda f: f.create_dataset(model + "/confusion", (2, 8, 12, 11), "i8"))[0])
        self.assertIn("variable-length string, expected string", self.problems(lambda f: f.attrs.create("hosts", "a", dtype=h5py.string_dtype()))[0])
        self.assertIn("allowed are running, complete, interrupted", self.problems(lambda f: f.attrs.create("status", np.bytes_("done")))[0])

    def test_other_formats_and_versions(self):
        self.assertEqual(self.problems(lambda f: f.attrs.create("format_version", 2)), ["attribute format_version is 2, this program reads 1"])
        self.assertIn("expected 'deepfog-results'", self.problems(lambda f: f.attrs.create("format", np.bytes_("deepfog-dataset")))[0])
        self.assertIn("format is missing", self.problems(lambda f: f.attrs.pop("format"))[0])

    def test_a_cut_network_says_all_of_it(self):
        def problems(change=lambda file: None):
            sample_partition.build(self.path)
            with h5py.File(self.path, "r+") as file:
                change(file)
                return schema.check(file)

        model = "experiments/cifar10/models/robustdice"
        self.assertEqual(problems(), [])
        for name in ("method", "network", "scores", "score_normalisation", "devices", "calibration_images", "network_bytes"):
            self.assertEqual(problems(lambda f, name=name: f[model].attrs.pop(name)), [f"attribute /{model}/{name} is missing"])
        for name in ("layers", "neurons", "held", "device_bytes"):
            self.assertIn(f"table /{model}/partition/{name} is missing", problems(lambda f, name=name: f[model + "/partition"].pop(name)))
        self.assertEqual(problems(lambda f: f[model + "/partition"].pop("thresholds")), [])
        for name in ("bytes", "accuracy", "on_front"):
            self.assertEqual(problems(lambda f, name=name: f[model + "/front"].pop(name)), [f"table /{model}/front/{name} is missing"])
        self.assertEqual(problems(lambda f: f[model + "/front"].attrs.pop("failed")), [f"attribute /{model}/front/failed is missing"])
        self.assertEqual(problems(lambda f: f[model].pop("front")), [])
        self.assertEqual(problems(lambda f: f[model].pop("partition")), [f"table /{model}/partition is missing, beside front"])
        self.assertIn("has shape (2, 4), expected (2, 5)", problems(lambda f: f[model].attrs.create("devices", 5))[0])
        self.assertIn("allowed are robustdice, lop,", problems(lambda f: f[model].attrs.create("method", np.bytes_("lob")))[0])
        cdc = "experiments/cifar10/models/cdc/partition"
        self.assertIn("expected (2, 5)", problems(lambda f: (f[cdc].pop("device_bytes"), f[cdc].create_dataset("device_bytes", (2, 4), "i8")))[0])

    def test_sizes_are_read_with_care(self):
        def nodes(names):
            def change(file):
                del file["experiments/health/topology/nodes"]
                file["experiments/health/topology/nodes"] = np.array(names, dtype="S4")
            return self.problems(change)

        self.assertIn("has 40 names, a table of combinations takes at most 24", nodes(["x"] * 40)[0])
        self.assertIn("at most 64 names", nodes(["x"] * 65)[0])
        self.assertIn("/experiments is missing or empty", self.problems(lambda f: f.pop("experiments"))[0])
        self.assertIn("/models is missing or empty", self.problems(lambda f: f.pop("experiments/health/models"))[0])


if __name__ == "__main__":
    unittest.main()
