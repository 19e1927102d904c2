"""The importers on the real archives, where they are found (as data/prepare.sh finds them); skipped elsewhere."""
import time
import unittest

from made_up import FolderTest, command

import dataset
import import_camera
import import_cifar10
import import_mhealth
import import_mhealth_windows
import import_mnist
import import_mnist_tiles
import numpy as np
import prepare


class RealArchives(FolderTest):
    _first = {}  # name -> what the first import gave: one import serves several tests

    def imported(self, name, module):
        """(data, what was printed, seconds of CPU) of a new import."""
        _, raw = prepare.find_raw(name, prepare.folders())
        if raw is None:
            self.skipTest(f"no real {name} data found (data/get.sh {name} says how to get them)")
        path = self.path(name + ".h5")
        start = time.process_time()
        code, out, said = command(module, raw, path)
        self.assertEqual((code, said), (0, ""))
        return dataset.read(path), out, time.process_time() - start

    def first(self, name, module):
        if name not in self._first:
            self._first[name] = self.imported(name, module)
        return self._first[name]

    def test_mhealth(self):
        data, _, seconds = self.first("mhealth", import_mhealth)
        self.assertEqual(data.samples.shape, (343_195, 23))
        self.assertEqual(np.bincount(data.labels).tolist(),
                         [30720] * 5 + [28315, 29441, 29337] + [30720] * 3 + [10342])
        self.assertEqual(np.bincount(data.group, minlength=11)[1:].tolist(),
                         [35174, 35532, 35380, 35328, 33947, 32205, 34253, 33332, 34354, 33690])
        self.assertEqual(np.bincount(data.splits["rows"]).tolist(), [274_557, 34_319, 34_319])
        self.assertEqual(np.bincount(data.splits["subjects"]).tolist(), [343_195 - 34_354 - 33_690, 34_354, 33_690])
        self.assertEqual(data.origin, "real")
        self.assertLess(seconds, 10)

    def test_mhealth_windows(self):
        data, _, seconds = self.first("mhealth-windows", import_mhealth_windows)
        self.assertEqual(data.samples.shape, (13_515, 1150))
        self.assertEqual(np.bincount(data.labels).tolist(), [1210] * 5 + [1118, 1162, 1159] + [1210] * 3 + [396])
        self.assertEqual(np.bincount(data.splits["subjects"]).tolist(), [10_836, 1353, 1326])
        self.assertEqual(np.bincount(data.splits["series"]).tolist()[:3], [10_869, 1203, 1203])
        self.assertLess(seconds, 10)

    def test_camera(self):
        data, out, _ = self.first("camera", import_camera)
        self.assertEqual(data.samples.shape, (1379, 18432))
        counts = [np.bincount(data.labels[data.splits["official"] == code], minlength=3).tolist() for code in range(3)]
        self.assertEqual(counts, [[290, 813, 7], [46, 98, 2], [33, 89, 1]])
        self.assertIn("10 objects without all six views left out", out)
        self.assertEqual(data.missing.sum(axis=1).max(), 5)
        self.assertAlmostEqual(data.missing[:, 0].mean(), 0.762, delta=0.002)

    def test_cifar10(self):
        data, _, seconds = self.first("cifar10", import_cifar10)
        test = data.splits["official"] == 2
        self.assertEqual(np.bincount(data.labels[test]).tolist(), [1000] * 10)
        train = len(test) - test.sum()
        self.assertEqual(data.splits["official"].tolist().count(1), train // 10)
        self.assertEqual("SUBSET" in data.title, train < 50_000)
        self.assertEqual(sorted(set(data.labels)), list(range(10)))
        means = data.samples.reshape(-1, 3, 1024).mean(axis=(0, 2)) / 255
        np.testing.assert_allclose(means, (0.4914, 0.4822, 0.4465), atol=0.006)  # the published means of red, green and blue
        self.assertLess(seconds, 15)

    def test_mnist(self):
        data, _, seconds = self.first("mnist", import_mnist)
        self.assertEqual(data.samples.shape, (70_000, 784))
        self.assertEqual(data.labels[:5].tolist(), [5, 0, 4, 1, 9])
        self.assertEqual(np.bincount(data.labels[60_000:]).tolist(), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
        self.assertAlmostEqual(data.samples[:60_000].mean() / 255, 0.1307, places=4)  # the published mean
        self.assertNotIn("SUBSET", data.title)
        self.assertLess(seconds, 10)

    def test_mnist_tiles(self):
        data, _, seconds = self.first("mnist-tiles", import_mnist_tiles)
        self.assertEqual(data.samples.shape, (70_000, 840))
        self.assertAlmostEqual(data.samples[:60_000].mean() * 840 / 784 / 255, 0.1307, places=4)  # no ink is lost
        ink = data.samples.reshape(70_000, 6, 140).mean(axis=(0, 2))
        self.assertTrue({1, 4} == set(np.argsort(ink)[-2:]), ink)  # digits stand in the middle
        self.assertLess(seconds, 10)

    def test_twice_gives_the_same_content(self):
        for name, module in (("mhealth", import_mhealth), ("camera", import_camera)):
            with self.subTest(name):
                one, two = self.first(name, module)[0], self.imported(name, module)[0]
                self.assertEqual(one.content_sha256(), two.content_sha256())


if __name__ == "__main__":
    unittest.main()
