"""Tiny made-up sources, and a way to run the commands of data/ inside the test's own process."""
import contextlib
import io
import os
import sys
import tarfile
import tempfile
import unittest
import zipfile
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "data")
sys.path[:0] = [DATA, os.path.join(ROOT, "postprocess")]
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy comes: small products gain nothing from more
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from PIL import Image  # noqa: E402  (after the path is set)

from deepfog import program  # noqa: E402

LOG = "MHEALTHDATASET/mHealth_subject{}.log"
VIEW = "multiview/{}_dir/{}_images/c{}_{}_{:08d}.jpg"


class FolderTest(unittest.TestCase):
    """A test with a temporary folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def lay(self, files, name="source"):
        """Writes {relative path: bytes} as a folder; returns its path."""
        root = self.path(name)
        os.makedirs(root, exist_ok=True)
        for inside, content in files.items():
            path = os.path.join(root, inside)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        return root

    def pack_tar(self, files, name="source.tar.xz"):
        path = self.path(name)
        with tarfile.open(path, "w:" + name.rpartition(".tar")[2].lstrip(".")) as archive:
            for inside, content in files.items():
                member = tarfile.TarInfo(inside)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return path

    def pack_zip(self, files, name="source.zip"):
        path = self.path(name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inside, content in files.items():
                archive.writestr(inside, content)
        return path

    def refused(self, module, arguments, pattern, output):
        """The command ends with code 2 and one line that matches, and leaves nothing at or beside the output."""
        beside = os.path.dirname(output)
        before = sorted(os.listdir(beside)) if os.path.isdir(beside) else None
        code, _, said = command(module, *arguments)
        self.assertEqual(code, 2, said)
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertRegex(said, pattern)
        self.assertRegex(said, r"allowed|--help")
        if before is not None:
            self.assertEqual(sorted(os.listdir(beside)), before)


def command(module, *arguments):
    """Runs module.main() as a command: (exit code, stdout, stderr)."""
    out, said = io.StringIO(), io.StringIO()
    script = os.path.join(DATA, module.__name__ + ".py")
    with mock.patch.object(sys, "argv", [script, *arguments]), contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        try:
            program.run(module.main)
        except SystemExit as end:
            return end.code or 0, out.getvalue(), said.getvalue()
    raise AssertionError("a command must end the process")


def row(label, start=0, separator=" ", ending="\n"):
    """One line of a log: 23 features counting up from `start`."""
    return separator.join([str(start + column) for column in range(23)] + [str(label)]) + ending


def logs(subjects=range(1, 11), separator=" ", ending="\n"):
    """{path: bytes} of logs with every label 0..12 once a subject."""
    return {LOG.format(subject): "".join(row(label, 100 * subject + label, separator, ending) for label in range(13)).encode()
            for subject in subjects}


def jpeg(color=(200, 90, 30), size=(32, 32), mode="RGB", form="JPEG"):
    content = io.BytesIO()
    Image.new(mode, size, color if mode == "RGB" else color[0]).save(content, form)
    return content.getvalue()


def views(per_part=4):
    """{path: bytes} of whole objects: in each part `per_part` of each class, camera 2 black in person number 0."""
    files = {}
    for part in ("train", "test", "holdout"):
        for label, name in enumerate(("person", "car", "bus")):
            for index in range(per_part):
                for camera in range(6):
                    black = name == "person" and index == 0 and camera == 2
                    color = (0, 0, 0) if black else (40 * camera + 10, 80 * label + 20, 50)
                    # the same (class, index, frame) must not be in two parts: the frame tells them apart
                    frame = {"train": 100, "test": 200, "holdout": 300}[part]
                    files[VIEW.format(part, name, camera, index, frame)] = jpeg(color)
    return files
