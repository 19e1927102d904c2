"""The camera importer: grouping of views, missing views, and its one line for each kind of bad source."""
import os
import unittest

from made_up import VIEW, FolderTest, command, jpeg, views

import dataset
import import_camera
import numpy as np

ANY = VIEW.format("train", "car", 3, 1, 100)
BAD_FILES = {
    "wrong size": ({ANY: jpeg(size=(32, 31))}, r"c3_1_00000100\.jpg: picture is 32x31 RGB"),
    "huge picture": ({ANY: jpeg(size=(3000, 2000))}, "picture is 3000x2000 RGB"),
    "gray": ({ANY: jpeg(mode="L")}, "picture is 32x32 L"),
    "no picture": ({ANY: b"hello"}, r"c3_1_00000100\.jpg: is no whole JPEG"),
    "empty picture": ({ANY: b""}, "is no whole JPEG"),
    "cut picture": ({ANY: jpeg()[:400]}, "is no whole JPEG"),
    "another format": ({ANY: jpeg(form="PNG")}, "is no whole JPEG"),
    "too many bytes": ({ANY: jpeg() + bytes(1 << 20)}, r"too large \(1048576 bytes"),
    "unknown class": ({"m/train_dir/truck_images/c0_0_1.jpg": jpeg()}, r"unknown class folder truck_images \(person_images, car"),
    "unknown part": ({"m/valid_dir/car_images/c0_0_1.jpg": jpeg()}, "none of the three parts"),
    "no folders": ({"c0_0_1.jpg": jpeg()}, "none of the three parts"),
    "seventh camera": ({VIEW.format("train", "car", 6, 1, 100): jpeg()}, "c6_1_00000100.jpg: name is no view"),
    "no view's name": ({"m/train_dir/car_images/photo.jpg": jpeg()}, "photo.jpg: name is no view"),
    "view twice": ({"multiview/train_dir/car_images/c3_1_100.jpg": jpeg()}, "view c3 of this object is there twice"),
    "object in two parts": ({VIEW.format("test", "car", 3, 1, 100): jpeg()}, "this object is in two parts"),
}


class BadSource(FolderTest):
    def check(self, source, pattern):
        output = self.path("out", "camera.h5")
        os.makedirs(self.path("out"), exist_ok=True)
        self.refused(import_camera, [source, output], pattern, output)

    def test_every_kind_of_bad_file_is_named(self):
        good = views(2)
        for number, (case, (changed, pattern)) in enumerate(BAD_FILES.items()):
            with self.subTest(case):
                self.check(self.lay(dict(good, **changed), f"case{number}"), pattern)

    def test_empty_folder(self):
        self.check(self.lay({"README.txt": b"nothing"}), "holds no pictures")

    def test_no_whole_object(self):
        self.check(self.lay({path: content for path, content in views().items() if "/c5_" not in path}), "0 objects with all six")

    def test_part_without_objects(self):
        files = {path: content for path, content in views().items() if "holdout" not in path}
        self.check(self.lay(files), "/splits/official has no test sample")


class GoodSource(FolderTest):
    def imported(self, source, *options):
        output = self.path("camera.h5")
        code, out, said = command(import_camera, source, output, *options)
        self.assertEqual((code, said), (0, ""))
        return dataset.read(output), out

    def test_objects_are_grouped_by_class_index_and_frame(self):
        data, _ = self.imported(self.lay(views()))
        self.assertEqual(data.samples.shape, (36, 18432))
        self.assertEqual(data.samples.dtype, np.uint8)
        self.assertAlmostEqual(data.scale, 1 / 255, places=15)
        self.assertEqual(data.sources, [(f"cam{camera}", 3072) for camera in range(1, 7)])
        self.assertEqual(data.class_names, ["person", "car", "bus"])
        means = data.samples.reshape(36, 6, 32 * 32, 3).mean(axis=2)  # colour of each view tells camera and class
        for sample, label in enumerate(data.labels):
            for camera in range(6):
                if not data.missing[sample, camera]:
                    np.testing.assert_allclose(means[sample, camera], (40 * camera + 10, 80 * label + 20, 50), atol=6)

    def test_official_split_and_groups(self):
        data, _ = self.imported(self.lay(views()))
        self.assertEqual(data.default_split, "official")
        np.testing.assert_array_equal(data.splits["official"], np.repeat([0, 1, 2], 12))
        np.testing.assert_array_equal(data.group, np.repeat([100, 200, 300], 12))
        self.assertEqual(np.bincount(data.splits["random"]).tolist(), [30, 3, 3])

    def test_black_views_are_missing(self):
        data, _ = self.imported(self.lay(views()))
        self.assertEqual(data.missing.sum(), 3)  # one person a part
        np.testing.assert_array_equal(np.unique(np.argwhere(data.missing)[:, 1]), [2])
        self.assertEqual(set(data.labels[data.missing[:, 2] == 1]), {0})

    def test_incomplete_objects_are_left_out_and_counted(self):
        files = views()
        del files[VIEW.format("train", "person", 4, 1, 100)], files[VIEW.format("test", "bus", 0, 2, 200)]
        data, out = self.imported(self.lay(files))
        self.assertEqual(len(data.labels), 34)
        self.assertIn("2 objects without all six views left out", out)

    def test_archives_in_any_order_give_the_same_content(self):
        files = views()
        turned = dict(reversed(list(files.items())))
        contents = {self.imported(form)[0].content_sha256() for form in (self.lay(files), self.pack_tar(turned), self.pack_zip(turned))}
        self.assertEqual(len(contents), 1)

    def test_picture_is_height_width_channel(self):
        files = views()
        path = VIEW.format("train", "person", 0, 0, 100)
        image = import_camera.Image.new("RGB", (32, 32))
        image.paste((255, 0, 0), (0, 0, 32, 16))  # upper half red
        with open(self.path("half.jpg"), "wb") as file:
            image.save(file, "JPEG", quality=100)
        with open(self.path("half.jpg"), "rb") as file:
            files[path] = file.read()
        data, _ = self.imported(self.lay(files))
        picture = data.samples[0, :3072].reshape(32, 32, 3)
        self.assertGreater(picture[:14, :, 0].min(), 230)
        self.assertLess(picture[18:, :, 0].max(), 25)
        self.assertLess(picture[:14, :, 1].max(), 25)


if __name__ == "__main__":
    unittest.main()
