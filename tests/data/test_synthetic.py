"""The synthetic stand-ins: same shape as the real sets, deterministic, learnable, and honestly hard."""
import time
import unittest

from made_up import FolderTest, command
from small_network import accuracy

import dataset
import import_camera
import import_cifar10
import import_mhealth
import import_mnist
import make_synthetic
import numpy as np
from dataset_rules import TEST, TRAIN, first_problem


def standardised(data, train):
    values = data.samples.astype(np.float32) * np.float32(data.scale)
    return (values - values[train].mean(axis=0)) / (values[train].std(axis=0) + 1e-3)


def parts(data, split):
    """At most 16,000 training rows, and the test rows."""
    train = np.flatnonzero(data.splits[split] == TRAIN)
    return train[::max(1, len(train) // 16_000)], np.flatnonzero(data.splits[split] == TEST)


class Health(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start = time.process_time()
        cls.data = make_synthetic.make("mhealth", "mhealth")
        cls.seconds = time.process_time() - start

    def test_shape_is_the_real_one(self):
        self.assertEqual(self.data.samples.shape, (60_000, 23))
        self.assertEqual((self.data.sources, self.data.class_names), ([("iot", 23)], import_mhealth.CLASS_NAMES))
        self.assertEqual((sorted(self.data.splits), self.data.default_split), (["rows", "subjects"], "rows"))
        self.assertEqual(set(self.data.group), set(range(1, 11)))
        self.assertEqual(set(self.data.group[self.data.splits["subjects"] == TEST]), {10})
        self.assertIsNone(first_problem(self.data))

    def test_says_synthetic(self):
        self.assertEqual(self.data.origin, "synthetic")
        self.assertTrue(self.data.title.startswith("SYNTHETIC"))

    def test_is_quick(self):
        self.assertLess(self.seconds, 5)

    def test_a_network_beats_a_linear_model_and_is_not_perfect(self):
        train, test = parts(self.data, "rows")
        samples = standardised(self.data, train)
        linear = accuracy(samples, self.data.labels, train, test, [], 4)
        network = accuracy(samples, self.data.labels, train, test, [64, 64], 4)
        self.assertGreater(linear, 0.2)
        self.assertGreater(network, linear + 0.25)
        self.assertTrue(0.8 < network < 0.98, network)

    def test_an_unseen_subject_is_harder(self):
        results = []
        for split in ("rows", "subjects"):
            train, test = parts(self.data, split)
            results.append(accuracy(standardised(self.data, train), self.data.labels, train, test, [64, 64], 4))
        self.assertGreater(results[0], results[1] + 0.02)
        self.assertGreater(results[1], 0.5)


class Camera(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = make_synthetic.make("camera", "camera")

    def test_shape_is_the_real_one(self):
        data = self.data
        self.assertEqual((data.samples.shape, data.samples.dtype), ((1379, 18432), np.uint8))
        self.assertEqual((data.sources[0], data.sources[5]), (("cam1", 3072), ("cam6", 3072)))
        self.assertEqual((data.class_names, data.default_split), (import_camera.CLASS_NAMES, "official"))
        self.assertEqual(sorted(data.splits), ["official", "random"])
        counts = [np.bincount(data.labels[data.splits["official"] == code]).tolist() for code in range(3)]
        self.assertEqual(counts, [[290, 813, 7], [46, 98, 2], [33, 89, 1]])
        self.assertIsNone(first_problem(data))
        self.assertTrue(data.title.startswith("SYNTHETIC") and data.origin == "synthetic")

    def test_missing_views_are_exactly_the_black_ones(self):
        black = self.data.samples.reshape(1379, 6, 3072).max(axis=2) == 0
        np.testing.assert_array_equal(self.data.missing == 1, black)
        np.testing.assert_allclose(black.mean(axis=0), [0.76, 0.74, 0.33, 0.17, 0.06, 0.40], atol=0.04)
        self.assertLess(black.sum(axis=1).max(), 6)

    def pooled(self):
        """Each view brought to 8x8 pixels: quick to learn from."""
        views = self.data.samples.reshape(1379, 6, 8, 4, 8, 4, 3).mean(axis=(3, 5)).astype(np.float32) / 255
        return views.reshape(1379, 6, -1)

    def test_a_network_beats_a_linear_model_and_is_not_perfect(self):
        train, test = parts(self.data, "official")
        others = np.flatnonzero(self.data.splits["official"] != TRAIN)
        samples, labels = self.pooled().reshape(1379, -1), self.data.labels
        linear = accuracy(samples, labels, train, others, [], 30, 1e-3, 64)
        network = accuracy(samples, labels, train, others, [32, 32], 30, 1e-3, 64)
        self.assertGreater(network, linear + 0.1)
        self.assertTrue(0.88 < network < 0.995, network)
        self.assertEqual(len(test), 123)

    def test_every_view_carries_part_of_the_truth(self):
        views, labels = self.pooled(), self.data.labels
        for camera in (2, 4):
            seen = np.flatnonzero((self.data.missing[:, camera] == 0) & (labels < 2))
            half = len(seen) // 2
            order = np.random.default_rng(1).permutation(seen)
            one = accuracy(views[:, camera], labels, order[:half], order[half:], [32, 32], 30, 1e-3, 64)
            self.assertTrue(0.78 < one < 0.99, (camera, one))


class Images(unittest.TestCase):
    """The stand-ins of cifar10 and mnist."""

    @classmethod
    def setUpClass(cls):
        cls.sets, cls.seconds = {}, {}
        for name in ("cifar10", "mnist"):
            start = time.process_time()
            cls.sets[name] = make_synthetic.make(name, name, 6000)
            cls.seconds[name] = time.process_time() - start

    def test_shape_is_the_real_one(self):
        for name, importer in (("cifar10", import_cifar10), ("mnist", import_mnist)):
            data = self.sets[name]
            self.assertEqual((data.samples.shape, data.samples.dtype), ((6000, importer.WIDTH), np.uint8))
            self.assertEqual((data.sources, data.shapes), ([("image", importer.WIDTH)], {"image": importer.SHAPE}))
            self.assertEqual((data.name, data.class_names, data.default_split), (name, importer.CLASS_NAMES, "official"))
            self.assertEqual(np.bincount(data.splits["official"]).tolist(), [4500, 500, 1000])
            self.assertGreater(np.bincount(data.labels).min(), 500)
            self.assertIsNone(first_problem(data))
            self.assertTrue(data.title.startswith("SYNTHETIC") and data.origin == "synthetic")
            self.assertLess(self.seconds[name], 5)

    def test_tiles_are_the_same_digits(self):
        tiles, whole = make_synthetic.make("mnist-tiles", "mnist-tiles", 6000), self.sets["mnist"]
        self.assertIsNone(first_problem(tiles))
        self.assertEqual((tiles.samples.shape, tiles.name, tiles.origin), ((6000, 840), "mnist-tiles", "synthetic"))
        self.assertTrue(tiles.title.startswith("SYNTHETIC"))
        np.testing.assert_array_equal(tiles.labels, whole.labels)
        np.testing.assert_array_equal(tiles.samples.sum(axis=1, dtype=np.int64), whole.samples.sum(axis=1, dtype=np.int64))

    def test_a_network_beats_a_linear_model_and_is_not_perfect(self):
        for name, (most_linear, least, most) in {"cifar10": (0.25, 0.55, 0.9), "mnist": (0.7, 0.65, 0.9)}.items():
            data = self.sets[name]
            channels, height, width = data.shapes["image"]
            halves = data.samples.reshape(-1, channels, height // 2, 2, width // 2, 2).mean(axis=(3, 5)).reshape(6000, -1) / 255
            train, test = parts(data, "official")
            samples = ((halves - halves[train].mean(axis=0)) / (halves[train].std(axis=0) + 1e-3)).astype(np.float32)
            linear = accuracy(samples, data.labels, train, test, [], 5, 1e-3)
            network = accuracy(samples, data.labels, train, test, [128, 64], 8, 1e-3)
            self.assertLess(linear, most_linear, name)
            self.assertGreater(network, linear + 0.1, name)
            self.assertTrue(least < network < most, (name, network))


class LargeImages(FolderTest):
    def test_imagenet_has_its_shape_and_only_tests(self):
        path = self.path("imagenet.h5")
        start = time.process_time()
        self.assertEqual(command(make_synthetic, "imagenet", path, "--samples", "20")[0], 0)
        self.assertLess(time.process_time() - start, 10)
        data = dataset.read(path)
        self.assertEqual((data.samples.shape, data.samples.dtype, len(data.class_names)), ((20, 150528), np.uint8, 1000))
        self.assertEqual((data.sources, data.shapes), ([("image", 150528)], {"image": (3, 224, 224)}))
        self.assertEqual(data.splits["official"].tolist(), [TEST] * 20)
        self.assertTrue(data.title.startswith("SYNTHETIC") and "mean nothing" in data.title and data.origin == "synthetic")
        self.assertEqual(len({sample.tobytes() for sample in data.samples}), 20)
        self.assertGreater(data.samples.std(), 20)

    def test_too_many(self):
        self.refused(make_synthetic, ["imagenet", self.path("i.h5"), "--samples", "2001"], r"--samples: 2001 \(1 to 2000 allowed\)", self.path("i.h5"))


class Own(FolderTest):
    def make(self, *options):
        path = self.path("porch.h5")
        code, _, said = command(make_synthetic, "any", path, *options)
        self.assertEqual((code, said), (0, ""))
        return dataset.read(path)

    def test_sources_and_classes(self):
        data = self.make("--sources", "door:8,window:4,roof:1", "--classes", "5", "--samples", "1000")
        self.assertEqual((data.name, data.samples.shape), ("porch", (1000, 13)))
        self.assertEqual(data.sources, [("door", 8), ("window", 4), ("roof", 1)])
        self.assertEqual(len(data.class_names), 5)
        self.assertTrue(data.title.startswith("SYNTHETIC") and data.origin == "synthetic")

    def test_learnable_and_hard(self):
        data = self.make("--sources", "door:8,window:8", "--classes", "4")
        train, test = parts(data, "random")
        samples = standardised(data, train)
        linear = accuracy(samples, data.labels, train, test, [], 10)
        network = accuracy(samples, data.labels, train, test, [64, 64], 10)
        self.assertGreater(network, linear + 0.1)
        self.assertLess(network, 0.985)

    def test_bad_options(self):
        good = {"--sources": "door:8", "--classes": "3"}
        cases = [({"--sources": "door"}, "--sources: 'door'"), ({"--sources": "door:0"}, "door:0"), ({"--sources": "a:1,a:2"}, "a is there twice"),
                 ({"--sources": "a b:1"}, "'a b:1'"), ({"--sources": "a:1,"}, "--sources: ''"), ({"--classes": "1"}, "--classes: 1"),
                 ({"--classes": "two"}, "invalid int value"), ({"--samples": "20"}, "--samples: 20 "), ({"--samples": "99999999"}, "--samples"),
                 ({"--sources": "a:1000000", "--samples": "1000"}, "values in all"), ({"--sources": "a:99999999999"}, "--sources"),
                 ({"--classes": "0"}, "--classes: 0"), ({"--classes": "-3"}, "--classes: -3")]
        for changed, pattern in cases:
            options = [word for pair in dict(good, **changed).items() for word in pair]
            with self.subTest(changed):
                self.refused(make_synthetic, ["any", self.path("own.h5"), *options], pattern, self.path("own.h5"))

    def test_options_of_another_shape(self):
        output = self.path("m.h5")
        self.refused(make_synthetic, ["mhealth", output, "--classes", "3"], "belong to any", output)
        self.refused(make_synthetic, ["any", output], "any needs both", output)
        self.refused(make_synthetic, ["radar", output], "invalid choice", output)
        self.refused(make_synthetic, ["any", self.path("9 lives.h5"), "--sources", "a:1", "--classes", "2"], "cannot be called", output)


class Deterministic(FolderTest):
    SMALL = (("mhealth", ["--samples", "2000"]), ("camera", ["--samples", "120"]),
             ("cifar10", ["--samples", "200"]), ("imagenet", ["--samples", "3"]), ("mnist", ["--samples", "1200"]), ("mnist-tiles", ["--samples", "200"]),
             ("any", ["--samples", "500", "--sources", "a:3,b:2", "--classes", "3"]))

    def content(self, shape, options, name):
        path = self.path(name)
        self.assertEqual(command(make_synthetic, shape, path, *options)[0], 0)
        return dataset.read(path)

    def test_same_options_same_content_and_another_seed_another(self):
        for shape, options in self.SMALL:
            with self.subTest(shape):
                one, two = self.content(shape, options, "one.h5"), self.content(shape, options, "two.h5")
                self.assertEqual(one.content_sha256(), two.content_sha256())
                self.assertEqual(one.source_sha256, two.source_sha256)
                other = self.content(shape, [*options, "--seed", "2"], "three.h5")
                self.assertNotEqual(one.content_sha256(), other.content_sha256())
                self.assertNotEqual(one.source_sha256, other.source_sha256)

    def test_scaled_camera_keeps_every_class_in_every_part(self):
        data = self.content("camera", ["--samples", "120"], "few.h5")
        for code in range(3):
            self.assertEqual(set(data.labels[data.splits["official"] == code]), {0, 1, 2})


if __name__ == "__main__":
    unittest.main()
