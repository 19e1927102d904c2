"""The importers of CIFAR-10 and MNIST: every form of source gives the same set; each kind of bad source its one line."""
import gzip
import lzma
import os
import struct
import unittest

from made_up import FolderTest, command

import dataset
import import_cifar10
import import_mnist
import import_mnist_tiles
import numpy as np
from splits import shuffled

RECORD = 3073


def records(labels, start=0):
    """CIFAR-10 records whose pictures count on from `start`: channel c of record r is filled with (start + r + 80 c) % 256."""
    return b"".join(bytes([label]) + b"".join(bytes([(start + row + 80 * channel) % 256]) * 1024 for channel in range(3))
                    for row, label in enumerate(labels))


def batches():
    """The official files, four records a training batch and six to test."""
    files = {f"cifar-10-batches-bin/data_batch_{batch}.bin": records([batch, 0, 9, batch], 4 * (batch - 1)) for batch in range(1, 6)}
    return dict(files, **{"cifar-10-batches-bin/test_batch.bin": records([3, 1, 4, 1, 5, 9], 100),
                          "cifar-10-batches-bin/batches.meta.txt": b"airplane\n", "cifar-10-batches-bin/readme.html": b"<html>"})


def idx(extents, content, magic=None):
    return struct.pack(f">{len(extents)}I", *extents).join([magic or bytes([0, 0, 8, len(extents)]), content])


def digits(train=20, test=5):
    """The four files of MNIST; pixel p of picture r is (r + p) % 256."""
    files = {}
    for part, count in (("train", train), ("t10k", test)):
        pixels = ((np.arange(count)[:, None] + np.arange(784)) % 256).astype(np.uint8)
        files[f"{part}-images-idx3-ubyte"] = idx((count, 28, 28), pixels.tobytes())
        files[f"{part}-labels-idx1-ubyte"] = idx((count,), bytes(row % 10 for row in range(count)))
    return files


def packed(files, pack, ending):
    return {name + ending: pack(content) for name, content in files.items()}


class Imported(FolderTest):
    def imported(self, module, *arguments):
        output = self.path("out.h5")
        code, out, said = command(module, *arguments, output)
        self.assertEqual((code, said), (0, ""))
        return dataset.read(output), out

    def check_bad(self, module, cases, good):
        for number, (case, (changed, pattern)) in enumerate(cases.items()):
            files = {name: content for name, content in dict(good, **changed).items() if content is not None}
            output = self.path(f"out{number}", "set.h5")
            os.makedirs(os.path.dirname(output))
            with self.subTest(case):
                self.refused(module, [self.lay(files, f"case{number}"), output], pattern, output)


