"""Calls of the program that share its loading: see loaded_program.cpp."""
import os
import select
import subprocess
import tempfile


class LoadedProgram:
    """One process; each call is forked from it. A call that takes too long ends it with subprocess.TimeoutExpired."""

    def __init__(self, program, environment):
        self.environment = dict(environment)
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment, bufsize=0,
                                        start_new_session=True)

    def call(self, command, folder, limit):
        """As subprocess.run gives it, text captured."""
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as errors:
            words = [folder, out.name, errors.name, *command]
            self.process.stdin.write(b"".join(os.fsencode(word) + b"\0" for word in (str(len(words)), *words)))
            if not select.select([self.process.stdout], [], [], limit)[0]:
                self.end()
                raise subprocess.TimeoutExpired(command, limit)
            code = int(self.process.stdout.readline())
            return subprocess.CompletedProcess(command, code, out.read().decode(), errors.read().decode())

    def end(self):
        """With a call under way, if there is one."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
