"""The campaigns of jobs/skip_search.py: configs whose models are one network with other subsets of its skips, in a folder of their own."""
import glob
import json
import os
import re

import hdf5_file
import skip_families
from deepfog.files import write_whole
from deepfog.program import InputError


def sections(text):
    """{section: {key: value}} of what --print-config=json prints; where a value came from is left out."""
    return {name: {key: one["value"] for key, one in values.items()} for name, values in json.loads(text)["sections"].items()}


class Base:
    """The network with all its skips: one experiment and one model of a config."""

    def __init__(self, text, options):
        known = sections(text)
        names = [name[11:] for name in known if name.startswith("experiment.")]
        if options.experiment not in names:
            raise InputError(f"--experiment {options.experiment}: not in {options.config} ({', '.join(names)})")
        self.name = options.model
        prefix = f"model.{options.experiment}."
        models = [name[len(prefix):] for name in known if name.startswith(prefix)]
        if options.model not in models:
            raise InputError(f"--model {options.model}: not in [experiment.{options.experiment}] of {options.config} ({', '.join(models)})")
        self.campaign, self.experiment = known["campaign"], known[f"experiment.{options.experiment}"]
        self.experiment.pop("models", None)
        self.prefix, self.model = prefix, known[prefix + options.model]
        if "weights_of" in self.model:
            raise InputError(f"--model {options.model}: is swept with the weights of {self.model['weights_of']} (a model that is trained)")
        dataset, folder = self.experiment["dataset"], os.path.dirname(options.config)
        if "/" in dataset or dataset.endswith(".h5"):
            self.experiment["dataset"] = _found(dataset, folder)
        self.model["topology"] = _found(self.model["topology"], folder)
        self.without = self.model.pop("without_skips", "").split()
        settings = [key[12:] for key in self.experiment if key.startswith("reliability.")]
        options.setting = options.setting or settings[-1]
        if options.setting not in settings:
            raise InputError(f"--setting {options.setting}: not in [experiment.{options.experiment}] ({', '.join(settings)})")
        if options.runs:
            self.campaign["runs"] = str(options.runs)
        self.campaign["confusion"] = "false"
        self.threads = self.campaign.get("threads", "1")
        with open(self.model["topology"], encoding="utf-8", errors="surrogateescape") as file:
            self.every = skip_families.parts(file.read())[0] - set(self.without)
        if not self.every:
            raise InputError(f"{self.model['topology']}: has no skip hyperconnections to search among")

    def config(self, wanted, weights, output):
        """The text of a campaign with these subsets; on the same weights with the trained model too."""
        campaign = {**self.campaign, "name": "skips-" + self.name, "output": output}
        text = _section("campaign", campaign) + _section(self.prefix.replace("model.", "experiment.")[:-1], self.experiment)
        if weights == "same":
            text += self._section(self.every, self.model)
            shared = {key: value for key, value in self.model.items() if key == "topology" or key.startswith("let.")}
            return text + "".join(self._section(kept, {**shared, "weights_of": self.name}) for kept in wanted if kept != self.every)
        return text + "".join(self._section(kept, self.model if kept == self.every else {"seeds_of": self.name, **self.model}) for kept in wanted)

    def _section(self, kept, values):
        without = self.without + sorted(self.every - kept)
        return _section(self.prefix + self.name_of(kept), {**values, **({"without_skips": " ".join(without)} if without else {})})

    def name_of(self, kept):
        """Of the model: its skips; of many their places, a bit each."""
        if kept == self.every:
            return self.name
        words = "_".join(["with" if kept else "none"] + [re.sub(r"[^A-Za-z0-9_.-]", "-", skip.replace("->", "-")) for skip in sorted(kept)])
        if len(words) <= 64 and words != self.name:
            return words
        return "subset_" + format(sum(1 << place for place, skip in enumerate(sorted(self.every)) if skip in kept), "x")

    def identity(self, weights):
        """What all campaigns of a folder have in common."""
        return f"# weights: {weights}\n" + self.config([self.every], weights, "")


def _found(path, folder):
    """Paths of a config are relative to it, those of --set to where they were typed."""
    beside = os.path.join(folder, path)
    return os.path.abspath(beside if os.path.exists(beside) else path)


def _section(name, values):
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items()) + "\n"


def campaigns(folder, extension):
    """Paths of the folder's campaigns, in their order."""
    return sorted(glob.glob(os.path.join(glob.escape(folder), "subsets-[0-9][0-9][0-9]" + extension)))


def next_campaign(folder):
    """The config of one more."""
    return os.path.join(folder, f"subsets-{len(campaigns(folder, '.ini')) + 1:03d}.ini")


def complete(path):
    """Whether a campaign has ended well."""
    if not os.path.exists(path):
        return False
    with hdf5_file.opened(path) as file:
        return bool(file.attrs.get("valid", 0))


def claim(folder, identity):
    """Makes the folder this search's; InputError where it is another's."""
    path = os.path.join(folder, "search.ini")
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(path):
        if os.listdir(folder):
            raise InputError(f"{folder}: is not empty and no search's (a new folder, or one of jobs/skip_search.py)")
        write_whole(path, identity.encode("utf-8", "surrogateescape"))
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        before = file.read()
    if before != identity:
        old, new = before.splitlines(), identity.splitlines()
        differs = next((f"{a!r} there, {b!r} now" for a, b in zip(old, new) if a != b), "other keys")
        raise InputError(f"{path}: belongs to another search: {differs} (the same config, --model, --weights, --runs and --set, or another folder)")
