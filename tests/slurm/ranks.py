"""What a job's ranks have done, and a halt for them, so that what comes next does not depend on how fast the machine is.

  ranks.py list JOB                   an MPI rank and a process id a line; JOB as Slurm writes it, 12 or 12_3
  ranks.py halt JOB FILE AT_LEAST     SIGSTOP for them once FILE's journal has so many finished units; prints how many it has
  ranks.py go JOB                     SIGCONT
"""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "programs"))

from harness import journal_records  # pylint: disable=wrong-import-position

LIMIT_S = 90


def environment(process):
    """Of a process of the program; empty for any other, and for one that has just ended."""
    try:
        with open(f"/proc/{process}/comm", encoding="ascii", errors="replace") as file:
            if file.read().strip() != "deepfog":
                return {}
        with open(f"/proc/{process}/environ", encoding="utf-8", errors="replace") as file:
            return dict(entry.split("=", 1) for entry in file.read().split("\0") if "=" in entry)
    except OSError:
        return {}


def ranks(job):
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        of = environment(process)
        task = of.get("SLURM_ARRAY_JOB_ID", "") + "_" + of.get("SLURM_ARRAY_TASK_ID", "")
        rank = of.get("OMPI_COMM_WORLD_RANK", of.get("PMIX_RANK"))
        if rank is not None and job in (of.get("SLURM_JOB_ID"), task):
            found.append((int(rank), int(process)))
    return sorted(found)


def send(job, number):
    for _, process in ranks(job):
        os.kill(process, number)


def finished(path):
    return sum(kind in ("training", "sweep", "bounds") for kind in journal_records(path + ".journal"))


def halt(job, path, least):
    deadline = time.monotonic() + LIMIT_S
    while finished(path) < least:
        if time.monotonic() > deadline:
            sys.exit(f"{path}: {finished(path)} units, not {least} within its time")
        time.sleep(0.01)
    send(job, signal.SIGSTOP)
    print(finished(path))


verb, job_id, *rest = sys.argv[1:]
if verb == "list":
    for line in ranks(job_id):
        print(*line)
elif verb == "halt":
    halt(job_id, rest[0], int(rest[1]))
else:
    send(job_id, signal.SIGCONT)
