"""What users get wrong, one case each: a name, what is done to good input, and the call. The message of each is stored in
expected/bad_input.txt."""
import os
import shutil

import h5py
import numpy as np

RUN = ("run", "--config", "case.ini")


def config(name, *changes, options=()):
    """A config with (old, new) replaced; the old text must be there."""
    return name, [("edit", "case.ini", change) for change in changes], (*RUN, *options)


def topology(name, *changes):
    """Likewise a topology; both models use it."""
    return name, [("edit", "three-nodes.topology", change) for change in changes], RUN


def data(name, action):
    """`action` gets the open data-set file."""
    return name, [("data", "data/sensors.h5", action)], RUN


def results(name, action, arguments=("verify", "out/small.h5")):
    """Likewise a results file."""
    return name, [("data", "out/small.h5", action)], arguments


def whole_file(name, path, action, arguments=RUN):
    return name, [("file", path, action)], arguments


def replace_with_text(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("not what it should be\n")


def cut_in_half(path):
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) // 2)


def empty(path):
    with open(path, "wb"):
        pass


def make_folder(path):
    if os.path.exists(path):
        os.remove(path)
    os.makedirs(path)


def put(path, value):
    """A function that overwrites the table at `path` of an HDF5 file at one place: value is (index, figure)."""
    def action(file):
        file[path][value[0]] = value[1]
    return action


def drop(path):
    def action(file):
        del file[path]
    return action


def attribute(where, name, value):
    def action(file):
        file[where].attrs[name] = value
    return action


def other_shape(path):
    """One element short along the first axis."""
    def action(file):
        content = file[path][()]
        del file[path]
        file[path] = content[:-1]
    return action


def not_finite(file):
    samples = file["samples"][()].astype(np.float32)
    samples[3, 2] = np.nan
    del file["samples"]
    file["samples"] = samples


def as_config(path):
    shutil.copy(path, os.path.join(os.path.dirname(path), "..", "case.ini"))