class Cifar(Imported):
    def test_official_files(self):
        data, out = self.imported(import_cifar10, self.lay(batches()))
        self.assertEqual((data.samples.shape, data.samples.dtype), ((26, 3072), np.uint8))
        self.assertEqual((data.sources, data.shapes), ([("image", 3072)], {"image": (3, 32, 32)}))
        self.assertEqual(data.labels.tolist(), [1, 0, 9, 1, 2, 0, 9, 2, 3, 0, 9, 3, 4, 0, 9, 4, 5, 0, 9, 5, 3, 1, 4, 1, 5, 9])
        self.assertEqual((data.name, data.origin, data.class_names[3], data.class_names[9]), ("cifar10", "real", "cat", "truck"))
        self.assertAlmostEqual(data.scale, 1 / 255, places=15)
        pictures = data.samples.reshape(26, 3, 32, 32)
        for row, start in ((0, 0), (7, 7), (25, 105)):
            for channel in range(3):
                self.assertEqual(set(pictures[row, channel].reshape(-1)), {start + 80 * channel - 256 * (start + 80 * channel > 255)})
        self.assertIn("20 of the 50,000 training images, 6 of the 10,000 test images (a SUBSET)", data.title)
        self.assertIn("image 3072 (3x32x32)", out)

    def test_split_is_seeded_and_a_tenth_validates(self):
        source = self.lay(batches())
        first, other = self.imported(import_cifar10, source)[0], self.imported(import_cifar10, "--seed", "2", source)[0]
        self.assertEqual(np.bincount(first.splits["official"]).tolist(), [18, 2, 6])
        self.assertEqual(set(first.splits["official"][20:]), {2})
        self.assertTrue((other.splits["official"] != first.splits["official"]).any())
        self.assertEqual(np.bincount(other.splits["official"]).tolist(), [18, 2, 6])
        self.assertIn("seed 2", other.importer)
        self.assertEqual(set(np.flatnonzero(first.splits["official"] == 1)), set(shuffled(20, 1)[18:]))

    def test_every_form_gives_the_same_content(self):
        files = batches()
        bare = {os.path.basename(name): content for name, content in files.items() if name.endswith(".bin")}
        turned = dict(reversed(list(files.items())))
        forms = [[self.lay(files)], [self.pack_tar(turned, "c.tar.gz")], [self.pack_zip(files)],
                 [self.lay(packed(bare, lzma.compress, ".xz"), "xz")], [self.lay(packed(bare, gzip.compress, ".gz"), "gz")],
                 [os.path.join(self.lay(bare, "bare"), name) for name in reversed(bare)]]
        contents = {self.imported(import_cifar10, *form)[0].content_sha256() for form in forms}
        self.assertEqual(len(contents), 1)

    def test_subset_files(self):
        files = {"cifar10_train_12.bin.xz": lzma.compress(records([1] * 12)), "cifar10_test_3.bin": records([2] * 3)}
        data, _ = self.imported(import_cifar10, self.lay(files))
        self.assertEqual(np.bincount(data.splits["official"]).tolist(), [11, 1, 3])
        listed, _ = self.imported(import_cifar10, *[self.path("source", name) for name in files])
        self.assertEqual((listed.source, listed.source_sha256), ("cifar10_train_12.bin.xz cifar10_test_3.bin", data.source_sha256))

    def test_bad_sources(self):
        train, test = "cifar10_train_12.bin", "cifar10_test_3.bin"
        good = {train: records([1] * 12), test: records([2] * 3)}
        whole = lzma.compress(good[train])
        self.check_bad(import_cifar10, {
            "truncated": ({train: good[train][:-1]}, rf"{train}: {12 * RECORD - 1} bytes \(a whole number of records of 3073"),
            "empty": ({test: b""}, f"{test}: 0 bytes"),
            "label too large": ({train: records([1, 2, 10] * 4)}, rf"{train}: record 2: label 10 \(0 to 9 allowed\)"),
            "xz cut short": ({train: None, train + ".xz": whole[:len(whole) // 2]}, r"\.xz: is damaged or cut short"),
            "xz that is none": ({train: None, train + ".xz": b"hello"}, r"\.xz: is damaged or cut short"),
            "too much inside": ({train: None, train + ".xz": lzma.compress(bytes(60001 * RECORD), preset=0)}, r"too large \(184380000 bytes"),
            "no test": ({test: None}, "holds no test records"),
            "nothing": ({train: None, test: None, "readme.txt": b"hello"}, "holds no train records"),
            "too few": ({train: records([1] * 9)}, r"9 training images \(10 to 50000 allowed\)"),
            "two sets in a folder": ({"data_batch_1.bin": good[train]}, "a second set of records"),
            "two sets in two folders": ({"other/" + train: records([3] * 12)}, "a second set of records"),
            "a file in two forms that differ": ({train + ".xz": lzma.compress(records([3] * 12))}, "a second set of records"),
        }, good)

    def test_bad_calls(self):
        output = self.path("c.h5")
        self.refused(import_cifar10, [self.path("none"), output], "none: no such file or folder", output)
        self.refused(import_cifar10, [self.path("cifar10_train_1.bin"), output], "cifar10_train_1.bin: no such file", output)
        source = self.lay({"train.bin": b"0", "cifar10_test_3.bin": records([2] * 3)})
        self.refused(import_cifar10, [os.path.join(source, "train.bin"), os.path.join(source, "cifar10_test_3.bin"), output],
                     "train.bin: its name is none of", output)
        self.refused(import_cifar10, [source, self.path("nowhere", "c.h5")], "its folder does not exist", output)


class Mnist(Imported):
    def test_official_files(self):
        data, _ = self.imported(import_mnist, self.lay(digits()))
        self.assertEqual((data.samples.shape, data.samples.dtype), ((25, 784), np.uint8))
        self.assertEqual((data.sources, data.shapes), ([("image", 784)], {"image": (1, 28, 28)}))
        self.assertEqual(data.labels.tolist(), [row % 10 for row in range(20)] + list(range(5)))
        self.assertEqual((data.name, data.class_names), ("mnist", list("0123456789")))
        np.testing.assert_array_equal(data.samples[23], (3 + np.arange(784)) % 256)
        self.assertEqual(np.bincount(data.splits["official"]).tolist(), [18, 2, 5])
        self.assertIn("20 of the 60,000 training images", data.title)

    def test_every_form_gives_the_same_content(self):
        files = digits()
        dotted = {name.replace("-idx", ".idx"): content for name, content in files.items()}
        forms = [[self.lay(packed(files, gzip.compress, ".gz"), "gz")], [self.pack_zip(dotted)], [self.pack_tar(files)],
                 [os.path.join(self.lay(files), name) for name in reversed(files)]]
        self.assertEqual(len({self.imported(import_mnist, *form)[0].content_sha256() for form in forms}), 1)

    def test_bad_sources(self):
        good = digits()
        images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
        squeezed = gzip.compress(good[images])
        self.check_bad(import_mnist, {
            "wrong magic": ({images: idx((20, 28, 28), good[images][16:], bytes([0, 0, 13, 3]))}, r"begins with 00000d03 \(00000803"),
            "labels for images": ({images: good[labels]}, rf"{images}: begins with 00000801"),
            "empty": ({images: b""}, rf"{images}: begins with nothing"),
            "header cut": ({images: good[images][:10]}, rf"{images}: 10 bytes \(a header of 16"),
            "truncated": ({images: good[images][:-1]}, rf"{images}: 20 entries in 15695 bytes \(at least 1, here 15696 bytes"),
            "too long": ({labels: good[labels] + b"0"}, rf"{labels}: 20 entries in 29 bytes"),
            "no entries": ({labels: idx((0,), b"")}, rf"{labels}: 0 entries"),
            "huge count": ({images: idx((4_000_000_000, 28, 28), b"")}, "4000000000 entries in 16 bytes"),
            "other size": ({images: idx((20, 32, 32), bytes(20 * 1024))}, r"images are 32x32 \(28x28 allowed\)"),
            "label too large": ({labels: idx((20,), bytes([0, 1, 10] + [0] * 17))}, rf"{labels}: entry 2: label 10 \(0 to 9"),
            "counts differ": ({labels: idx((19,), bytes(19))}, "20 train images and 19 labels"),
            "more than published": ({"t10k-images-idx3-ubyte": idx((10_001, 28, 28), bytes(10_001 * 784)), "t10k-labels-idx1-ubyte":
                                     idx((10_001,), bytes(10_001))}, r"10001 test images \(1 to 10000 allowed\)"),
            "one file lacks": ({"t10k-labels-idx1-ubyte": None}, "holds no t10k-labels file"),
            "gz cut short": ({images: None, images + ".gz": squeezed[:-9]}, r"\.gz: is damaged or cut short"),
            "gz that is none": ({images: None, images + ".gz": good[images]}, r"\.gz: is damaged or cut short"),
            "a file in two forms that differ": ({images + ".gz": gzip.compress(digits(20)[images][:-1] + b"?")}, "a second set of files"),
            "nothing": (dict.fromkeys(good, None) | {"readme.txt": b""}, "holds no train-images file"),
        }, good)


class MnistTiles(Imported):
    def test_tiles_from_the_left_above_to_the_right_below(self):
        data, out = self.imported(import_mnist_tiles, self.lay(digits()))
        self.assertEqual((data.samples.shape, data.samples.dtype), ((25, 840), np.uint8))
        self.assertEqual(data.sources, [(f"tile{tile}", 140) for tile in range(1, 7)])
        self.assertEqual(data.shapes, {f"tile{tile}": (1, 14, 10) for tile in range(1, 7)})
        for row, start in ((0, 0), (24, 4)):
            for tile in range(6):
                view = data.samples[row, 140 * tile:140 * (tile + 1)].reshape(14, 10)
                for down in range(14):
                    for across in range(10):
                        below, right = 14 * (tile // 3) + down, 10 * (tile % 3) + across - 1
                        pixel = (start + 28 * below + right) % 256 if 0 <= right < 28 else 0
                        self.assertEqual(view[down, across], pixel, (row, tile, down, across))
        self.assertIn("tile6 140 (1x14x10)", out)

    def test_all_else_is_as_in_mnist(self):
        source = self.lay(digits())
        tiles, whole = (self.imported(module, source, "--seed", "3")[0] for module in (import_mnist_tiles, import_mnist))
        for one, other in ((tiles.labels, whole.labels), (tiles.splits["official"], whole.splits["official"])):
            np.testing.assert_array_equal(one, other)
        self.assertEqual((tiles.scale, tiles.class_names, tiles.default_split, tiles.origin, tiles.source_sha256, tiles.citation),
                         (whole.scale, whole.class_names, whole.default_split, whole.origin, whole.source_sha256, whole.citation))
        self.assertEqual((tiles.name, tiles.title, tiles.importer),
                         ("mnist-tiles", whole.title + "; in tiles of 14x10", "import_mnist_tiles 1, seed 3"))
        self.assertIsNone(tiles.missing)

    def test_bad_source(self):
        labels = "t10k-labels-idx1-ubyte"
        self.check_bad(import_mnist_tiles, {"one file lacks": ({labels: None}, "holds no t10k-labels file")}, digits())


if __name__ == "__main__":
    unittest.main()
