"""The benchmarks' own scripts: the data they make, the peer's loop, and what run.sh refuses."""
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "data")]
import distributed_run
import rejoin
import sweep_data

TOPOLOGY = """topology tiny
source a 2
source b 3
node x relu:2
node y linear:2   # comments are skipped
link a -> x
link x -> y
link b -> y skip
fails x
"""


def save_source(path, samples, split, codes):
    with h5py.File(path, "w") as file:
        file.attrs.update(name=np.bytes_("tiny"), origin=np.bytes_("synthetic"), source=np.bytes_("generated"), scale=1.0,
                          source_sha256=np.bytes_("0" * 64), citation=np.bytes_("none"))
        file["samples"], file["labels"] = samples, np.arange(len(samples)) % 2
        file["class_names"] = np.array([b"no", b"yes"])
        file["sources/names"], file["sources/width"] = np.array([b"s"]), np.array([samples.shape[1]])
        file[f"splits/{split}"] = np.array(codes, dtype=np.uint8)


class SweepData(unittest.TestCase):
    def make(self, shape, samples, split, codes):
        with tempfile.TemporaryDirectory() as folder:
            source, output = os.path.join(folder, "source.h5"), os.path.join(folder, "output.h5")
            save_source(source, samples, split, codes)
            with mock.patch.object(sys, "argv", ["sweep_data.py", shape, source, output]), mock.patch("builtins.print"):
                self.assertEqual(sweep_data.main(), 0)
            with h5py.File(output, "r") as file:
                return file["samples"][()], file["labels"][()], file["splits/bench"][()]

    def test_camera_repeats_the_objects_with_small_noise(self):
        real = np.array([[0, 100], [255, 50], [10, 20], [30, 40]], dtype=np.uint8)
        with mock.patch.object(sweep_data, "CAMERA_SAMPLES", 10):
            samples, labels, codes = self.make("camera", real, "official", [0, 0, 1, 2])
            again, _, _ = self.make("camera", real, "official", [0, 0, 1, 2])
        self.assertEqual(list(codes), [0, 0, 1] + [2] * 10)
        np.testing.assert_array_equal(samples[:3], real[:3])
        rows = np.arange(10) % 4
        distance = np.abs(samples[3:].astype(int) - real[rows])
        self.assertLessEqual(distance.max(), 4)
        self.assertGreater(distance.max(), 0)
        np.testing.assert_array_equal(labels[3:], rows % 2)
        np.testing.assert_array_equal(samples, again)

    def test_health_is_in_units_of_the_training_rows_deviation(self):
        real = np.array([[1.0], [3.0], [5.0], [9.0]], dtype=np.float32)
        samples, labels, codes = self.make("health", real, "rows", [2, 0, 0, 1])
        self.assertEqual(list(codes), [0, 0, 1, 2])
        np.testing.assert_allclose(samples[:, 0], [-1, 1, 5, -3])  # mean 4, deviation 1
        self.assertEqual(list(labels), [1, 0, 1, 0])


@unittest.skipUnless(importlib.util.find_spec("torch"), "no PyTorch (python3-torch)")
class PeerLoop(unittest.TestCase):
    def setUp(self):
        import naive_pytorch
        import torch

        self.torch, self.peer = torch, naive_pytorch
        self.network = naive_pytorch.FogNetwork(TOPOLOGY)
        with tempfile.TemporaryDirectory() as folder, h5py.File(os.path.join(folder, "weights.h5"), "w") as file:
            file["x/x.layer1.weight"] = np.eye(2, dtype=np.float32)
            file["x/x.layer1.bias"] = np.zeros(2, dtype=np.float32)
            file["y/y.layer1.weight"] = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
            file["y/y.layer1.bias"] = np.zeros(2, dtype=np.float32)
            self.network.load(file)

    def test_counts_follow_the_failed_node(self):
        # x adds (5, 0) to the first sample and (0, 0) to the second; b says class 1 for both.
        samples = self.torch.tensor([[5.0, -9, 0, 1, 7], [-1, -1, 0, 1, 7]])
        labels = self.torch.tensor([0, 1])
        self.assertEqual(self.peer.sweep(self.network, samples, labels, 1), [1, 2])

    def test_close_rows_are_decided_in_double_precision(self):
        # 1 + 2^-30 is 1 in single precision: a tie, which argmax gives to class 0.
        samples = self.torch.tensor([[0.0, 0, 1, 1, 0]])
        with self.torch.no_grad():
            self.network.stages["y"][0].bias[1] = 2.0**-30
        labels = self.torch.tensor([1])
        self.assertEqual(self.peer.sweep(self.network, samples, labels, 4), [0, 0])
        self.assertEqual(self.peer.exact_sweep(self.network, samples, labels, 4), ([1, 1], 2, 2))

    def test_what_the_loop_does_not_know_is_refused(self):
        with self.assertRaisesRegex(self.peer.BadFile, "stage z on x"):
            self.peer.FogNetwork("stage z on x relu:2")


