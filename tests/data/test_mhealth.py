"""The MHEALTH importer: what it makes of good logs, and its one line for each kind of bad ones."""
import os
import unittest

from made_up import LOG, FolderTest, command, logs, row

import dataset
import import_mhealth
import numpy as np


def with_line(line, number=3, subject=2):
    """Good logs in which one line of one subject is replaced."""
    files = logs()
    lines = files[LOG.format(subject)].decode().split("\n")
    lines[number - 1] = line.rstrip("\n")
    files[LOG.format(subject)] = "\n".join(lines).encode()
    return files


WHERE = r"mHealth_subject2\.log:3: "
BAD_LINES = {
    "truncated row": ("1 2 3", WHERE + "3 values"),
    "row too long": (row(1).strip() + " 7", WHERE + "25 values"),
    "word": (row(1).replace("5 ", "five ", 1), WHERE + "'five' in column 6 is no number"),
    "comma": (row(1).replace(" ", ","), WHERE + "1 values"),
    "decimal comma": (row(1).replace("5 ", "5,5 ", 1), WHERE + "'5,5' in column 6"),
    "not a number": (row(1).replace("5 ", "nan ", 1), WHERE + "nan in column 6"),
    "infinity": (row(1).replace("5 ", "-inf ", 1), WHERE + "-inf in column 6"),
    "beyond float32": (row(1).replace("5 ", "1e39 ", 1), WHERE + "1e39 in column 6"),
    "label too high": (row(13), WHERE + r"label 13 \(0 to 12 allowed\)"),
    "label negative": (row(-1), WHERE + "label -1 "),
    "label with a fraction": (row("2.5"), WHERE + "label 2.5 "),
    "binary": (row(1).replace("5 ", "\0 ", 1), WHERE + "is no text: it holds a zero byte"),
    "underscore": (row(1).replace("5 ", "1_0 ", 1), r"mHealth_subject2\.log:3: '1_0' in column 6"),
}


class BadSource(FolderTest):
    def check(self, source, pattern, *options):
        output = self.path("out", "mhealth.h5")
        os.makedirs(self.path("out"), exist_ok=True)
        self.refused(import_mhealth, [source, output, *options], pattern, output)

    def test_every_kind_of_bad_line_names_file_and_line(self):
        for number, (case, (line, pattern)) in enumerate(BAD_LINES.items()):
            with self.subTest(case):
                self.check(self.lay(with_line(line), f"case{number}"), pattern)

    def test_two_wrong_rows_that_make_up_for_each_other(self):
        files = with_line(row(1).strip() + " 7")
        lines = files[LOG.format(2)].decode().split("\n")
        lines[3] = " ".join(lines[3].split()[1:])
        files[LOG.format(2)] = "\n".join(lines).encode()
        self.check(self.lay(files), WHERE + "25 values")

    def test_last_row_cut(self):
        files = logs()
        files[LOG.format(10)] = files[LOG.format(10)][:-5]
        self.check(self.lay(files), r"mHealth_subject10\.log:13: 2\d values")

    def test_empty_file(self):
        self.check(self.lay(dict(logs(), **{LOG.format(4): b" \n"})), r"subject4\.log: the file is empty")

    def test_empty_folder(self):
        self.check(self.lay({}), r"holds no mHealth_subject\*\.log")

    def test_missing_subjects(self):
        self.check(self.lay(logs(range(1, 9))), r"mHealth_subject9\.log, mHealth_subject10\.log missing")

    def test_unknown_subject(self):
        self.check(self.lay(dict(logs(), **{LOG.format(11): row(1).encode()})), "subject 11 ")

    def test_subject_twice(self):
        self.check(self.lay(dict(logs(), **{"copy/mHealth_subject3.log": row(1).encode()})), "subject 3 is there twice")

    def test_only_rows_without_activity(self):
        files = {name: (row(0) * 5).encode() for name in logs()}
        self.check(self.lay(files), "0 rows with an activity")

    def test_no_source(self):
        self.check(self.path("nothing"), "no such file or folder")

    def test_output_in_no_folder(self):
        output = self.path("nowhere", "mhealth.h5")
        self.refused(import_mhealth, [self.lay(logs()), output], "its folder does not exist", output)

    def test_output_is_a_folder(self):
        os.makedirs(self.path("out", "mhealth.h5"))
        self.check(self.lay(logs()), "is a folder")

    def test_unknown_option(self):
        self.check(self.lay(logs()), "unrecognized arguments: --sed", "--sed=2")


