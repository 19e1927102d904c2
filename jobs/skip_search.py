#!/usr/bin/env python3
"""Which skip hyperconnections of a network keep the accuracy up: all subsets of them, or a greedy search, each subset a model of a campaign.

The weights are those of one training with all skips (same), or every subset is trained anew with the seeds of the model given (retrained).
The folder keeps every subset that was swept: the same command goes on where it was interrupted, and another search takes what is there.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
import signal
import subprocess
import time

import resilience
import results as results_files
import skip_families
import skip_models
from deepfog.files import write_whole
from deepfog.program import GOOD, RESUMABLE, InputError, Parser, run

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
EXAMPLE = """example:
  jobs/skip_search.py configs/paper-camera.ini --experiment camera --model deepfogguard --setting hazardous -o results/skips-camera
  jobs/skip_search.py configs/paper-camera.ini --experiment camera --model deepfogguard --setting hazardous --weights retrained \\
      --search remove --runs 5 --set campaign.trainer=fused -o results/skips-camera-retrained
  postprocess/skips.py results/skips-camera --out results/skips-camera/report

exit code: 0 good, 1 failed, 2 bad input, 75 interrupted: the same command goes on"""
MOST_SUBSETS, MOST_AT_ONCE = 12, 7  # skips of which all subsets are swept: when asked for, and for a search on the same weights


class Ended(Exception):
    """The program ended with this exit code; it has said why."""


class Search:
    """The campaigns of one folder."""

    def __init__(self, options, base):
        self.options, self.base = options, base
        self.began, self.done = time.monotonic(), 0

    def family(self):
        """skip_families.Family of all campaigns that are complete, and the reliability in the setting; None before the first."""
        experiments = []
        for path in skip_models.campaigns(self.options.output, ".h5"):
            content = results_files.read(path)
            if content.status == "complete" and not content.invalid:
                experiments += [one for one in content.experiments if one.name == self.options.experiment]
        owner = self.options.model if self.options.weights == "same" else ""
        found = [family for family in skip_families.families(*experiments) if family.owner == owner]
        return (found[0], experiments[0].settings[self.options.setting]) if found else (None, None)

    def values(self):
        """{skips that are kept: average accuracies}."""
        family, _ = self.family()
        return family.values(self.options.setting) if family else {}

    def sweep(self, wanted, still):
        """A campaign with the subsets that are not there yet. `still`: how many are left behind it, for the ETA."""
        path = skip_models.next_campaign(self.options.output)
        write_whole(path, self.base.config(wanted, self.options.weights, os.path.splitext(path)[0] + ".h5").encode("utf-8", "surrogateescape"))
        self.run(path, len(wanted), still)

    def finish_begun(self):
        """Campaigns that were interrupted go on first."""
        for path in skip_models.campaigns(self.options.output, ".ini"):
            if not skip_models.complete(os.path.splitext(path)[0] + ".h5"):
                self.run(path, None, None)

    def run(self, config, count, still):
        """One campaign through the launcher."""
        say(f"{os.path.basename(config)}: " + (f"{count} subsets, {still} after them at most{self.eta(count + still)}" if count else "goes on"))
        command = [os.path.join(ROOT, "jobs", "launch.sh"), "--threads", self.base.threads, program(), "run", "--config", config]
        if self.options.ranks:
            command[1:1] = ["--ranks", str(self.options.ranks)]
        code = launched(command)
        if code != 0:
            raise Ended(code)
        self.done += count or 0

    def eta(self, left):
        """', ETA 3 min', as fast as it went so far."""
        if not self.done:
            return ""
        seconds = (time.monotonic() - self.began) / self.done * left
        return f", ETA {seconds:.0f} s" if seconds < 120 else f", ETA {seconds / 60:.0f} min"

    def every(self):
        """All subsets at once; the one with all skips first."""
        known = self.values()
        missing = [kept for kept in reversed(skip_families.subsets(self.base.every)) if kept not in known]
        if missing:
            self.sweep(missing, 0)

    def greedy(self, search):
        """Step by step, each of them one campaign of what is not known yet."""
        every = self.base.every
        while True:
            known = self.values()
            steps = skip_families.path(known, every, search)
            kept = steps[-1].kept if steps else (frozenset() if search == "add" else every)
            ahead = skip_families.candidates(kept, every, search)
            if steps and not ahead:
                return
            wanted = {kept, *ahead.values()} - set(known)
            left = len(ahead)
            self.sweep(sorted(wanted, key=lambda one: (-len(one), sorted(one))), left * (left - 1) // 2)


def launched(command):
    """The exit code of a command that is told to stop when this one is; it ends its unit of work first."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as job:
        before = {word: signal.signal(word, lambda number, _: job.send_signal(number)) for word in (signal.SIGTERM, signal.SIGUSR1)}
        before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda *_: None)  # a terminal tells both
        try:
            return job.wait()
        finally:
            for word, handler in before.items():
                signal.signal(word, handler)


def say(line):
    print(f"skip_search: {line}", file=sys.stderr, flush=True)


def program():
    return os.path.join(os.environ.get("DEEPFOG_BUILD_DIR", os.path.join(ROOT, "build")), "deepfog")


