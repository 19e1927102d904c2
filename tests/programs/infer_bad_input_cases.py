"""What users of deepfog infer get wrong, one case each: a name, what is done to good input, and the options. The message of each
is stored in expected/infer_bad_input.txt."""
import shutil

import numpy as np

from bad_input_cases import cut_in_half, empty, make_folder, replace_with_text
from infer_harness import THREE

WEIGHTS = ("--weights", THREE)


def case(name, *options):
    return name, [], (*WEIGHTS, *options)


def weights(name, action, *options):
    """`action` gets the open weights file."""
    return name, [("data", THREE, action)], (*WEIGHTS, *options)


def weights_file(name, action):
    """`action` gets the weights file's path."""
    return name, [("file", THREE, action)], WEIGHTS


def config(name, text, *options):
    """A config file of its own."""
    return name, [("text", "case.ini", text)], ("--config", "case.ini", *options)


def script(name, text, *options):
    return name, [("text", "story.txt", text)], (*WEIGHTS, "--script", "story.txt", *options)


def without(name):
    def action(file):
        del file.attrs[name]
    return action


def attribute(name, value):
    def action(file):
        file.attrs[name] = value
    return action


def short_tensor(file):
    tensor = file["nodes/near/near.layer1.bias"][()]
    del file["nodes/near/near.layer1.bias"]
    file["nodes/near"].create_dataset("near.layer1.bias", data=tensor[:-1]).attrs["position"] = np.int64(1)


def other_figure(file):
    file["nodes/near/near.layer1.bias"][3] = 0.25


def other_data(path):
    shutil.copy(path.replace("sensors", "others"), path)


CASES = [
    # Options
    case("unknown option", "--timout", "5ms"),
    case("option without its value", "--timeout", "--check"),
    case("a word too many", "now"),
    case("progress of no kind", "--progress", "often"),
    ("no weights", [], ()),
    ("weights missing", [], ("--weights", "nothing.h5")),
    ("weights are a data set", [], ("--weights", "data/sensors.h5")),
    weights_file("weights are text", replace_with_text),
    weights_file("weights empty", empty),
    weights_file("weights cut in half", cut_in_half),
    weights_file("weights are a folder", make_folder),
    weights("weights of an earlier program", without("topology_text")),
    weights("weights of a later format", attribute("format_version", np.int64(2))),
    weights("weights with a broken topology", attribute("topology_text", np.bytes_(b"topology x\nnode a\n"))),
    weights("weights without their data set's sum", attribute("data_sha256", np.bytes_(b"abc"))),
    weights("weights with a short tensor", short_tensor),
    weights("weights with another figure", other_figure),
    case("data set unknown", "--dataset", "senors"),
    case("data set that does not fit", "--dataset", "narrow"),
    ("other data than trained on", [("file", "data/sensors.h5", other_data)], WEIGHTS),
    # Where results go
    case("output is a folder", "--output", "data"),
    case("output in a file", "--output", "nets.ini/x.h5"),
    case("output is a data set", "--output", "data/sensors.h5"),
    case("output is a campaign's", "--output", "nets.h5"),
    case("name with a slash", "--name", "a/b"),
    # What is run
    case("scenario unknown", "--scenario", "ofline"),
    case("server without a rate", "--scenario", "server"),
    case("rate without server", "--rate", "100"),
    case("rate below nothing", "--scenario", "server", "--rate", "-1"),
    case("samples too many", "--samples", "201"),
    case("samples negative", "--samples", "-1"),
    case("batch of none", "--batch", "0"),
    case("depth that is no number", "--depth", "two"),
    case("threads of none", "--threads", "0"),
    # Failures
    case("failures of an unknown node", "--failures", "near,midle"),
    case("failures of the last node", "--failures", "server"),
    case("fail with an unknown word", "--fail", "chrash near round 5"),
    case("fail of an unknown node", "--fail", "crash nera round 5"),
    case("fail without a round", "--fail", "crash near"),
    case("hang without a unit", "--fail", "hang near round 5 for 20"),
    case("loss on a local link", "--fail", "lose left->near rounds 0.."),
    case("chance above one", "--fail", "lose near->server rounds 0.. with 2"),
    case("two crashes of one node", "--fail", "crash near round 5", "--fail", "crash near round 9"),
    case("script missing", "--script", "nothing.txt"),
    script("script with a mistake in line 2", "seed 3\nslow near rounds 5..2 by 1ms\n"),
    script("script and fail", "seed 3\n", "--fail", "crash near round 5"),
    # Times
    case("timeout without a number", "--timeout", "fast"),
    case("timeout of an unknown unit", "--timeout", "5min"),
    case("timeout of nothing", "--timeout", "0us"),
    case("timeouts that fall", "--timeout", "5ms,1ms"),
    case("range of timeouts turned round", "--timeout", "30ms..10us"),
    case("heartbeat too short", "--heartbeat", "10us"),
    case("limit below two heartbeats", "--limit", "30ms"),
    case("run limit too short", "--run-limit", "10ms"),
    case("adaptive that is no truth", "--adaptive", "maybe"),
    case("variants without several timeouts", "--variants", "none,near"),
    case("variant of an unknown node", "--timeout", "1ms,5ms", "--variants", "none,far"),
    case("variant script without one", "--timeout", "1ms,5ms", "--variants", "none,script"),
    case("failures beside several timeouts", "--timeout", "1ms,5ms", "--failures", "all"),
    # The config file
    ("config missing", [], ("--config", "nothing.ini")),
    config("no section inference", "[campaign]\nname = x\n"),
    config("unknown key", f"[inference]\nweights = {THREE}\nheartbeet = 5ms\n"),
    config("unknown section", f"[inference]\nweights = {THREE}\n[infrence]\n"),
    config("key twice", f"[inference]\nweights = {THREE}\nbatch = 5\nbatch = 6\n"),
    config("config without weights", "[inference]\nbatch = 4\n"),
    config("bad value in a config", f"[inference]\nweights = {THREE}\nbatch = many\n"),
    config("set of an unknown key", f"[inference]\nweights = {THREE}\n", "--set", "bacth=4"),
]
# Also what only ranks can get wrong.
UNDER_MPIRUN = ("unknown option", "weights missing", "weights cut in half", "samples too many", "fail of an unknown node", "unknown key",
                "output in a file", "weights with a short tensor")
