"""What a folder may hold beside the data: links, pipes, hidden files and images of other kinds. Each file counts once, what is left
out is said, nothing becomes other pixels without a word."""
import gzip
import io
import os
import socket
import unittest

from made_up import FolderTest, command, jpeg, logs
from test_image_sets import batches, digits

import dataset
import import_cifar10
import import_images
import import_mhealth
import import_mnist
import numpy as np
from PIL import Image

SMALL = ["--resize", "36", "--crop", "32"]


def png(image, **options):
    content = io.BytesIO()
    image.save(content, "PNG", **options)
    return content.getvalue()


def grey(value):
    return jpeg((value,), (40, 40), "L")


class Folders(FolderTest):
    def setUp(self):
        super().setUp()
        self.source = self.lay({f"{name}/{number}.jpg": grey(40 * number + 10) for name in ("ant", "bee") for number in range(3)})

    def at(self, *parts):
        return os.path.join(self.source, *parts)

    def imported(self, *options):
        code, out, said = command(import_images, self.source, self.path("set.h5"), *SMALL, *options)
        self.assertEqual((code, said), (0, ""))
        return dataset.read(self.path("set.h5")), [line.split("note", 1)[1].strip() for line in out.splitlines() if "  note " in line]

    def refuse(self, pattern, *options):
        self.refused(import_images, [self.source, self.path("set.h5"), *SMALL, *options], pattern, self.path("set.h5"))

    def check(self, note, count=6, classes=2):
        data, notes = self.imported()
        self.assertEqual((len(data.labels), len(data.class_names)), (count, classes))
        self.assertEqual(len(notes), 1, notes)
        self.assertRegex(notes[0], note)

    def test_nothing_else_is_said_of_a_plain_folder(self):
        self.assertEqual(self.imported()[1], [])

    def test_class_folders_that_are_none_or_one_twice(self):
        for names, pattern in ((("train", "val"), "parts of a data set"), (("Test", "training", "valid"), "parts of a data set"),
                               (("ant", "ant "), "look alike"), (("K\u00e4fer", "Ka\u0308fer"), "look alike"),
                               (("ant", "\ufeffant"), "look alike"), (("ant\nbee", "bee"), "a control character")):
            with self.subTest(names):
                self.source = self.lay({f"{name}/0.jpg": grey(10) for name in names}, f"of {len(os.listdir(self.folder))}")
                self.refuse(pattern)
        self.source = self.lay({f"{name}/0.jpg": grey(10) for name in ("a", "A", "\u00e4")}, "letters")
        self.assertEqual(len(self.imported()[0].class_names), 3)


class Links(Folders):
    def test_loops(self):
        os.symlink(".", self.at("ant", "self"))
        os.symlink("..", self.at("ant", "up"))
        os.symlink(self.folder, self.at("bee", "far"))
        os.symlink(".", self.at("whole"))  # would be a class of its own
        self.check(r"left out: links to a folder above: 4 \(whole, ...\)")

    def test_a_folder_is_entered_once(self):
        self.lay({"ant/deep/9.jpg": grey(200)})
        for name in ("again", "and_again"):
            os.symlink("deep", self.at("ant", name))
        os.symlink("../..", self.at("ant", "deep", "out"))
        self.check(r"second names of the same file or folder: 2 \(ant/again, ...\); links to a folder above: 1 \(ant/deep/out\)", 7)

    def test_hard_and_symbolic_links_to_a_file(self):
        os.link(self.at("ant", "0.jpg"), self.at("ant", "8.jpg"))
        os.symlink("1.jpg", self.at("ant", "00.jpg"))
        self.check(r"second names of the same file or folder: 2 \(ant/8.jpg, ...\)")

    def test_a_file_under_two_classes(self):
        os.link(self.at("ant", "0.jpg"), self.at("bee", "8.jpg"))
        self.refuse("bee/8.jpg: is the same file as .*ant/0.jpg, of another class")
        os.unlink(self.at("bee", "8.jpg"))
        os.symlink("ant", self.at("copy"))
        self.refuse("copy/0.jpg: is the same file as .*ant/0.jpg")

    def test_links_to_data_elsewhere_count(self):
        self.lay({"more/9.jpg": grey(90), "one.jpg": grey(70), "third/a.jpg": grey(50)}, "elsewhere")
        os.symlink(self.path("elsewhere", "more"), self.at("ant", "more"))
        os.symlink(self.path("elsewhere", "one.jpg"), self.at("bee", "one.jpg"))
        os.symlink(self.path("elsewhere", "third"), self.at("cat"))
        data, notes = self.imported()
        self.assertEqual((data.labels.tolist(), data.class_names, notes), ([0] * 4 + [1] * 4 + [2], ["ant", "bee", "cat"], []))

    def test_links_to_nowhere(self):
        os.symlink("nowhere", self.at("ant", "notes.txt"))
        self.check(r"files of another kind: 1 \(notes.txt\)|ant/notes.txt")
        os.symlink("me.jpg", self.at("ant", "me.jpg"))
        self.refuse("me.jpg: cannot be read: Too many levels of symbolic links")

    def test_flat_folder(self):
        self.source = self.lay({f"{number}.jpg": grey(40 * number + 10) for number in range(3)}, "flat")
        os.link(self.at("0.jpg"), self.at("3.jpg"))
        with open(self.path("truth.txt"), "w", encoding="ascii") as file:
            file.write("a\nb\na\na\n")
        data, notes = self.imported("--truth", self.path("truth.txt"))
        self.assertEqual((data.labels.tolist(), notes), ([0, 1, 0], ["left out: second names of the same file or folder: 1 (3.jpg)"]))
        with open(self.path("truth.txt"), "w", encoding="ascii") as file:
            file.write("a\nb\na\nb\n")
        self.refuse("3.jpg: is the same file as 0.jpg, of another class", "--truth", self.path("truth.txt"))


