"""Models that are one network with other subsets of its skip hyperconnections, and what they say of each skip."""
from dataclasses import dataclass, field
from itertools import combinations
from math import factorial

import numpy as np

import certainty
import network
import resilience
import summary
import uncertainty

TRAINED = ("training", "failout_rates", "epochs", "optimiser", "learning_rate", "batch_size", "normalise", "class_weights", "max_train_samples")


def parts(text):
    """(skips, the rest) of a topology's text: frozenset of 'a->b', and the other statements, without comments and blanks."""
    skips, rest = set(), []
    for words in network.statements(text):
        if words[:1] == ["link"] and len(words) > 4 and words[2] == "->" and "skip" in words[4:]:
            skips.add(f"{words[1]}->{words[3]}")
        elif words[0] != "topology":
            rest.append(" ".join(words))
    return frozenset(skips), "\n".join(rest)


@dataclass
class Family:
    """One network with some subsets of its skips: each trained anew, or all swept with the weights of one of them."""
    owner: str                                     # the model whose weights all have; empty: retrained
    models: dict = field(default_factory=dict)     # skips that are kept -> results.Model

    @property
    def weights(self):
        """How the table says it."""
        return f"same weights, those of {self.owner}" if self.owner else "retrained"

    @property
    def every(self):
        """All skips that any of the models has."""
        return frozenset().union(*self.models)

    @property
    def whole(self):
        """Whether every subset is there."""
        return bool(self.every) and all(subset in self.models for subset in subsets(self.every))

    def judge(self, steps, reliability):
        """The steps with intervals over runs and test samples, where all their models have results by sample."""
        models = [self.models[step.kept] for step in steps]
        runs = summary.runs_in_common(self.models.values())
        if len(steps) < 2 or any(model.right is None for model in models) or len(steps) * len(runs) * models[0].right.samples > certainty.MOST_CELLS:
            return steps
        weighted = [model.right.weighted(model.right.chances(reliability))[np.searchsorted(model.runs, runs)] for model in models]
        found = uncertainty.estimates(np.stack(weighted))
        for step, one, before in zip(steps[1:], found[1:], found):
            difference = one.less(before)
            step.both = difference.low, difference.high
        return steps

    def path(self, setting, search, reliability):
        """[Step] of a greedy search, see path(); empty where the models share no run."""
        values = self.values(setting)
        return self.judge(path(values, self.every, search), reliability) if values else []

    def values(self, setting):
        """{skips that are kept: average accuracies}, of the runs that all models have finished, sorted; empty where they share none."""
        found = summary.common_runs(self.models.values(), setting)
        return dict(zip(self.models, found)) if found.size else {}


def subsets(every):
    """All subsets, the smallest first."""
    return [frozenset(chosen) for size in range(len(every) + 1) for chosen in combinations(sorted(every), size)]


def families(*experiments):
    """[Family] with at least one skip and two models; experiments of several files are taken as one. Of a subset that is there twice the first counts."""
    found = {}
    for experiment in experiments:
        usable = [model for model in experiment.compared if len(model.runs) and model.form != "bounds"]
        owners = {model.attributes.get("weights_of") for model in usable}
        for model in usable:
            skips, rest = parts(model.topology)
            owner = model.attributes.get("weights_of", "")
            if not owner:
                trained = tuple(str(np.asarray(model.attributes.get(key))) for key in TRAINED)
                found.setdefault((rest, "", trained), Family("")).models.setdefault(skips, model)
            if owner or model.name in owners:
                found.setdefault((rest, owner or model.name), Family(owner or model.name)).models.setdefault(skips, model)
    return [family for family in found.values() if family.every and len(family.models) > 1]


@dataclass
class Step:
    """One step of a search: a skip is put in or taken out."""
    skip: str              # empty: where the search begins
    kept: frozenset
    values: np.ndarray     # average accuracy a run
    gain: np.ndarray       # over the step before, the same runs; empty for the first
    both: tuple = None     # 95 % interval of the gain over runs and test samples, where the file has results by sample

    @property
    def interval(self):
        """(low, high) of the gain: over runs and test samples where both are known, else over the runs; None where there is none."""
        if self.both is not None or len(self.gain) < 2:
            return self.both
        mean, half = resilience.mean_interval(self.gain)
        return mean - half, mean + half

    @property
    def told_apart(self):
        """Whether the interval leaves out 0; None where there is none."""
        return None if self.interval is None else self.interval[0] > 0 or self.interval[1] < 0


def candidates(kept, every, search):
    """{skip: kept skips} of the next step of a search, `add` or `remove`."""
    return {skip: kept ^ {skip} for skip in sorted(every - kept if search == "add" else kept)}


def path(values, every, search):
    """[Step] of a greedy search as far as all candidates of a step are known: from none, or from all, always the best mean."""
    kept = frozenset() if search == "add" else every
    if kept not in values:
        return []
    steps = [Step("", kept, values[kept], np.array([]))]
    while candidates(kept, every, search):
        ahead = candidates(kept, every, search)
        if any(one not in values for one in ahead.values()):
            break
        skip = max(ahead, key=lambda one, ahead=ahead: float(values[ahead[one]].mean()))
        steps.append(Step(skip, ahead[skip], values[ahead[skip]], values[ahead[skip]] - values[kept]))
        kept = ahead[skip]
    return steps


def smallest(values, at_least):
    """The fewest skips, of as many the best, whose mean accuracy is not below; None where there are none."""
    good = [kept for kept, found in values.items() if found.mean() >= at_least]
    return min(good, key=lambda kept: (len(kept), -float(values[kept].mean()), sorted(kept)), default=None)


def shapley(values):
    """{skip: its share of the gain of all skips over none, a value a run}; they sum to that gain."""
    every = max(values, key=len)
    n, shares = len(every), {}
    for skip in sorted(every):
        shares[skip] = sum(factorial(len(subset)) * factorial(n - len(subset) - 1) / factorial(n) * (values[subset | {skip}] - values[subset])
                           for subset in values if skip not in subset)
    return shares
