"""jobs/build.sh: a build folder that belongs to other sources, or lost its tools, is never built upon; what fails is an exit code."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import LIMIT_S, ROOT

PROJECT = "cmake_minimum_required(VERSION 3.16)\nproject(stub CXX)\nadd_executable(deepfog main.cpp)\n"
SOURCE = '#include <cstdio>\nint main() { std::puts("first"); }\n'


class BuildTest(unittest.TestCase):
    """Checkouts of a stub in place of the program."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="dfog")
        self.addCleanup(shutil.rmtree, self.folder)
        self.first = os.path.join(self.folder, "a b #1")
        os.makedirs(os.path.join(self.first, "jobs"))
        for name in ("build.sh", "preamble.sh"):
            shutil.copy(os.path.join(ROOT, "jobs", name), os.path.join(self.first, "jobs"))
        self.write(self.first, "CMakeLists.txt", PROJECT)
        self.write(self.first, "main.cpp", SOURCE)

    @staticmethod
    def write(checkout, name, text):
        with open(os.path.join(checkout, name), "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def change(checkout, name, pattern, text):
        path = os.path.join(checkout, name)
        with open(path, encoding="utf-8") as file:
            before = file.read()
        after = re.sub(pattern, lambda _: text, before)
        if after == before:
            raise ValueError(f"{path} has no {pattern}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(after)

    def build(self, checkout, **environment):
        """Exit code and what was said."""
        clean = {name: value for name, value in os.environ.items() if name not in ("DEEPFOG_BUILD_DIR", "CXX")}
        done = subprocess.run([os.path.join(checkout, "jobs", "build.sh")], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              stdin=subprocess.DEVNULL, env={**clean, **environment})
        self.assertEqual(done.stdout, "")
        return done.returncode, done.stderr

    def says(self, checkout):
        """What the program that was built there prints."""
        return subprocess.run([os.path.join(checkout, "build", "deepfog")], capture_output=True, text=True, timeout=LIMIT_S, check=True).stdout.strip()

    def test_copied_and_moved_checkouts_build_their_own_sources(self):
        self.assertEqual(self.build(self.first)[0], 0)
        self.assertEqual(self.build(self.first), (0, ""))
        copy, moved = os.path.join(self.folder, "copy"), os.path.join(self.folder, "moved")
        shutil.copytree(self.first, copy, symlinks=True)
        self.change(copy, "main.cpp", "first", "second")
        code, said = self.build(copy)
        self.assertEqual(code, 0, said)
        self.assertIn(f"build: {copy}/build was configured for {self.first}: configured from scratch\n", said)
        self.assertEqual((self.says(copy), self.says(self.first)), ("second", "first"))
        self.assertEqual(self.build(copy), (0, ""))
        os.rename(copy, moved)
        code, said = self.build(moved)
        self.assertEqual((code, self.says(moved)), (0, "second"), said)
        self.assertIn("configured from scratch", said)
        shutil.rmtree(os.path.join(self.folder, "moved", "build"))
        shutil.copytree(os.path.join(self.first, "build"), os.path.join(moved, "build"))
        self.change(moved, "main.cpp", "int main", "no C++ here")
        code, said = self.build(moved)
        self.assertEqual(code, 1, said)
        self.assertIn("FAILED", said)
        self.assertFalse(os.path.exists(os.path.join(moved, "build", "deepfog")), "the original's program is still there")

    def test_build_folder_of_another_checkout_is_left_alone(self):
        self.assertEqual(self.build(self.first)[0], 0)
        other = os.path.join(self.folder, "other")
        shutil.copytree(self.first, other, ignore=shutil.ignore_patterns("build"))
        code, said = self.build(other, DEEPFOG_BUILD_DIR=os.path.join(self.first, "build"))
        self.assertEqual((code, len(said.splitlines())), (2, 1), said)
        self.assertIn(f"is the build folder of {self.first}", said)
        self.assertEqual(self.says(self.first), "first")

    def test_tools_that_have_gone_and_interrupted_configurations(self):
        self.assertEqual(self.build(self.first)[0], 0)
        for variable in ("CMAKE_CXX_COMPILER", "CMAKE_MAKE_PROGRAM", "CMAKE_COMMAND"):
            with self.subTest(variable):
                self.change(self.first, "build/CMakeCache.txt", f"(?m)^{variable}:[A-Z]+=.*", f"{variable}:FILEPATH=/gone/tool")
                code, said = self.build(self.first)
                self.assertEqual((code, self.says(self.first)), (0, "first"), said)
                self.assertIn("needs /gone/tool, which has gone: configured from scratch", said)
        for name in ("build.ninja", "Makefile"):
            if os.path.exists(os.path.join(self.first, "build", name)):
                os.remove(os.path.join(self.first, "build", name))
        self.assertEqual(self.build(self.first)[0], 0)

    def test_every_failing_step_is_an_exit_code(self):
        self.change(self.first, "CMakeLists.txt", "project", 'message(FATAL_ERROR "no")\nproject')
        code, said = self.build(self.first)
        self.assertEqual(code, 1, said)  # the first configuration
        self.change(self.first, "CMakeLists.txt", 'message.*\n', "")
        self.assertEqual(self.build(self.first)[0], 0)
        self.change(self.first, "CMakeLists.txt", "project", 'message(FATAL_ERROR "no")\nproject')
        self.assertEqual(self.build(self.first)[0], 1)  # one that the build tool repeats
        self.change(self.first, "CMakeLists.txt", 'message.*\n', "")
        self.change(self.first, "main.cpp", "puts", "nothing")
        self.assertEqual(self.build(self.first)[0], 1)  # the compiler
        self.change(self.first, "main.cpp", r"std::nothing\(", "extern int nowhere(); return nowhere(); std::puts(")
        self.assertEqual(self.build(self.first)[0], 1)  # the linker


if __name__ == "__main__":
    unittest.main()
