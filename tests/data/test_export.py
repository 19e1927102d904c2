"""The exporter of TorchVision's weights: the layout of the file with stand-in state dicts, and its one line without torchvision."""
import hashlib
import importlib.machinery
import os
import struct
import sys
import types
import unittest
from unittest import mock

from made_up import FolderTest, command

import export_torchvision
import h5py
import numpy as np
import weights_file
from deepfog.program import InputError as DataError


def state(**changes):
    """A state dict in miniature: a large tensor, a scale of rank 3, batch norm's buffers, a double."""
    random = np.random.default_rng(2)
    values = {"features.0.weight": random.normal(size=(700, 3, 5, 5)).astype(np.float32), "features.0.bias": np.arange(700, dtype=np.float32),
              "features.1.running_var": np.ones(4, dtype=np.float32), "features.1.num_batches_tracked": np.array(7),
              "features.2.layer_scale": np.full((4, 1, 1), 1e-6, dtype=np.float32), "classifier.6.bias": np.array([0.1, 0.2])}
    values.update(changes)
    return values


class Layout(FolderTest):
    def exported(self, **options):
        path = self.path("alexnet.weights.h5")
        tensors, total = export_torchvision.export(path, "alexnet", state(), "0.15.2", **options)
        return path, tensors, total

    def test_tensors_are_those_of_the_state_dict_in_its_order(self):
        path, _, _ = self.exported()
        names = [name for name in state() if "num_batches" not in name]
        with h5py.File(path) as file:
            group = file["nodes/alexnet"]
            self.assertEqual(list(file["nodes"]), ["alexnet"])
            self.assertEqual(list(group), names)
            for position, name in enumerate(names):
                self.assertEqual((group[name].dtype, group[name].attrs["position"].dtype), (np.float32, np.int64))
                self.assertEqual(group[name].attrs["position"], position)
                np.testing.assert_array_equal(group[name][...], np.asarray(state()[name], dtype=np.float32))
            self.assertEqual((group[names[0]].compression, group[names[0]].shuffle), ("gzip", True))
            self.assertIsNone(group[names[1]].compression)
        self.assertEqual(os.listdir(self.folder), ["alexnet.weights.h5"])

    def test_checksum_is_as_documented(self):
        path, _, total = self.exported()
        digest = hashlib.sha256()
        for name, values in state().items():
            if "num_batches" in name:
                continue
            digest.update(b"alexnet\0" + name.encode() + b"\0" + struct.pack("<q", np.ndim(values)))
            digest.update(struct.pack(f"<{np.ndim(values)}q", *values.shape) + values.astype("<f4").tobytes())
        self.assertEqual(total, digest.hexdigest())
        with h5py.File(path) as file:
            self.assertEqual(file.attrs["sha256"].decode(), total)

    def test_attributes(self):
        for seed, origin, words in ((None, "real", "IMAGENET1K_V1"), (5, "synthetic", "seed 5, untrained")):
            path, _, _ = self.exported(seed=seed)
            with h5py.File(path) as file:
                texts = {key: value.decode() for key, value in file.attrs.items() if isinstance(value, bytes)}
                self.assertEqual((texts["format"], file.attrs["format_version"], file.attrs["run"]), ("deepfog-weights", 1, 0))
                self.assertEqual((texts["model"], texts["data_origin"], texts["guess"], len(texts["data_sha256"])), ("alexnet", origin, "uniform", 64))
                self.assertIn(words, texts["experiment"])
                self.assertIn("source image 150528\nnode alexnet linear:1000\n", texts["topology_text"])
                self.assertEqual(file.attrs["guess_probabilities"].tolist(), [1 / 1000] * 1000)
                for key in texts:
                    self.assertFalse(file.attrs.get_id(key).get_type().is_variable_str(), key)

    def test_normalisation_is_per_feature_and_small_in_the_file(self):
        path, _, _ = self.exported()
        with h5py.File(path) as file:
            for name, figures in (("centre", (0.485, 0.456, 0.406)), ("deviation", (0.229, 0.224, 0.225))):
                table = file["normalisation"][name]
                self.assertEqual((table.shape, table.dtype), ((150528,), np.float32))
                channels = table[...].reshape(3, -1)
                np.testing.assert_array_equal(channels.min(axis=1), np.float32(figures))
                np.testing.assert_array_equal(channels.max(axis=1), np.float32(figures))
                self.assertLess(table.id.get_storage_size(), 4096)

    def test_chunks_are_bounded(self):
        for shape in ((4096, 25088), (1_000_000,), (3, 5), (2, 1 << 20)):
            chunk = weights_file.chunk_of(shape)
            self.assertLessEqual(4 * np.prod(chunk), 1 << 20)
            self.assertTrue(all(1 <= part <= extent for part, extent in zip(chunk, shape)))
        self.assertEqual(weights_file.chunk_of((4096, 25088)), (10, 25088))

    def test_bad_state_dicts(self):
        path = self.path("w.h5")
        for bad, pattern in ((state(x=np.arange(3)), "x: type int64"), (state(x=np.float32(1)), r"x: shape \[\]"), (state(x=np.zeros((0, 2))), r"x: shape \[0, 2\]"),
                             (state(x=np.array([np.nan])), "x: holds a value that is not finite"), (state(x=np.array([1e60])), "not finite"),
                             (state(**{"a/b": np.ones(2)}), "cannot name a tensor"), ({}, "holds no tensors"), ({"a.num_batches_tracked": np.array(1)}, "holds no tensors")):
            with self.subTest(pattern), self.assertRaisesRegex(DataError, pattern), np.errstate(over="ignore"):
                export_torchvision.export(path, "alexnet", bad, "0.15.2")
            self.assertEqual(os.listdir(self.folder), [])


