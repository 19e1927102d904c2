"""The documented commands for data of one's own, from a bare checkout and an installation, as root and as another user."""
import os
import re
import shutil
import subprocess
import sys
import unittest

from made_up import DATA, FolderTest
from test_prepare import Checkout

from deepfog.program import InputError as DataError
from output_place import check_output, replaced_whole

NOBODY = 65534


def example():
    """The script that data/README.md prints."""
    with open(os.path.join(DATA, "README.md"), encoding="utf-8") as file:
        return re.search(r"```python\n(.*?)```", file.read(), re.DOTALL)[1]


class OwnData(Checkout):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        self.work = self.path("main")

    def install(self):
        """The same scripts where an installation has them, and an empty working folder."""
        os.makedirs(self.path("P", "share"))
        shutil.move(self.path("main"), self.path("P", "share", "deepfog"))
        self.data, self.work = self.path("P", "share", "deepfog", "data"), self.path("work")
        with open(self.path("P", "share", "deepfog", "installed"), "w", encoding="ascii"):
            pass
        os.makedirs(self.work)

    def python(self, *arguments, user=None):
        return subprocess.run([sys.executable, *arguments], cwd=self.work, capture_output=True, text=True, timeout=60, check=False, user=user,
                              env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"})

    def everything_works(self, user=None):
        made = self.python(os.path.join(self.data, "make_synthetic.py"), "any", "data/cache/sensors.h5", "--sources", "left:4,right:1x2x3", "--classes", "3",
                           "--samples", "100", user=user)
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        with open(self.path("porch.py"), "w", encoding="utf-8") as file:
            file.write(example().replace('"data")', repr(self.data) + ")", 1))
        own = self.python(self.path("porch.py"), user=user)
        self.assertEqual((own.returncode, own.stderr), (0, ""))
        for name in ("sensors", "porch"):
            checked = self.python(os.path.join(self.data, "dataset.py"), f"data/cache/{name}.h5", user=user)
            self.assertEqual((checked.returncode, checked.stdout.splitlines()[-1]), (0, "VALID"), checked.stderr)

    def test_a_bare_checkout(self):
        self.everything_works()

    def test_an_installation(self):
        self.install()
        self.everything_works()

    @unittest.skipUnless(os.getuid() == 0, "only root can act as another user")
    def test_as_another_user(self):
        os.chown(self.data, NOBODY, NOBODY)
        self.everything_works(NOBODY)

    @unittest.skipUnless(os.getuid() == 0, "only root can act as another user")
    def test_an_installation_as_another_user(self):
        self.install()
        os.chown(self.work, NOBODY, NOBODY)
        self.everything_works(NOBODY)

    @unittest.skipUnless(os.getuid() == 0, "only root can act as another user")
    def test_a_checkout_that_may_not_be_written(self):
        made = self.python(os.path.join(self.data, "make_synthetic.py"), "any", "data/cache/s.h5", "--sources", "left:4", "--classes", "3", user=NOBODY)
        self.assertEqual((made.returncode, made.stderr.count("\n")), (2, 1), made.stderr)
        self.assertIn("cannot be made: Permission denied", made.stderr)


class Places(FolderTest):
    def test_outputs_that_can_never_be_written(self):
        os.symlink("nowhere/x.h5", self.path("dangling.h5"))
        os.symlink("loop.h5", self.path("loop.h5"))
        os.mkfifo(self.path("pipe.h5"))
        for path, pattern in ((self.path("dangling.h5"), "a link into a folder that does not exist"), (self.path("loop.h5"), "Too many levels"), (self.path("pipe.h5"), "no regular file"), (self.folder, "is a folder"),
                              ("/dev/null", "no regular file"), (self.path("n" * 300), "File name too long"), (self.path("no", "x.h5"), "folder does not exist"),
                              ("~/x.h5", "folder does not exist")):
            with self.subTest(path), self.assertRaisesRegex(DataError, pattern):
                check_output(path)

    def test_a_link_stays_and_a_planted_one_is_not_followed(self):
        os.symlink("real.h5", self.path("link.h5"))
        check_output(self.path("link.h5"))  # leads to no file yet, but to a folder
        with replaced_whole(self.path("link.h5")) as temporary:
            self.assertFalse(os.path.islink(temporary))
            with open(temporary, "w", encoding="ascii") as file:
                file.write("new")
        with open(self.path("real.h5"), encoding="ascii") as file:
            self.assertEqual(file.read(), "new")
        self.assertEqual((os.path.islink(self.path("link.h5")), sorted(os.listdir(self.folder))), (True, ["link.h5", "real.h5"]))


if __name__ == "__main__":
    unittest.main()
