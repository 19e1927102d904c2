"""Which skip hyperconnections matter: models that are one network with other subsets of its skips, each trained anew."""
from itertools import combinations
from math import factorial

import numpy as np

import network
import resilience
import summary
from tables import Table

NOTE = ("Every subset of the skips was trained and swept as a model of its own (retrained weights). Shapley: the gain of all skips over none, dealt out fairly; "
        "alone: with this skip only, against none; without: all but this one, against all. Points, ± over the runs.")


def parts(text):
    """(skips, the rest) of a topology's text: frozenset of 'a->b', and the other statements, without comments and blanks."""
    skips, rest = set(), []
    for words in network.statements(text):
        if words[:1] == ["link"] and len(words) > 4 and words[2] == "->" and "skip" in words[4:]:
            skips.add(f"{words[1]}->{words[3]}")
        elif words[0] != "topology":
            rest.append(" ".join(words))
    return frozenset(skips), "\n".join(rest)


def families(experiment):
    """[{skips: model}] where all 2^k subsets of k >= 1 skips are there, trained alike."""
    found = {}
    for model in experiment.compared:
        if not len(model.runs) or model.form == "bounds":
            continue
        skips, rest = parts(model.topology)
        trained = tuple(str(np.asarray(model.attributes.get(key))) for key in ("training", "failout_rates", "epochs", "optimiser", "learning_rate",
                                                                              "batch_size", "normalise", "class_weights"))
        found.setdefault((rest, trained), {}).setdefault(skips, model)
    whole = []
    for family in found.values():
        every = frozenset().union(*family)
        subsets = [frozenset(chosen) for size in range(len(every) + 1) for chosen in combinations(sorted(every), size)]
        if every and all(subset in family for subset in subsets):
            whole.append({subset: family[subset] for subset in subsets})
    return whole


def values_of(family, setting):
    """{skips: average accuracies}, of the runs that all models have finished."""
    return dict(zip(family, summary.common_runs(family.values(), setting)))


def shapley(values):
    """{skip: its share of the gain of all skips over none, a value a run}; they sum to that gain."""
    every = max(values, key=len)
    n, shares = len(every), {}
    for skip in sorted(every):
        shares[skip] = sum(factorial(len(subset)) * factorial(n - len(subset) - 1) / factorial(n) * (values[subset | {skip}] - values[subset])
                           for subset in values if skip not in subset)
    return shares


def all_tables(results):
    """The table of skips, where a file holds every subset of some."""
    rows, plain = [], []
    for experiment in results.experiments:
        for family in families(experiment):
            every, none = max(family, key=len), frozenset()
            for setting in experiment.settings:
                values = values_of(family, setting)
                shares = shapley(values)
                rows += [None] if rows else []
                for skip in sorted(every, key=lambda skip, shares=shares: -float(shares[skip].mean())):
                    measures = {"shapley": shares[skip], "alone": values[frozenset({skip})] - values[none], "without": values[every - {skip}] - values[every]}
                    rows.append([summary.marked(experiment), summary.setting_label(setting), skip, *(summary.percent(one, "+") for one in measures.values()),
                                 str(len(shares[skip]))])
                    for name, one in measures.items():
                        mean, half = resilience.mean_interval(one)
                        plain.append(summary.start(results, experiment) + [setting, skip, name, repr(mean), "" if half is None else repr(half), len(one)])
    if not rows:
        return []
    header = ["Experiment", "Setting", "Skip", "Shapley, points", "Alone", "Without it", "Runs"]
    return [Table("skips", "Which skip hyperconnections matter" + summary.title_marks(results), header, rows, [NOTE], 3,
                  summary.CSV_START + ["setting", "skip", "measure", "mean", "ci95", "runs"], plain)]
