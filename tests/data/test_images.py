"""The importer of image folders: TorchVision's order, sizes and pixels, streamed; each kind of bad folder its one line."""
import hashlib
import io
import os
import unittest
from unittest import mock

from made_up import FolderTest, command, jpeg

import dataset
import image_pixels
import import_images
import numpy as np
from PIL import Image


def noise(width, height, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def png(pixels):
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def folders():
    """Three classes in an order that is not the alphabet's, with a folder inside a class and files that are no images."""
    return {"n03/b.JPEG": jpeg((30, 0, 0)), "n03/a.png": png(np.full((40, 50, 3), 31, np.uint8)), "n01/z.jpg": jpeg((10, 0, 0)),
            "n02/deep/y.jpeg": jpeg((20, 0, 0)), "n02/x.jpg": jpeg((21, 0, 0)), "n02/notes.txt": b"no image", "n01/._z.jpg": b"clutter"}


FLAT = {f"val_{number}.JPEG": jpeg((10 * number, 0, 0)) for number in range(1, 5)}
SMALL = ["--resize", "36", "--crop", "32"]


class Good(FolderTest):
    def imported(self, source, *options):
        output = self.path("set.h5")
        code, out, said = command(import_images, source, output, *options)
        self.assertEqual((code, said), (0, ""))
        return dataset.read(output), out

    def text(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(content)
        return self.path(name)

    def reds(self, data):
        return np.rint(data.samples[:, :1024].mean(axis=1)).astype(int).tolist()

    def test_order_is_that_of_image_folder(self):
        data, out = self.imported(self.lay(folders()), *SMALL)
        self.assertEqual(data.class_names, ["n01", "n02", "n03"])
        self.assertEqual(data.labels.tolist(), [0, 1, 1, 2, 2])
        np.testing.assert_allclose(self.reds(data), [10, 21, 20, 31, 30], atol=2)
        self.assertEqual((data.sources, data.shapes), ([("image", 3072)], {"image": (3, 32, 32)}))
        self.assertEqual((data.splits["official"].tolist(), data.origin, data.name), ([2] * 5, "real", "set"))
        self.assertAlmostEqual(data.scale, 1 / 255, places=15)
        self.assertIn("not normalised (means 0.485 0.456 0.406, deviations 0.229 0.224 0.225)", data.importer)
        self.assertIn("resize 36, crop 32", data.importer)
        self.assertIn("train 0, validation 0, test 5", out)

    def test_crop_is_the_centre_halves_to_even(self):
        # the shorter side is 256 already: resizing changes nothing, so the pixels are those of the file
        for width, height, left, top in ((300, 256, 38, 16), (301, 256, 38, 16), (303, 256, 40, 16), (256, 305, 16, 40)):
            pixels = noise(width, height)
            data, _ = self.imported(self.lay({"a/0.png": png(pixels), "b/0.png": png(pixels)}))
            cut = pixels[top:top + 224, left:left + 224].transpose(2, 0, 1)
            np.testing.assert_array_equal(data.samples[0].reshape(3, 224, 224), cut, err_msg=f"{width}x{height}")

    def test_sizes_of_the_presets(self):
        self.assertEqual(image_pixels.resized(500, 375, 256), (341, 256))
        self.assertEqual(image_pixels.resized(375, 500, 236), (236, 314))
        pixels = noise(500, 375)
        source = self.lay({"a/0.png": png(pixels), "b/0.png": png(pixels)})
        for preset, (width, height), (left, top) in (("alexnet", (341, 256), (58, 16)), ("vgg16_bn", (341, 256), (58, 16)),
                                                     ("convnext_tiny", (314, 236), (45, 6))):
            data, _ = self.imported(source, "--preset", preset)
            whole = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))
            np.testing.assert_array_equal(data.samples[0].reshape(3, 224, 224), whole[top:top + 224, left:left + 224].transpose(2, 0, 1))

    def test_other_modes_become_rgb(self):
        files = {"a/gray.jpg": jpeg((90, 0, 0), (40, 40), "L"), "b/rgb.jpg": jpeg((90, 0, 0), (40, 40))}
        data, _ = self.imported(self.lay(files), *SMALL)
        np.testing.assert_allclose(data.samples.reshape(2, 3, 1024).mean(axis=2), [[90, 90, 90], [90, 0, 0]], atol=2)

    def test_limit_is_evenly_spread_and_keeps_the_classes(self):
        files = {f"c{label}/{number}.png": png(np.full((36, 36, 3), 10 * label + number, np.uint8)) for label in range(5) for number in range(4)}
        data, _ = self.imported(self.lay(files), *SMALL, "--limit", "4")
        self.assertEqual(self.reds(data), [0, 11, 22, 33])
        self.assertEqual((data.labels.tolist(), len(data.class_names)), ([0, 1, 2, 3], 5))
        self.assertIn("4 of 20, evenly spread, 5 classes", data.title)
        self.assertEqual(len(self.imported(self.path("source"), *SMALL, "--limit", "99")[0].labels), 20)

    def test_flat_folder_with_every_kind_of_truth(self):
        source = self.lay(FLAT)
        synsets = self.text("synsets.txt", "n9 cat, pet\nn1 dog\nn5 bird\n")
        cases = [("n5\nn1\nn5\nn9\n", []), ("val_4.JPEG n9\nval_1.JPEG n5\n\nval_2.JPEG n1\nval_3.JPEG n5\n", []),
                 ("2\n1\n2\n0\n", ["--class-names", synsets]), ("3\n2\n3\n1\n", ["--class-names", synsets, "--first-label", "1"]),
                 ("n5\nn1\nn5\nn9\n", ["--class-names", synsets])]
        for text, options in cases:
            with self.subTest(text=text, options=options):
                data, _ = self.imported(source, "--truth", self.text("truth.txt", text), *options, *SMALL)
                self.assertEqual((data.labels.tolist(), data.class_names), ([1, 0, 1, 2], ["n1", "n5", "n9"]))
                np.testing.assert_allclose(self.reds(data), [10, 20, 30, 40], atol=2)

    def test_source_digest_is_over_the_files_that_were_read(self):
        files = folders()
        data, _ = self.imported(self.lay(files), *SMALL)
        lines = sorted(f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in files.items() if name.endswith(("g", "G")) and "._" not in name)
        self.assertEqual(data.source_sha256, hashlib.sha256("".join(lines).encode()).hexdigest())

    def test_made_up_images_say_so(self):
        data, _ = self.imported(self.lay(folders()), *SMALL, "--synthetic", "--citation", "made up")
        self.assertEqual((data.origin, data.title[:9], data.citation), ("synthetic", "SYNTHETIC", "made up"))

    def test_images_are_read_a_block_at_a_time(self):
        files = {f"c{number % 2}/{number}.png": png(np.full((36, 36, 3), number, np.uint8)) for number in range(20)}
        asked, whole = [], import_images.ImageRows.__getitem__

        def some(rows, which):
            asked.append((which.start, which.stop))
            return whole(rows, which)

        with mock.patch("row_blocks.BLOCK_BYTES", 4 * 3072), mock.patch("row_blocks.CHUNK_BYTES", 3072), \
                mock.patch.object(import_images.ImageRows, "__getitem__", some):
            data, _ = self.imported(self.lay(files), *SMALL)
        self.assertEqual(asked, [(start, start + 4) for start in range(0, 20, 4)])
        self.assertEqual(sorted(self.reds(data)), list(range(20)))


