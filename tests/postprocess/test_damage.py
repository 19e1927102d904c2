"""Results files that anyone may have made: whatever is missing, renamed, of another type, shape or value, report.py and compare.py end
with one line or with a report, never with a traceback."""
import os
import random
import shutil
import tempfile
import unittest
from unittest import mock

import h5py
import numpy as np

import program
import sample
import sample_cut
import sample_exits
import sample_inference
import sample_partition
import sample_right
import test_forms
import test_inference_exits
import compare
import report
import uncertainty

WORDS = ("", "../../x", "=1+1", "<script>alert(1)</script>", "{{DATA}}", "$\\frac{", "\\input{x}", "a\nb\x1b[2J", "\u2028]]>", "x" * 3000)
NUMBERS = (0, -1, 1, 2 ** 31, 2 ** 62, -2 ** 63)
REALS = (np.nan, np.inf, -np.inf, -1.0, 0.0, 1e308)


def places(path):
    """Every member and attribute: (path of the object, name of the attribute or None)."""
    with h5py.File(path) as file:
        found = [("/", name) for name in file.attrs]

        def add(name, thing):
            found.append(("/" + name, None))
            found.extend(("/" + name, key) for key in thing.attrs if key not in ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "DIMENSION_LABELS"))

        file.visititems(add)
    return found


def changed(value, draw):
    """A value like this one and not it: its type, its shape or what it holds."""
    value = np.asarray(value)
    kind = draw.choice(("holds", "holds", "shape", "type"))
    if kind == "type":
        return draw.choice([np.float32(1), np.int8(1), np.bytes_("words"), np.zeros(3), np.zeros((2, 2), dtype=np.int64), h5py.Empty("f8"), "unbounded", True])
    if kind == "shape":
        return draw.choice([value[None], value[..., None], np.zeros(value.shape + (0,), value.dtype), np.resize(value, 3) if value.size else value, value.ravel()[:1]])
    other = value.copy()
    if not value.size:
        return other
    if value.dtype.kind == "S":
        return np.full(value.shape, draw.choice(WORDS).encode()[:64000])
    choices = REALS if value.dtype.kind == "f" else NUMBERS
    with np.errstate(all="ignore"):
        if draw.random() < 0.5:
            other[...] = np.array(draw.choice(choices)).astype(value.dtype)
        else:
            other.reshape(-1)[draw.randrange(value.size)] = np.array(draw.choice(choices)).astype(value.dtype)
    return other


def harm(path, place, draw):
    """Changes one place of a file; returns what was done."""
    where, attribute = place
    with h5py.File(path, "r+") as file:
        if attribute is not None:
            if draw.random() < 0.3:
                del file[where].attrs[attribute]
                return "no attribute"
            value = changed(file[where].attrs[attribute], draw)
            if isinstance(value, np.ndarray) and value.nbytes > 60000:
                value = value.ravel()[:10]
            del file[where].attrs[attribute]
            file[where].attrs[attribute] = value
            return f"attribute {value!r:.60}"
        thing = file[where]
        act = draw.choice(("remove", "rename", "soft", "external", "group") if isinstance(thing, h5py.Group) else ("remove", "rename", "value", "value", "value", "value", "soft", "virtual"))
        above, name = file[where.rsplit("/", 1)[0] or "/"], where.rsplit("/", 1)[1]
        if act == "value":
            value, labels, scales = changed(thing[()], draw), dict(thing.attrs), [[scale for scale in dimension.values()] for dimension in thing.dims]
            del above[name]
            made = above.create_dataset(name, data=value)
            for key in ("units", "long_name"):
                if key in labels:
                    made.attrs[key] = labels[key]
            for axis, found in zip(range(len(made.shape or ())), scales):
                for scale in found:
                    made.dims[axis].attach_scale(scale)
            return f"value {value!r:.60}"
        del above[name]
        if act == "rename":
            file[above.name + "/" + draw.choice(("other", "=cmd", "<b>", "{{DATA}}", "a" * 300, "$x", "..x", "ä"))] = thing
        elif act == "soft":
            above[name] = h5py.SoftLink("/experiments")
        elif act == "external":
            above[name] = h5py.ExternalLink(os.path.basename(path) + ".whole", where)
        elif act == "virtual":
            layout = h5py.VirtualLayout(shape=thing.shape or (1,), dtype="i8")
            above.create_virtual_dataset(name, layout)
        elif act == "group":
            above.create_dataset(name, data=1)
        return act


def small(folder):
    """kind -> a small file of it: every kind that the program writes."""
    paths = {name: os.path.join(folder, name + ".h5") for name in ("plain", "right", "classes", "bounds", "exits", "cut", "run", "left early", "cut run")}
    for name in ("plain", "right", "classes", "bounds"):
        sample.build(paths[name], experiments=("health",), runs=2, done=1 if name == "plain" else None, models=("vanilla", "deepfogguard"), measures=("precision", "recall"))
    sample_right.add(paths["right"])
    for name, change in (("classes", test_forms.by_class), ("bounds", test_forms.by_bounds)):
        with h5py.File(paths[name], "r+") as file:
            change(file)
    sample_exits.build(paths["exits"], runs=2)
    sample_partition.build(paths["cut"])
    sample_inference.build(paths["run"], timeouts=(10, 1000), rounds=4)
    test_inference_exits.build(paths["left early"], [0, 0, 1, 0], rounds=4)
    sample_cut.build(paths["cut run"], rounds=4)
    return paths


class Damage(unittest.TestCase):
    """DEEPFOG_DAMAGE=N looks at N places of each kind, and draws the figures, too; by default at four, without figures."""

    @classmethod
    def setUpClass(cls):
        patch = mock.patch.object(uncertainty, "DRAWS", 20)  # how sure the figures are is not asked here
        patch.start()
        cls.addClassCleanup(patch.stop)
        cls.most = int(os.environ.get("DEEPFOG_DAMAGE", "0"))
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder, cls.good = folder.name, small(folder.name)

    def ends_well(self, what, path, good):
        for main, arguments in ((report.main, (path, "--out", os.path.join(self.folder, "out"), "--formats", "svg" if self.most else "")), (compare.main, (path, good))):
            code, _, err = program.call(main, *arguments)
            self.assertIn(code, (0, 1, 2, 3), f"{what}: {err}")
            self.assertNotIn("Traceback", err, what)
            if code == 2:
                self.assertEqual(err.count("\n"), 1, f"{what}: {err}")

    def test_every_place_of_every_kind(self):
        for kind, good in self.good.items():
            draw, path = random.Random(kind + os.environ.get("DEEPFOG_DAMAGE_SEED", "")), os.path.join(self.folder, "bad.h5")
            for place in draw.choices(places(good), k=self.most or 4):
                shutil.copy(good, path)
                done = harm(path, place, draw)
                with self.subTest(kind=kind, place=place, done=done):
                    self.ends_well(f"{kind} {place} {done}", path, good)


if __name__ == "__main__":
    unittest.main()