def save_run(path, valid=True):
    """A run of x -> y, y -> z and the skip x -> z; y is silent in the rounds 2 to 5."""
    used = np.ones((8, 4), dtype=np.uint8)
    used[2:6, [1, 2]] = 0
    with h5py.File(path, "w") as file:
        file.attrs.update(valid=np.uint8(valid), invalid_reasons=np.bytes_("" if valid else "broken"))
        run = file.create_group("inference/inference")
        run["topology/links"] = np.array([b"s->x", b"x->y", b"y->z", b"x->z"])
        run["nodes/node"], run["nodes/compute_us"] = np.array([b"x", b"y", b"z"]), np.array([80.0, 160.0, 240.0])
        run["hops/link"] = np.array([b"x->y", b"y->z", b"x->z"])
        run["hops/half_round_trip_us"] = np.array([2.0, 4.0, 10.0])
        run["rounds/arrival_us"], run["rounds/latency_us"] = np.arange(8) * 100.0, np.full(8, 50.0)
        run["rounds/samples"], run["rounds/used"] = np.full(8, 3), used


class DistributedRun(unittest.TestCase):
    def read(self, valid=True):
        with tempfile.TemporaryDirectory() as folder:
            save_run(os.path.join(folder, "run.h5"), valid)
            return distributed_run.Run(os.path.join(folder, "run.h5"))

    def test_the_bound_is_that_of_the_slowest_path(self):
        # Word to x (2), x computes 10, hop 2, y computes 20, hop 4, z computes 30; the skip's hop of 10 is shorter.
        compute, hops = self.read().bound_us()
        self.assertAlmostEqual(compute, 60)
        self.assertAlmostEqual(hops, 1.5 * (2 + 2 + 4))

    def test_throughput_and_latency(self):
        run = self.read()
        self.assertAlmostEqual(run.samples_per_second(), 24 / 750e-6)
        self.assertEqual((run.p50_us(), run.rounds), (50, 8))

    def test_the_return_of_a_node_is_found_in_the_answers(self):
        run = self.read()
        with mock.patch.object(rejoin, "NODE", "y"):
            self.assertAlmostEqual(rejoin.rejoin_us(run, 400), 100)  # silent from 150 to 650
            with self.assertRaisesRegex(distributed_run.BenchError, "was stopped"):
                rejoin.rejoin_us(run, 5000)

    def test_an_invalid_file_counts_for_nothing(self):
        with self.assertRaisesRegex(distributed_run.BenchError, "INVALID: broken"):
            self.read(valid=False)

    def test_the_quietest_turns_count(self):
        noise, figures = iter([3.0, 1.0, 2.0, 9.0]), iter([(30.0,), (10.0,), (20.0,), (90.0,)])

        class Others:
            def __enter__(self):
                self.cores = next(noise)
                return self

            def __exit__(self, *_):
                pass

        with mock.patch.object(distributed_run, "Others", Others), mock.patch("builtins.print"):
            self.assertEqual(distributed_run.quietest(2, lambda: next(figures)), [15.0, 1.5])


class Runner(unittest.TestCase):
    def test_an_unknown_name_is_one_line_and_exit_2(self):
        done = subprocess.run([os.path.join(HERE, "run.sh"), "sweep_moon"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r'^tests/bench/run.sh: error: no benchmark "sweep_moon" \(allowed: .*tree64.*\)\n$')

    def test_every_benchmark_is_built_run_and_described(self):
        done = subprocess.run([os.path.join(HERE, "run.sh"), "--help"], capture_output=True, text=True, check=True)
        names = done.stdout.strip().splitlines()[-1].removeprefix("benchmarks: ").split()
        self.assertIn("binary_kernels", names)
        texts = {}
        for file in ("README.md", "CMakeLists.txt", "run.sh"):
            with open(os.path.join(HERE, file), encoding="utf-8") as text:
                texts[file] = text.read()
        cases = set(re.findall(r"^    ([a-z0-9_ |]+)\)$", texts["run.sh"], re.M))
        cases = {name for case in cases for name in case.split(" | ")}
        for name in names:
            self.assertIn(f"| `{name}` |", texts["README.md"])
            self.assertRegex(texts["CMakeLists.txt"], rf"deepfog_bench\({name} |foreach\(name [^)]*\b{name}\b|\bbench_{name}\b")
            self.assertIn(name, cases)


if __name__ == "__main__":
    unittest.main()
