"""prepare.sh and get.sh run whole, in a copy of data/ with a cache of its own."""
import glob
import os
import shutil
import stat
import subprocess
import unittest

from made_up import DATA, FolderTest, logs
from test_image_sets import batches, digits, records

import dataset
import import_mhealth
from raw_source import RawSource


class Checkout(FolderTest):
    """A copy of the scripts at <folder>/main/data, so that neither the real cache nor real archives play a part."""

    def setUp(self):
        super().setUp()
        self.data = self.path("main", "data")
        os.makedirs(self.data)
        for path in glob.glob(os.path.join(DATA, "*.py")) + glob.glob(os.path.join(DATA, "*.sh")):
            shutil.copy(path, self.data)
        shutil.copytree(os.path.join(DATA, os.pardir, "postprocess", "deepfog"), self.path("main", "postprocess", "deepfog"))
        os.makedirs(self.path("main", "jobs"))
        shutil.copy(os.path.join(DATA, os.pardir, "jobs", "preamble.sh"), self.path("main", "jobs"))

    def shell(self, script, *arguments, **environment):
        settings = {key: value for key, value in os.environ.items() if key not in ("DEEPFOG_DATA_DIR", "DEEPFOG_PYTHON")}
        return subprocess.run([os.path.join(self.data, script), *arguments], env=dict(settings, **environment), cwd=self.folder,
                              capture_output=True, text=True, timeout=60, check=False)

    def cache(self, name=""):
        return os.path.join(self.data, "cache", name)