class Bad(FolderTest):
    def check(self, files, pattern, *options, name="source"):
        os.makedirs(self.path("out"), exist_ok=True)
        output = self.path("out", "set.h5")
        self.refused(import_images, [self.lay(files, name), output, *SMALL, *options], pattern, output)

    def test_images(self):
        good = folders()
        whole = jpeg((1, 2, 3), (200, 200))
        for number, (case, content, pattern) in enumerate((
                ("text", b"hello", "x.jpg: is no whole image"), ("empty", b"", "x.jpg: is no whole image"),
                ("cut short", whole[:len(whole) // 2], "x.jpg: is no whole image"), ("another format", jpeg(form="BMP"), "is no whole image"),
                ("cut PNG", png(noise(60, 60))[:2000], "is no whole image"), ("a line", png(np.zeros((1, 200_000, 3), np.uint8)), "x.jpg: image is 200000x1"))):
            with self.subTest(case):
                self.check(dict(good, **{"n02/x.jpg": content}), pattern, name=f"case{number}")

    def test_a_link_to_nowhere(self):
        os.symlink(self.path("nowhere.jpg"), os.path.join(self.lay(folders()), "n02", "gone.jpg"))
        self.check({}, "gone.jpg: cannot be read: No such file")

    def test_folders(self):
        self.check({"readme.txt": b""}, "0 class folders", name="empty")
        self.check(FLAT, "0 class folders .* --truth", name="flat")
        self.check({"a/0.jpg": jpeg()}, "1 class folders", name="one")
        self.check({"a/0.jpg": jpeg(), "b/0.txt": b""}, "b: holds no images", name="hollow")
        output = self.path("set.h5")
        self.refused(import_images, [self.path("none"), output], "none: cannot be read: No such file", output)

    def test_truth(self):
        synsets = self.path("synsets.txt")
        with open(synsets, "w", encoding="ascii") as file:
            file.write("n1\nn2\nn3\n")
        named = ["--class-names", synsets]
        cases = [("", [], "truth.txt: is empty"), ("n1\nn2\nn1\n", [], "no line for image val_4.JPEG"), ("n1\n" * 5, [], "truth.txt:5: one line more"),
                 ("0\n1\n2\n3\n", named, r"truth.txt:4: label 3 \(0 to 2 allowed"), ("0\n1\n2\n1\n", [*named, "--first-label", "1"], r"truth.txt:1: label 0 \(1 to 3"),
                 ("0\n1\n2\n1\n", [], "label 0 is a number"), ("n1\nn2\nn7\nn1\n", named, "truth.txt:3: class n7 is not among"),
                 ("1" * 40 + "\n", named, r"label 1{20} \(0 to 2"), ("a b c\n", [], "truth.txt:1: 3 words"), ("n1\nval_2.JPEG n1\n", [], "truth.txt:2: 2 words"),
                 ("val_1.JPEG n1\nval_1.JPEG n1\n", [], "truth.txt:2: val_1.JPEG stands there twice"),
                 ("val_1.JPEG n1\nval_9.JPEG n1\n", [], "truth.txt: no image val_9.JPEG in"), ("n1\n" * 4, [], "/class_names holds 1 names")]
        for text, options, pattern in cases:
            with open(self.path("truth.txt"), "w", encoding="ascii") as file:
                file.write(text)
            with self.subTest(pattern):
                self.check(FLAT, pattern, "--truth", self.path("truth.txt"), *options)
        with open(self.path("truth.txt"), "wb") as file:
            file.write(b"caf\xe9 n1\n")
        self.check(FLAT, "truth.txt:1: is no text: byte 0xe9", "--truth", self.path("truth.txt"))
        self.check(FLAT, "none.txt: cannot be read", "--truth", self.path("none.txt"))
        with open(synsets, "a", encoding="ascii") as file:
            file.write("n1\n")
        self.check(FLAT, "synsets.txt:4: n1 stands in line 1 too", "--truth", synsets, *named)

    def test_options(self):
        for options, pattern in ((["--resize", "0"], "--resize: 0"), (["--crop", "5000"], "--crop: 5000"), (["--crop", "37"], "--crop: 37 is more than"),
                                 (["--limit", "0"], "--limit: 0"), (["--class-names", "x"], "belongs to --truth"), (["--preset", "resnet"], "invalid choice")):
            with self.subTest(options):
                self.check(folders(), pattern, *options)
        self.refused(import_images, [self.path("source"), self.path("9.h5")], "cannot be called '9'", self.path("9.h5"))


if __name__ == "__main__":
    unittest.main()