class Leftovers(Folders):
    def test_pipes_and_sockets(self):
        os.mkfifo(self.at("ant", "p.png"))
        os.mkfifo(self.at("bee.jpg"))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.at("bee", "s.jpg"))
            self.check(r"pipes, sockets and devices: 3 \(")
        os.unlink(self.at("ant", "0.jpg"))
        os.mkfifo(self.path("truth"))
        self.source = self.at("ant")
        self.refuse("truth: is no regular file", "--truth", self.path("truth"))

    def test_hidden_files_and_folders(self):
        names = ("ant/._0.jpg", ".ipynb_checkpoints/0.jpg", "ant/.ipynb_checkpoints/0-checkpoint.jpg", "__MACOSX/ant/._0.jpg", "bee/Thumbs.db",
                 "bee/desktop.ini", "ant/@eaDir/0.jpg", "lost+found/0.jpg", "ant/0.jpg~", ".git/a.png", "bee/.nfs0001", "$RECYCLE.BIN/x.jpg")
        self.lay({name: grey(99) for name in names})
        os.chmod(self.at("lost+found"), 0)
        self.addCleanup(os.chmod, self.at("lost+found"), 0o700)
        self.check(r"left out: hidden, or left by a system or editor: 12 \(")

    def test_files_of_another_kind(self):
        self.lay({"ant/a.gif": b"GIF89a", "bee/b.webp": b"RIFF", "readme.txt": b"", "ant/README": b""})
        self.check(r"left out: files of another kind: 4 \(readme.txt, ...\)")

    def test_endings_in_capitals(self):
        self.lay({"ant/8.JPG": grey(8), "ant/9.PNG": png(Image.new("RGB", (40, 40))), "bee/9.JpEg": grey(9)})
        self.assertEqual(len(self.imported()[0].labels), 9)

    def test_names_that_are_no_text(self):
        with open(os.path.join(os.fsencode(self.source), b"ant", b"caf\xe9.txt"), "wb"):
            pass
        with open(self.at("ant", "line\nbreak\x1b.txt"), "wb"):
            pass
        self.check(r"files of another kind: 2 \(ant/caf\\udce9.txt, ...\)")

    def test_raw_folders(self):
        root = self.lay(dict(logs(), **{"MHEALTHDATASET/README.txt": b"", "MHEALTHDATASET/._mHealth_subject1.log": b"x"}), "health")
        inside = os.path.join(root, "MHEALTHDATASET")
        os.symlink("..", os.path.join(inside, "loop"))
        os.link(os.path.join(inside, "mHealth_subject2.log"), os.path.join(root, "mHealth_subject2.log"))
        os.mkfifo(os.path.join(root, "mHealth_subject3.log"))
        code, out, said = command(import_mhealth, root, self.path("m.h5"))
        self.assertEqual((code, said), (0, ""))
        for part in ("hidden, or left by a system or editor: 1 (", "files of another kind: 1 (", "pipes, sockets and devices: 1 (mHealth_subject3.log)",
                     "second names of the same file or folder: 1 (", "links to a folder above: 1 (MHEALTHDATASET/loop)"):
            self.assertIn(part, out)