def effective(options):
    """The values in force, from jobs/local.sh, which sets up, builds and prepares the data; InputError as it says itself."""
    sets = [word for one in options.set for word in ("--set", one)]
    done = subprocess.run([os.path.join(ROOT, "jobs", "local.sh"), options.config, *sets, "--print-config=json"], stdout=subprocess.PIPE,
                          encoding="utf-8", errors="surrogateescape", check=False)
    if done.returncode != 0:
        raise Ended(done.returncode)
    return done.stdout


def report(options, base, family, reliability):
    """The order of the skips, and the fewest that are good enough; a table, and a line RESULT for each."""
    values = family.values(options.setting)
    where = f"experiment={options.experiment} model={options.model} setting={options.setting} weights={options.weights}"
    for search in ("add", "remove") if options.search == "every" else (options.search,):
        print(f"\n{options.model}, {options.setting}, " + ("added to none" if search == "add" else "removed from all") + f" one by one, weights {options.weights}:")
        for place, step in enumerate(family.path(options.setting, search, reliability)):
            mean, half = resilience.mean_interval(step.values)
            line = f"RESULT search={search} {where} step={place} skip={step.skip or '-'} skips={len(step.kept)} accuracy={mean:.6f} runs={len(step.values)}"
            cells = f"  {len(step.kept):2d} skips  {step.skip or ('none' if search == 'add' else 'all'):<16} {100 * mean:6.2f}"
            if half is not None:
                line, cells = f"{line} ci95={half:.6f}", f"{cells} ± {100 * half:.2f}"
            if step.interval is not None:
                gain, (low, high) = float(step.gain.mean()), step.interval
                line += f" gain={gain:.6f} gain_low={low:.6f} gain_high={high:.6f} told_apart={int(step.told_apart)}"
                cells += f"  {100 * gain:+.2f} [{100 * low:+.2f}, {100 * high:+.2f}]" + ("" if step.told_apart else " ≈")
            print(cells + "\n" + line)
    if options.at_least is None:
        return
    kept = skip_families.smallest(values, options.at_least)
    known = "all subsets" if len(values) == 2 ** len(base.every) else f"the {len(values)} subsets swept"
    if kept is None:
        print(f"\nnone of {known} reaches {options.at_least}\nRESULT {where} at_least={options.at_least} skips=-1")
        return
    print(f"\nthe fewest skips of {known} that reach {options.at_least}: {' '.join(sorted(kept)) or 'no skip at all is needed'}")
    print(f"RESULT {where} at_least={options.at_least} skips={len(kept)} accuracy={values[kept].mean():.6f} kept={','.join(sorted(kept)) or '-'}")


def main(arguments=None):
    """Plans, runs and reads campaigns until the search has ended."""
    options = _options(arguments)
    try:
        base = skip_models.Base(effective(options), options)
        if options.search == "every" and len(base.every) > MOST_SUBSETS:
            raise InputError(f"--search every: {len(base.every)} skips have {2 ** len(base.every)} subsets (at most {MOST_SUBSETS} skips; --search add or remove)")
        skip_models.claim(options.output, base.identity(options.weights))
        search = Search(options, base)
        search.finish_begun()
        if options.search == "every" or (options.weights == "same" and len(base.every) <= MOST_AT_ONCE):
            search.every()
        else:
            search.greedy(options.search)
    except Ended as end:
        return end.args[0]
    report(options, base, *search.family())
    print(f"\n{options.output}")
    return GOOD


def _options(arguments):
    parser = Parser(prog="skip_search.py", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("config", metavar="CONFIG", help="config of deepfog run that holds the model")
    parser.add_argument("--experiment", required=True, metavar="E")
    parser.add_argument("--model", required=True, metavar="M", help="the network with all its skips, trained as it says")
    parser.add_argument("--setting", metavar="S", help="the reliability setting that decides (default: the experiment's last)")
    parser.add_argument("--weights", choices=("same", "retrained"), default="same", help=f"one training for all subsets (add and remove among more than {MOST_AT_ONCE} skips repeat it, bit by bit, at every step), or "
                        "one for each (default: same)")
    parser.add_argument("--search", choices=("every", "add", "remove"), default="every",
                        help=f"every subset (at most {MOST_SUBSETS} skips), or the best next skip added to none, or removed from all (default: every)")
    parser.add_argument("--at-least", type=float, metavar="X", help="name the fewest skips with this average accuracy, from 0 to 1")
    parser.add_argument("--runs", type=int, metavar="N", help="runs of every training (default: the config's)")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="wins over the config, as in deepfog run")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where the campaigns go")
    parser.add_argument("--ranks", type=int, metavar="N", help="MPI ranks (default: one a core)")
    options = parser.parse_args(arguments)
    for name in ("runs", "ranks"):
        if getattr(options, name) is not None and getattr(options, name) < 1:
            parser.error(f"--{name} {getattr(options, name)}: a whole number from 1 allowed")
    if options.at_least is not None and not 0 <= options.at_least <= 1:
        parser.error(f"--at-least {options.at_least}: from 0 to 1 allowed")
    return options


if __name__ == "__main__":
    run(main, interrupted=RESUMABLE)