class Prepare(Checkout):
    def prepared(self, origin, path, **environment):
        """mhealth is made ready at `path`; then a second run is silent and touches nothing."""
        first = self.shell("prepare.sh", "mhealth", **environment)
        self.assertEqual((first.returncode, first.stdout), (0, path + "\n"), first.stderr)
        data = dataset.read(path)
        self.assertEqual(data.origin, origin)
        before = os.stat(path)
        second = self.shell("prepare.sh", "mhealth", **environment)
        self.assertEqual((second.returncode, second.stdout, second.stderr), (0, path + "\n", ""))
        self.assertEqual((os.stat(path).st_mtime_ns, os.stat(path).st_ino), (before.st_mtime_ns, before.st_ino))
        return data, first.stderr

    def raw(self, folder, files=None):
        os.makedirs(self.path(folder), exist_ok=True)
        return self.pack_zip(files or logs(), os.path.join(folder, "mhealth.zip"))

    def refused(self, pattern, **environment):
        run = self.shell("prepare.sh", "mhealth", **environment)
        self.assertEqual((run.returncode, run.stdout, run.stderr.count("\n")), (2, "", 1), run.stderr)
        self.assertRegex(run.stderr, pattern)

    def test_without_raw_data_it_is_synthetic_and_says_so(self):
        _, said = self.prepared("synthetic", self.cache("mhealth.synthetic.h5"))
        self.assertEqual(said.count("\n"), 1)
        self.assertRegex(said, "^WARNING: .*SYNTHETIC")

    def test_beside_an_installed_program_the_working_folder_holds_the_cache(self):
        with open(self.path("main", "installed"), "w", encoding="ascii"):
            pass
        self.prepared("synthetic", self.path("data", "cache", "mhealth.synthetic.h5"))
        self.assertFalse(os.path.exists(self.cache()))
        run = self.shell("get.sh", "camera")
        self.assertIn(self.path("data", "cache", "multiview_camera.tar.xz"), run.stderr)

    def test_raw_data_in_each_place(self):
        for folder in ("main/data/cache", "shared/data"):
            with self.subTest(folder):
                raw = self.raw(folder)
                data, _ = self.prepared("real", self.cache("mhealth.h5"))
                self.assertEqual(data.source, "mhealth.zip")
                os.unlink(raw)
                os.unlink(self.cache("mhealth.h5"))

    def test_own_folder(self):
        self.raw("own")
        self.prepared("real", self.path("own", "mhealth.h5"), DEEPFOG_DATA_DIR=self.path("own"))
        self.assertFalse(os.path.exists(self.cache("mhealth.h5")))

    def test_own_folder_holds_the_logs_themselves(self):
        self.lay({os.path.basename(name): content for name, content in logs().items()}, "own")
        self.prepared("real", self.path("own", "mhealth.h5"), DEEPFOG_DATA_DIR=self.path("own"))

    def test_own_folder_that_is_read_only(self):
        self.raw("own")
        os.chmod(self.path("own"), 0o555)
        self.addCleanup(os.chmod, self.path("own"), 0o755)
        self.prepared("real", self.cache("mhealth.h5"), DEEPFOG_DATA_DIR=self.path("own"))
        self.assertEqual(os.listdir(self.path("own")), ["mhealth.zip"])

    def test_unpacked_folder_and_its_change(self):
        self.lay(logs(), "main/data/cache")  # lays MHEALTHDATASET
        before, _ = self.prepared("real", self.cache("mhealth.h5"))
        self.lay(logs(separator="  "), "main/data/cache")
        after, said = self.prepared("real", self.cache("mhealth.h5"))
        self.assertIn("samples made from", said)
        self.assertNotEqual(before.source_sha256, after.source_sha256)
        self.assertEqual(before.content_sha256(), after.content_sha256())

    def test_real_data_replace_the_stand_in(self):
        self.prepared("synthetic", self.cache("mhealth.synthetic.h5"))
        self.raw("main/data/cache")
        self.prepared("real", self.cache("mhealth.h5"))

    def test_own_file_stands_before_raw_data_of_a_later_folder(self):
        raw = self.raw("main/data/cache")
        self.prepared("real", self.cache("mhealth.h5"))
        os.unlink(raw)
        self.raw("shared/data", dict(logs(separator="\t")))
        run = self.shell("prepare.sh", "mhealth")
        self.assertEqual((run.stdout, run.stderr), (self.cache("mhealth.h5") + "\n", ""))

    def test_own_file_without_a_source_digest_stands(self):
        os.makedirs(self.cache())
        data = import_mhealth.build(RawSource(self.lay(logs())))
        data.source_sha256 = ""
        dataset.write(self.cache("mhealth.h5"), data)
        self.prepared("real", self.cache("mhealth.h5"))

    def test_damaged_raw_data_are_an_error_not_a_reason_for_synthetic(self):
        with open(self.raw("main/data/cache"), "r+b") as file:
            file.truncate(700)
        self.refused(r"mhealth\.zip: the archive is damaged or cut short")
        self.assertEqual(os.listdir(self.cache()), ["mhealth.zip"])

    def test_damaged_file(self):
        os.makedirs(self.cache())
        with open(self.cache("mhealth.h5"), "wb") as file:
            file.write(b"no data")
        self.refused(r"mhealth\.h5: is no data-set file")
        self.raw("shared/data")
        self.prepared("real", self.cache("mhealth.h5"))

    def test_bad_calls(self):
        self.refused("DEEPFOG_DATA_DIR: .* is no folder", DEEPFOG_DATA_DIR=self.path("nowhere"))
        for arguments in ((), ("radar",), ("mhealth", "camera")):
            run = self.shell("prepare.sh", *arguments)
            self.assertEqual((run.returncode, run.stderr.count("\n")), (2, 1), run.stderr)

    def test_camera_stand_in(self):
        run = self.shell("prepare.sh", "camera")
        self.assertEqual((run.returncode, run.stdout), (0, self.cache("camera.synthetic.h5") + "\n"))
        self.assertIn("SYNTHETIC", run.stderr)

    def test_images(self):
        bare = {os.path.basename(name): content for name, content in batches().items()}
        subset = {"cifar10_train_12.bin": records([1] * 12), "cifar10_test_3.bin": records([2] * 3)}
        places = (("cifar10", "main/data/cache/cifar-10-batches-bin", bare, 26), ("cifar10", "shared/data", subset, 15),
                  ("mnist", "shared/data/mnist", digits(), 25), ("mnist", "main/data/cache", digits(), 25),
                  ("mnist-tiles", "shared/data/mnist", digits(), 25), ("mnist-tiles", "main/data/cache", digits(), 25))
        for name, folder, files, rows in places:
            with self.subTest(folder):
                raw = self.lay(files, folder)
                run = self.shell("prepare.sh", name)
                self.assertEqual((run.returncode, run.stdout), (0, self.cache(name + ".h5") + "\n"), run.stderr)
                self.assertEqual(len(dataset.read(self.cache(name + ".h5")).labels), rows)
                again = self.shell("prepare.sh", name)
                self.assertEqual((again.stdout, again.stderr), (run.stdout, ""))
                for file in files:
                    os.unlink(os.path.join(raw, file))
                if os.path.basename(raw) not in ("cache", "data"):
                    os.rmdir(raw)
                os.unlink(self.cache(name + ".h5"))

    def test_no_python_with_the_packages(self):
        for name in ("bash", "readlink", "grep"):
            os.makedirs(self.path("bin"), exist_ok=True)
            os.symlink(shutil.which(name), self.path("bin", name))
        with open(os.path.join(self.data, "prepare.sh"), encoding="ascii") as file:
            script = file.read().replace("/usr/bin/python3", self.path("nopython"))
        with open(os.path.join(self.data, "prepare.sh"), "w", encoding="ascii") as file:
            file.write(script)
        run = self.shell("prepare.sh", "mhealth", PATH=self.path("bin"))
        self.assertEqual((run.returncode, run.stderr.count("\n")), (2, 1), run.stderr)
        self.assertIn("apt-get install python3-numpy python3-h5py python3-pil", run.stderr)


