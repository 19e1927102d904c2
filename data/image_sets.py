"""What the importers of CIFAR-10 and MNIST share: one source of images, training and test samples as published."""
import os

import numpy as np

from dataset import DataSet, summary, write
from deepfog.program import InputError as DataError, Parser
from output_place import check_output
from raw_source import source_of
from splits import official_split

SOURCE = "image"
LEAST_TRAIN = 10  # a tenth of them validates


def set_title(what, found, whole):
    """Title that says so where the (train, test) images found are fewer than the published ones."""
    parts = [f"{count:,} of the {full:,} {part} images" if count < full else f"all {full:,} {part} images"
             for count, full, part in zip(found, whole, ("training", "test"))]
    return f"{what}: {', '.join(parts)}" + (" (a SUBSET)" if tuple(found) != tuple(whole) else "")


def build_images(source, wanted, train, test, whole, seed, **description):
    """The DataSet of (images uint8 [N, F], labels [N]) of the training and of the test samples.

    `description` holds what else a DataSet takes, and `what` for the title and `shape` of the images.
    """
    counts = len(train[1]), len(test[1])
    for count, full, least, part in zip(counts, whole, (LEAST_TRAIN, 1), ("training", "test")):
        if not least <= count <= full:
            raise DataError(f"{source.path}: {count} {part} images ({least} to {full} allowed)")
    samples, labels = (np.concatenate(pair) for pair in zip(train, test))
    title = set_title(description.pop("what"), counts, whole)
    shape, importer = description.pop("shape"), description.pop("importer")
    return DataSet(title=title, origin="real", samples=samples, labels=labels.astype(np.int64), sources=[(SOURCE, samples.shape[1])],
                   shapes={SOURCE: shape}, scale=1 / 255, splits={"official": official_split(*counts, seed)},
                   default_split="official", source=source.name, source_sha256=source.sha256(wanted),
                   importer=f"{importer}, seed {seed}", notes=source.left_out.notes(), **description)


def set_folder(inside, pattern):
    """The folder of a set that a file belongs to: the one it lies in, or above it where that is called like such a file."""
    folder = os.path.dirname(inside)
    return os.path.dirname(folder) if pattern.fullmatch(os.path.basename(folder)) else folder


def import_images(about, inside, wanted, build):
    """The command line of an importer of raw archives: from where, to where, and the seed of the share that validates."""
    parser = Parser(about)
    parser.add_argument("source", nargs="+", help=f"folder, tar(.gz, .xz) or zip with the {inside} inside, or the files themselves")
    parser.add_argument("output", help="data-set file to write")
    parser.add_argument("--seed", type=int, default=1, help="of the share that validates (default 1)")
    options = parser.parse_args()
    check_output(options.output)
    data = build(source_of(options.source, wanted), options.seed)
    write(options.output, data)
    print("\n".join(summary(data) + [f"  note     {note}" for note in data.notes]))
    return 0
