"""A small working checkout in a folder of its own: the scripts, configs and the built program, with stand-ins for what a test must not do.

jobs/setup.sh and jobs/build.sh do nothing there (the suite begins with them), curl and wget find no network, and sbatch runs the script, or
every task of the array one after the other and on one rank, with plain bash and no variable of Slurm's.
"""
import io
import lzma
import os
import resource
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

from harness import PROGRAM, ROOT, mpi_environment

sys.path.insert(0, os.path.join(ROOT, "tests", "data"))
import made_up  # noqa: E402  (after the path is set)

LIMIT_S = 600  # a hang; the slowest command takes a hundredth
SBATCH = """\
#!/usr/bin/env bash
set -u
echo "sbatch $*" >> "$STAND_INS/called"
tasks=0; printed=no
while [[ $1 == -* ]]; do
  case $1 in --array=1-*) tasks=${1#--array=1-} ;; --parsable) printed=yes ;; --*=*) ;; *) echo "sbatch: unexpected $1" >&2; exit 1 ;; esac
  shift
done
code=0
if [ "${STAND_IN_QUEUES:-no}" = yes ]; then exit 0; fi
if [ "$tasks" = 0 ]; then bash "$@" >&2 || code=$?; fi
for ((task = 1; task <= tasks; ++task)); do DEEPFOG_RANKS=1 DEEPFOG_SHARE=$task bash "$@" >&2 || code=$?; done
if [ $printed = yes ]; then echo 7; else echo "Submitted batch job 7"; fi
exit $code
"""
NO_NETWORK = "#!/bin/sh\necho \"${0##*/}: could not resolve host\" >&2\nexit 6\n"


class Checkout:
    """`root` is the working folder of run()."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dfdoc")
        self.root, tools, messages = (os.path.join(self.folder, name) for name in ("checkout", "tools", "m"))
        for folder in (self.root, tools, messages):
            os.mkdir(folder)
        for name in ("jobs", "configs", "postprocess", "data"):
            shutil.copytree(os.path.join(ROOT, name), os.path.join(self.root, name), ignore=shutil.ignore_patterns("cache", "__pycache__", "site.env"))
        for name in ("tests", "packaging"):
            os.symlink(os.path.join(ROOT, name), os.path.join(self.root, name))
        os.mkdir(os.path.join(self.root, "build"))
        os.symlink(PROGRAM, os.path.join(self.root, "build", "deepfog"))
        for name in ("setup.sh", "build.sh"):
            self.write(os.path.join(self.root, "jobs", name), "#!/bin/sh\n")
        for name, text in (("sbatch", SBATCH), ("curl", NO_NETWORK), ("wget", NO_NETWORK)):
            self.write(os.path.join(tools, name), text)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DEEPFOG_", "SLURM_", "SBATCH_"))}
        environment.update({name: value for name, value in mpi_environment(messages).items() if name.startswith(("OMPI_", "PRTE_", "OMP_"))})
        environment.update(PATH=os.pathsep.join([tools, os.path.join(self.root, "build"), os.environ["PATH"]]), STAND_INS=tools,
                           PYTHONDONTWRITEBYTECODE="1", OPENBLAS_NUM_THREADS="1")
        self.environment = environment

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def remove(self):
        shutil.rmtree(self.folder)

    def run(self, command, python=False, queued=False):
        """(exit code, what was said, seconds of processor time) of a command of bash, or of a piece of Python. `queued`: sbatch runs nothing."""
        interpreter = [sys.executable, "-c"] if python else ["bash", "-c"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([*interpreter, command], cwd=self.root, env={**self.environment, "STAND_IN_QUEUES": "yes" if queued else "no"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LIMIT_S, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return done.returncode, done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def submitted(self):
        """The calls of sbatch, a line each."""
        path = os.path.join(self.environment["STAND_INS"], "called")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()

    def lay_raw_data(self):
        """Raw data in miniature, named as the documents name them."""
        record, least = bytes(3073), 20  # of CIFAR-10: label and picture
        digits = {f"{part}-{kind}-ubyte": content for part, count in (("train", 20), ("t10k", 5)) for kind, content in (
            ("images-idx3", struct.pack(">4i", 2051, count, 28, 28) + bytes(784 * count)), ("labels-idx1", struct.pack(">2i", 2049, count) + bytes(count)))}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name in [f"data_batch_{batch}.bin" for batch in range(1, 6)] + ["test_batch.bin"]:
                member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
                member.size = least * len(record)
                archive.addfile(member, io.BytesIO(least * record))
        image = made_up.jpeg(size=(260, 300))
        logs = {f"raw/mhealth/mHealth_subject{subject}.log": b"".join(60 * made_up.row(label, subject).encode() for label in (1, 2)) for subject in range(1, 5)}
        files = {**logs,
                 **{f"raw/camera/{name}": content for name, content in made_up.views().items()},
                 **{f"raw/mnist/{name}": content for name, content in digits.items()},
                 "cifar-10-binary.tar.gz": packed.getvalue(),
                 "cifar10_train_10000.bin.xz": lzma.compress(least * record, preset=0), "cifar10_test_10000.bin.xz": lzma.compress(least * record, preset=0),
                 "val/n1/a.jpg": image, "val/n2/b.jpg": image, "flat/a.jpg": image, "flat/b.jpg": image, "val.txt": b"a.jpg 0\nb.jpg 1\n",
                 "synsets.txt": b"n1 ant\nn2 bee\n"}
        for name, content in files.items():
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