EXPERIMENT, PLAIN = "experiments/sensors", "experiments/sensors/models/plain"
OPTIONS = [
    ("no verb", [], ()),
    ("unknown verb", [], ("ron", "--config", "case.ini")),
    ("unknown option", [], ("run", "--confg", "case.ini")),
    ("no config", [], ("run",)),
    ("progress of no kind", [], (*RUN, "--progress", "often")),
    ("device that is not there", [], (*RUN, "--device", "cuda")),
    ("device of no kind", [], (*RUN, "--device", "gpu")),
    ("set without value", [], (*RUN, "--set", "campaign.runs")),
    ("set of an unknown section", [], (*RUN, "--set", "experiment.sensor.epochs=3")),
    ("set of an unknown key", [], (*RUN, "--set", "model.sensors.plain.epoch=3")),
    ("list of an unknown kind", [], ("list", "topologie")),
    ("verify of nothing", [], ("verify",)),
]
CONFIGS = [
    ("config missing", [], ("run", "--config", "nothing.ini")),
    whole_file("config is a data-set file", "data/sensors.h5", as_config),
    whole_file("config empty", "case.ini", empty),
    config("no section campaign", ("[campaign]\n", "[experiment.x]\n")),
    config("no name", ("name = small\n", "")),
    config("name with a slash", ("name = small", "name = a/b")),
    config("key twice", ("runs = 4", "runs = 4\nruns = 5")),
    config("section twice", ("[model.sensors.failout]", "[model.sensors.plain]")),
    config("unknown key", ("batch_size", "batchsize")),
    config("unknown section", ("[experiment.sensors]", "[experiments.sensors]")),
    config("model of an unknown experiment", ("[model.sensors.plain]", "[model.sensor.plain]")),
    config("runs of none", ("runs = 4", "runs = 0")),
    config("seed that is no number", ("runs = 4", "seed = one")),
    config("small sweep block", ("sweep_block = 64", "sweep_block = 8")),
    config("truth that is none", ("runs = 4", "confusion = yes")),
    config("too many epochs", ("epochs = 40", "epochs = 1000001")),
    config("output without a file", ("output = made/small.h5", "output = data")),
    config("learning rate of none", ("epochs = 40", "learning_rate = 0")),
    config("unknown optimiser", ("epochs = 40", "optimiser = adamw")),
    config("node unknown in a setting", ("near:.9", "nera:.9")),
    config("node missing in a setting", ("near:.9 ", "")),
    config("node twice in a setting", ("near:.9", "near:.9 near:.9")),
    config("probability above one", ("near:.9", "near:9")),
    config("no failure, but a chance of one", ("no_failure = near:1 middle:1", "no_failure = near:1 middle:.999")),
    config("no failure set by --set", options=("--set", "experiment.sensors.reliability.no_failure=near:0 middle:1")),
    config("no setting", ("reliability.no_failure = near:1 middle:1\nreliability.often = near:.9 middle:.7\n", "")),
    config("failout without rates", ("failout_setting = often", "")),
    config("failout rate of one", ("failout_setting = often", "failout_rate = 1")),
    config("unknown failout setting", ("failout_setting = often", "failout_setting = oft")),
    config("models unknown", ("epochs = 40", "models = plain failut")),
    config("weights of an unknown model", ("training = failout\nfailout_setting = often", "weights_of = plane")),
    config("weights of its own", ("training = failout\nfailout_setting = often", "weights_of = failout")),
    config("weights of another and its own training", ("failout_setting = often", "failout_setting = often\nweights_of = plain")),
    config("no topology", ("topology = three-nodes.topology\ntraining", "training")),
    config("topology missing", ("topology = three-nodes.topology", "topology = four-nodes.topology")),
    config("data set missing", ("dataset = sensors", "dataset = sensor")),
    config("split unknown", ("dataset = sensors", "dataset = sensors\nsplit = subjects")),
]
TOPOLOGIES = [
    whole_file("topology empty", "three-nodes.topology", empty),
    topology("topology with an unknown word", ("node near", "nod near")),
    topology("topology with a cycle", ("link near -> server skip", "link middle -> near skip")),
    topology("link to an unknown node", ("link near -> middle", "link near -> midle")),
    topology("node without a way in", ("link left  -> near\nlink right -> near\n", "")),
    topology("failing node unknown", ("fails near middle", "fails near far")),
    topology("layer of no width", ("node near   relu:16", "node near   relu:0")),
    topology("source of another width", ("source left  4", "source left  5")),
    topology("source that the data lack", ("source left  4", "source up    4"), ("link left ", "link up   ")),
    topology("another number of classes", ("linear:3", "linear:4")),
]
DATA = [
    whole_file("data file is text", "data/sensors.h5", replace_with_text),
    whole_file("data file cut in half", "data/sensors.h5", cut_in_half),
    whole_file("data file empty", "data/sensors.h5", empty),
    whole_file("data file is a folder", "data/sensors.h5", make_folder),
    data("label too large", put("labels", (5, 3))),
    data("label negative", put("labels", (5, -1))),
    data("labels too few", other_shape("labels")),
    data("no samples", drop("samples")),
    data("sample not finite", not_finite),
    data("split code unknown", put("splits/random", (0, 7))),
    data("data of another version", attribute("/", "format_version", np.int64(2))),
    data("origin of no kind", attribute("/", "origin", np.bytes_(b"guessed"))),
    data("origin with control characters", attribute("/", "origin", np.bytes_(b"\x1b[31mreal\nor\tnot"))),
    data("content changed", put("samples", ((0, 0), 0.5))),
]
RESULTS = [
    ("results missing", [], ("verify", "out/none.h5")),
    whole_file("results file is text", "out/small.h5", replace_with_text, ("verify", "out/small.h5")),
    whole_file("results file cut in half", "out/small.h5", cut_in_half, ("verify", "out/small.h5")),
    ("results file is a data set", [], ("verify", "data/sensors.h5")),
    results("results without a table", drop(PLAIN + "/correct")),
    results("results of another version", attribute("/", "format_version", np.int64(9))),
    results("results with a short table", other_shape(PLAIN + "/flow")),
    results("results of a format with control characters", attribute("/", "format", np.bytes_(b"deepfog\r-results\x07"))),
    results("results with a name of two lines", lambda file: file[PLAIN + "/average_accuracy"].create_group("line\nbreak\x1b[0m")),
    whole_file("output is no results file", "out/small.h5", replace_with_text, (*RUN, "--output", "out/small.h5")),
    ("output is a folder", [], (*RUN, "--output", "data")),
    ("output in a file", [], (*RUN, "--output", "case.ini/x.h5")),
    ("output is a data set", [], (*RUN, "--output", "data/sensors.h5")),
    ("output of another campaign", [], (*RUN, "--output", "out/small.h5", "--set", "seed=2")),
]
CASES = OPTIONS + CONFIGS + TOPOLOGIES + DATA + RESULTS

# Results that say what cannot be: exit code 3 and the reason.
INVALID = [
    ("a count above the samples", put(PLAIN + "/correct", ((0, 3), 201))),
    ("a count that does not fit its accuracy", put(PLAIN + "/correct", ((0, 3), 0))),
    ("an accuracy that does not fit", put(PLAIN + "/accuracy", ((1, 3), 0.123))),
    ("flow against the topology", put(PLAIN + "/flow", (0, 1))),
    ("an average that is not Equation 3", put(PLAIN + "/average_accuracy/often", (2, 0.5))),
    ("a confusion table that does not sum up", put(PLAIN + "/confusion", ((0, 3, 0, 0), 0))),
    ("samples that are right and were not counted", put(PLAIN + "/right", ((0, 0, slice(0, 9)), 0xff))),
    ("rows of other combinations", put(PLAIN + "/right_row", (3, 2))),
    ("a run not done", put(PLAIN + "/done", (0, 0))),
    ("a survival above one", put(EXPERIMENT + "/reliability/often", (0, 1.5))),
]