class GoodSource(FolderTest):
    def imported(self, source, *options):
        output = self.path("mhealth.h5")
        code, out, said = command(import_mhealth, source, output, *options)
        self.assertEqual((code, said), (0, ""))
        return dataset.read(output), out

    def test_labels_groups_and_dropped_rows(self):
        data, out = self.imported(self.lay(logs()))
        self.assertEqual(data.samples.shape, (120, 23))
        self.assertEqual(data.samples.dtype, np.float32)
        self.assertIn("120 rows kept, 10 rows of label 0 dropped", out)
        np.testing.assert_array_equal(data.labels, np.tile(np.arange(12), 10))
        np.testing.assert_array_equal(data.group, np.repeat(np.arange(1, 11), 12))
        np.testing.assert_array_equal(data.samples[12], 201 + np.arange(23))  # subject 2, label 1
        self.assertEqual((data.class_names[0], data.class_names[11]), ("Standing still", "Jump front & back"))

    def test_splits(self):
        data, _ = self.imported(self.lay(logs()))
        self.assertEqual(data.default_split, "rows")
        self.assertEqual(np.bincount(data.splits["rows"]).tolist(), [96, 12, 12])
        by_subject = data.splits["subjects"]
        self.assertEqual(set(data.group[by_subject == 2]), {10})
        self.assertEqual(set(data.group[by_subject == 1]), {9})
        self.assertEqual(set(data.group[by_subject == 0]), set(range(1, 9)))

    def test_seed_moves_the_shuffled_split_alone(self):
        one, _ = self.imported(self.lay(logs()))
        two, _ = self.imported(self.lay(logs()), "--seed", "2")
        self.assertFalse(np.array_equal(one.splits["rows"], two.splits["rows"]))
        np.testing.assert_array_equal(one.splits["subjects"], two.splits["subjects"])

    def test_every_form_of_source_gives_the_same_content(self):
        files = dict(logs(), **{"MHEALTHDATASET/README.txt": b"read me", "__MACOSX/._mHealth_subject1.log": b"clutter"})
        forms = [self.lay(files), self.pack_zip(files), self.pack_tar(files), self.pack_tar(files, "source.tar.gz"),
                 self.pack_tar(files, "source.tar.bz2"), self.pack_tar(files, "source.tar")]
        self.assertEqual(len({self.imported(form)[0].content_sha256() for form in forms}), 1)

    def test_tabs_windows_lines_blank_lines_and_floats(self):
        files = logs(separator="\t", ending="\r\n")
        name = LOG.format(1)
        files[name] = files[name].replace(b"101\t", b"1.01E+02\t", 1) + b"\r\n\n"
        data, _ = self.imported(self.lay(files))
        self.assertEqual(data.content_sha256(), self.imported(self.lay(logs(), "plain"))[0].content_sha256())

    def test_floats_are_kept(self):
        data, _ = self.imported(self.lay(with_line(row(5).replace("7 ", "-7.25e-1 ", 1))))
        self.assertIn(np.float32(-0.725), data.samples[:, 7])

    def test_fewer_subjects_when_allowed(self):
        data, _ = self.imported(self.lay(logs((2, 5, 7))), "--allow-missing")
        self.assertEqual(set(data.group[data.splits["subjects"] == 2]), {7})
        alone, out = self.imported(self.lay(logs((3,)), "alone"), "--allow-missing")
        self.assertEqual(list(alone.splits), ["rows"])
        self.assertIn("no split by subjects", out)


if __name__ == "__main__":
    unittest.main()
