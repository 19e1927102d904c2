"""Text inputs with byte order marks and any line ends: the same data, or one line; nothing moves by a line without a word."""
import codecs
import unittest

from made_up import FolderTest, command, jpeg, logs

import dataset
import import_images
import import_mhealth
import numpy as np

BOM = codecs.BOM_UTF8
SMALL = ["--resize", "36", "--crop", "32"]
FORMS = {"plain": lambda text: text, "mark": lambda text: BOM + text, "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
         "CR": lambda text: text.replace(b"\n", b"\r"), "mark and CRLF": lambda text: BOM + text.replace(b"\n", b"\r\n"),
         "CRLF twice": lambda text: text.replace(b"\n", b"\r\r\n"), "two marks": lambda text: BOM + BOM + text,
         "files joined": lambda text: b"\n".join(BOM + line for line in text.split(b"\n")), "no last end": lambda text: text[:-1],
         "DOS end": lambda text: text.replace(b"\n", b"\r\n") + b"\x1a"}
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le")


class Texts(FolderTest):
    def setUp(self):
        super().setUp()
        self.source = self.lay({f"{number}.jpg": jpeg((60 * number, 0, 0)) for number in range(4)})

    def text(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def labels(self, *options):
        output = self.path("set.h5")
        code, _, said = command(import_images, self.source, output, *SMALL, *options)
        self.assertEqual((code, said), (0, ""))
        data = dataset.read(output)
        return data.labels.tolist(), data.class_names

    def test_labels_and_class_names_in_every_form(self):
        named, counted = b"0.jpg b\n1.jpg a\n2.jpg b\n3.jpg a\n", b"1\n0\n1\n0\n"
        for form, make in FORMS.items():
            with self.subTest(form):
                self.assertEqual(self.labels("--truth", self.text("truth.txt", make(named))), ([1, 0, 1, 0], ["a", "b"]))
                names = self.text("names.txt", make(b"b the second\na the first\n"))
                self.assertEqual(self.labels("--truth", self.text("truth.txt", make(counted)), "--class-names", names), ([0, 1, 0, 1], ["a", "b"]))

    def test_other_encodings_are_one_line(self):
        names, truth = self.text("names.txt", b"a\nb\n"), self.text("truth.txt", b"0\n1\n0\n1\n")
        for encoding in WIDE:
            wide = self.text("wide.txt", "a\nb\n".encode(encoding))
            for options in (["--truth", wide], ["--truth", truth, "--class-names", wide], ["--truth", wide, "--class-names", names]):
                with self.subTest(encoding=encoding, options=options):
                    self.refused(import_images, [self.source, self.path("set.h5"), *SMALL, *options], r"wide.txt:?1?: is (UTF|no text)", self.path("set.h5"))

    def test_names_that_look_alike_and_other_separators(self):
        for content, pattern in (("0.jpg a\n1.jpg \u200ba\n2.jpg b\n3.jpg b\n", "truth.txt: class names 'a' and .* look alike"),
                                 ("K\u00e4\nKa\u0308\nb\nb\n", "truth.txt: class names .* look alike"),
                                 ("a\nb\na\ufeff\nb\n", "truth.txt: class names .* look alike"),
                                 ("0.jpg,a\n1.jpg,b\n2.jpg,a\n3.jpg,b\n", "truth.txt:1: .* a space between"),
                                 ('"0.jpg";"a"\n"1.jpg";"b"\n"2.jpg";"a"\n"3.jpg";"b"\n', "truth.txt:1: .* a space between"),
                                 ("file,label\n0.jpg,a\n1.jpg,b\n2.jpg,a\n", "truth.txt:2: .* a space between")):
            with self.subTest(content):
                self.refused(import_images, [self.source, self.path("set.h5"), *SMALL, "--truth", self.text("truth.txt", content.encode())], pattern, self.path("set.h5"))

    def test_a_blank_line_where_lines_are_counted(self):
        names = self.text("names.txt", b"a\nb\n")
        for content, options in ((b"0\n\n1\n0\n1\n", ["--class-names", names]), (b"a\n \nb\na\nb\n", [])):
            truth = self.text("truth.txt", content)
            self.refused(import_images, [self.source, self.path("set.h5"), *SMALL, "--truth", truth, *options], "truth.txt:2: is blank", self.path("set.h5"))
        truth = self.text("truth.txt", b"0\n1\n0\n1\n\n\n")
        gap = self.text("gap.txt", b"\xef\xbb\xbf\r\na\r\nb\r\n")
        self.refused(import_images, [self.source, self.path("set.h5"), *SMALL, "--truth", truth, "--class-names", gap], "gap.txt:1: is blank", self.path("set.h5"))
        self.assertEqual(self.labels("--truth", truth, "--class-names", names), ([0, 1, 0, 1], ["a", "b"]))

    def test_logs_in_every_form(self):
        plain, output = logs(range(1, 4)), self.path("m.h5")
        samples = None
        for form, make in FORMS.items():
            source = self.pack_zip({name: make(content) for name, content in plain.items()})
            with self.subTest(form):
                code, _, said = command(import_mhealth, source, output, "--allow-missing")
                self.assertEqual((code, said), (0, ""))
                read = dataset.read(output)
                samples = read.samples if samples is None else samples
                np.testing.assert_array_equal(read.samples, samples)
        wide = self.pack_zip({name: content.decode().encode("utf-16") for name, content in plain.items()}, "wide.zip")
        self.refused(import_mhealth, [wide, self.path("w.h5"), "--allow-missing"], r"subject1\.log: is UTF-16 text", self.path("w.h5"))


if __name__ == "__main__":
    unittest.main()
