"""Waits until a journal has so many finished units, and prints how many it has:   finished_units.py JOURNAL AT_LEAST SECONDS"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "programs"))

from harness import journal_records  # pylint: disable=wrong-import-position

journal, least, deadline = sys.argv[1], int(sys.argv[2]), time.monotonic() + float(sys.argv[3])
while True:
    units = sum(kind in ("training", "sweep", "bounds") for kind in journal_records(journal))
    if units >= least:
        print(units)
        break
    if time.monotonic() > deadline:
        sys.exit(f"{journal}: {units} units, not {least} within its time")
    time.sleep(0.01)
