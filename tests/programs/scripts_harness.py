"""The job scripts as a user calls them, with stand-ins for the programs that a machine may lack."""
import os
import subprocess

from harness import LIMIT_S, PROGRAM, ROOT, ProgramTest


class ScriptsTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment["DEEPFOG_BUILD_DIR"] = os.path.dirname(PROGRAM)

    def script(self, *words, environment=None):
        return subprocess.run([os.path.join(ROOT, words[0]), *words[1:]], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              cwd=self.folder, env={**self.environment, **(environment or {})}, stdin=subprocess.DEVNULL)

    def stand_in(self, folder, name, text):
        """A shell script in a folder for PATH."""
        os.makedirs(self.path(folder), exist_ok=True)
        path = os.path.join(self.path(folder), name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{text}\n")
        os.chmod(path, 0o755)