class Tensor:
    """What the exporter asks of a tensor of PyTorch."""

    def __init__(self, values):
        self._values = values

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self._values


class Command(FolderTest):
    def run_with(self, network, *arguments):
        """The command with a made-up torch and torchvision, whose alexnet is network(weights=...)."""
        torch, vision = types.ModuleType("torch"), types.ModuleType("torchvision")
        for module in (torch, vision):
            module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, None)
        self.seeds = []
        torch.manual_seed = self.seeds.append
        vision.__version__, vision.models = "0.15.2", types.SimpleNamespace(alexnet=network)
        with mock.patch.dict(sys.modules, torch=torch, torchvision=vision):
            return command(export_torchvision, "alexnet", self.path("w.h5"), *arguments)

    def model(self, weights):
        self.asked = weights
        return types.SimpleNamespace(state_dict=lambda: {name: Tensor(np.asarray(values)) for name, values in state().items()})

    def test_published_and_random_weights(self):
        for arguments, asked, seeds in ((["--random", "3"], None, [3]), ([], "IMAGENET1K_V1", [])):
            code, out, said = self.run_with(self.model, *arguments)
            self.assertEqual((code, said, self.asked, self.seeds), (0, "", asked, seeds))
            self.assertIn("alexnet, 5 tensors, 53,210 values (0.2 MiB), sha256 ", out)
            with h5py.File(self.path("w.h5")) as file:
                self.assertIn("torchvision 0.15.2", file.attrs["experiment"].decode())
                self.assertIn(file.attrs["sha256"].decode(), out)

    def refused_with(self, network, pattern, *arguments):
        code, _, said = self.run_with(network, *arguments)
        self.assertEqual((code, said.count("\n"), os.listdir(self.folder)), (2, 1, []), said)
        self.assertRegex(said, pattern)

    def test_what_can_go_wrong(self):
        def offline(weights):
            raise OSError("Name or service not known")

        self.refused_with(offline, r"published weights cannot be had: Name or service not known \(a connection, or --random SEED")
        self.refused_with(lambda pretrained=False: None, "has no alexnet that takes weights")
        self.refused_with(self.model, "--random: -1", "--random", "-1")

    def test_without_torchvision(self):
        output = self.path("w.h5")
        with mock.patch.object(export_torchvision.importlib.util, "find_spec", return_value=None):
            self.refused(export_torchvision, ["alexnet", output], "has no torch and no torchvision .*torchvision 0.13 or later", output)
        self.refused(export_torchvision, ["resnet18", output], "invalid choice", output)
        self.refused(export_torchvision, ["alexnet", self.path("nowhere", "w.h5")], "its folder does not exist", output)


if __name__ == "__main__":
    unittest.main()