class Pixels(Folders):
    def first(self, content, name="ant/0.png"):
        os.unlink(self.at("ant", "0.jpg"))
        self.lay({name: content})
        data, notes = self.imported()
        return data.samples[0].reshape(3, 32, 32), notes

    def test_sixteen_bits_are_scaled(self):
        for value in (0, 255, 256, 0x7fff, 0xffff):
            self.setUp()
            pixels, notes = self.first(png(Image.fromarray(np.full((40, 40), value, np.uint16))))
            self.assertEqual((set(pixels.reshape(-1).tolist()), notes), ({round(value / 257)}, []), value)

    def test_other_modes_keep_their_brightness(self):
        palette = Image.new("P", (40, 40), 7)
        palette.putpalette([0] * 21 + [10, 20, 30] + [255] * 9)
        cases = {"1 bit": (Image.new("1", (40, 40), 1), [255, 255, 255]), "palette": (palette, [10, 20, 30]), "grey": (Image.new("L", (40, 40), 77), [77] * 3),
                 "grey and alpha": (Image.new("LA", (40, 40), (66, 255)), [66] * 3), "alpha": (Image.new("RGBA", (40, 40), (1, 2, 3, 255)), [1, 2, 3])}
        for case, (image, expected) in cases.items():
            self.setUp()
            with self.subTest(case):
                pixels, notes = self.first(png(image))
                self.assertEqual((pixels[:, 5, 5].tolist(), notes), (expected, []))

    def test_cmyk(self):
        content = io.BytesIO()
        Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(content, "JPEG")
        pixels, _ = self.first(content.getvalue(), "ant/0.jpg")
        np.testing.assert_allclose(pixels[:, 5, 5], [255, 0, 0], atol=3)

    def test_transparency_and_orientation_are_said(self):
        turned = Image.Exif()
        turned[0x0112] = 6
        content = io.BytesIO()
        Image.new("RGB", (40, 50)).save(content, "JPEG", exif=turned)
        self.lay({"bee/t.jpg": content.getvalue(), "bee/u.png": png(Image.new("P", (40, 40)), transparency=0), "bee/v.png": png(Image.new("LA", (40, 40), (9, 3)))})
        notes = self.imported()[1]
        self.assertEqual(len(notes), 2)
        self.assertRegex(" ".join(notes), r"transparent pixels, .*: 2 \(.*u.png, ...\).* EXIF orientation, .*: 1 \(.*t.jpg\)")

    def test_moving_pictures(self):
        frames = png(Image.new("RGB", (40, 40)), save_all=True, append_images=[Image.new("RGB", (40, 40), (255, 0, 0))])
        self.lay({"ant/m.png": frames})
        self.refuse("m.png: holds 2 pictures")
        gif = io.BytesIO()
        Image.new("P", (40, 40)).save(gif, "GIF")
        self.lay({"ant/m.png": gif.getvalue()})
        self.refuse("m.png: is no whole image")


class Layouts(FolderTest):
    """MNIST and CIFAR-10 as others leave them: the same content from each, second forms of a file are left out and said."""

    def imported(self, module, source, *said):
        code, out, error = command(module, source, self.path("out.h5"))
        self.assertEqual((code, error), (0, ""))
        for text in said:
            self.assertIn(text, out)
        return dataset.read(self.path("out.h5")).content_sha256()

    def test_mnist(self):
        files = digits()
        packed = {name + ".gz": gzip.compress(content) for name, content in files.items()}
        dotted = {name.replace("-idx", ".idx"): content for name, content in files.items()}
        layouts = [{f"MNIST/raw/{name}": content for name, content in {**files, **packed}.items()},  # TorchVision
                   {f"{name}/{name}": content for name, content in files.items()},  # a folder per file
                   {**dotted, **{f"{name}/{name}": content for name, content in files.items()}},  # Kaggle
                   {f"{name}/{name}": content for name, content in dotted.items()}, {**files, "MNIST/processed/training.pt": b"x"},
                   {**{f"a/{name}": content for name, content in packed.items()}, **{f"b/{name}": content for name, content in files.items()}}]
        contents = {self.imported(import_mnist, self.lay(layout, f"layout{number}")) for number, layout in enumerate(layouts)}
        contents |= {self.imported(import_mnist, self.pack_zip(layouts[2]), "further copies of the same data: 4 (")}
        contents |= {self.imported(import_mnist, self.pack_tar(layouts[0]), "further copies of the same data: 4 (")}
        self.assertEqual(len(contents), 1)

    def test_mnist_beside_another_set(self):
        other = {name: content[:-1] + bytes([content[-1] ^ 1]) for name, content in digits().items()}
        source = self.lay({**{f"MNIST/raw/{name}": content for name, content in digits().items()}, **{f"FashionMNIST/raw/{name}": content for name, content in other.items()}})
        self.refused(import_mnist, [source, self.path("m.h5")], "a second set of files", self.path("m.h5"))

    def test_cifar10(self):
        files = batches()
        packed = {name + ".gz": gzip.compress(content) for name, content in files.items() if name.endswith(".bin")}
        kaggle = {f"{os.path.basename(name)}/{os.path.basename(name)}": content for name, content in files.items()}
        contents = {self.imported(import_cifar10, self.lay(layout, f"layout{number}")) for number, layout in enumerate((files, {**files, **packed}, kaggle))}
        self.assertEqual(len(contents), 1)


if __name__ == "__main__":
    unittest.main()