class Get(Checkout):
    def tools(self, curl):
        """PATH of a folder with a made-up curl beside the few tools the script uses."""
        folder = self.path("bin")
        os.makedirs(folder)
        for name in ("sh", "bash", "readlink", "dirname", "mkdir", "rm", "mv", "head", "cat", "od", "tr", "rmdir"):
            os.symlink(shutil.which(name), os.path.join(folder, name))
        if curl:
            path = os.path.join(folder, "curl")
            with open(path, "w", encoding="ascii") as file:
                file.write("#!/bin/sh\nwhile [ $# -gt 1 ]; do [ \"$1\" = --output ] && out=$2; url=$2; shift; done\n" + curl)
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        return folder

    def get(self, name, curl):
        return self.shell("get.sh", *name, PATH=self.tools(curl))

    def test_download(self):
        run = self.get(["mhealth"], 'printf "PK and the rest of $url" > "$out"\n')
        self.assertEqual(run.returncode, 0, run.stderr)
        with open(self.cache("mhealth.zip"), encoding="ascii") as file:
            self.assertIn("archive.ics.uci.edu/static/public/319/", file.read())
        self.assertEqual(os.listdir(self.cache()), ["mhealth.zip"])
        self.assertIn("is there already", self.shell("get.sh", "mhealth").stdout)

    def test_no_network(self):
        run = self.get(["mhealth"], 'printf PK > "$out"; exit 6\n')
        self.assertEqual((run.returncode, os.listdir(self.cache())), (1, []))
        self.assertIn("https://archive.ics.uci.edu/dataset/319/", run.stderr)
        self.assertIn(self.cache("mhealth.zip"), run.stderr)

    def test_a_page_instead_of_the_archive(self):
        run = self.get(["mhealth"], 'printf "<html>" > "$out"\n')
        self.assertEqual((run.returncode, os.listdir(self.cache())), (1, []))

    def test_no_tool(self):
        run = self.get(["mhealth"], None)
        self.assertEqual(run.returncode, 1)
        self.assertIn("neither curl nor wget", run.stderr)

    def test_own_folder(self):
        os.makedirs(self.path("own"))
        run = self.shell("get.sh", "mhealth", PATH=self.tools('printf PK > "$out"\n'), DEEPFOG_DATA_DIR=self.path("own"))
        self.assertEqual((run.returncode, os.listdir(self.path("own"))), (0, ["mhealth.zip"]))

    def test_images(self):
        gzip = 'printf "\\037\\213 $url" > "$out"\n'
        four = sorted(f"{part}.gz" for part in digits())
        for name, files in (("cifar10", ["cifar-10-binary.tar.gz"]), ("mnist", four), ("mnist-tiles", four)):
            shutil.rmtree(self.path("bin"), ignore_errors=True)
            run = self.get([name], gzip)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertTrue(run.stdout.endswith(f"next: data/prepare.sh {name}\n"), run.stdout)
            folder = self.cache("mnist" if files is four else "")
            self.assertEqual(sorted(file for file in os.listdir(folder) if file != "mnist"), files)
            for file in files:
                with open(os.path.join(folder, file), "rb") as content:
                    self.assertTrue(content.read().endswith(file.encode()))
            shutil.rmtree(self.cache())

    def test_images_without_network_or_with_a_page(self):
        for name, curl in (("cifar10", "exit 6\n"), ("mnist", "exit 6\n"), ("mnist-tiles", "exit 6\n"), ("cifar10", 'printf "<html>" > "$out"\n'), ("mnist", 'printf "<html>" > "$out"\n')):
            shutil.rmtree(self.path("bin"), ignore_errors=True)
            run = self.get([name], curl)
            self.assertEqual((run.returncode, os.listdir(self.cache())), (1, []), run.stderr)
            self.assertIn(f"data/prepare.sh {name}\n", run.stderr)

    def test_camera_says_what_to_fetch(self):
        run = self.shell("get.sh", "camera")
        self.assertEqual(run.returncode, 1)
        for part in ("epfl.ch/labs/cvlab", "c{0-5}_{index}_{frame}.jpg", self.cache("multiview_camera.tar.xz"), "data/prepare.sh camera"):
            self.assertIn(part, run.stderr)

    def test_bad_calls(self):
        run = self.shell("get.sh", "radar")
        self.assertEqual((run.returncode, run.stderr), (2, "get.sh: unknown data set 'radar' (mhealth, mhealth-windows, camera, cifar10, mnist, mnist-tiles allowed)\n"))
        self.assertEqual(self.shell("get.sh").returncode, 2)


if __name__ == "__main__":
    unittest.main()
