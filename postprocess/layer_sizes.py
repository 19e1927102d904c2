"""How many values a stage of a topology sends on: the rules of src/topology/layer_size, for drawings."""
import re

LAYER = re.compile(r"([a-z0-9-]+)(?::([0-9.]{1,9})(?:/([1-9][0-9]{0,3}))?)?(?:\*([0-9]{1,3}))?")
DENSE = ("relu", "linear", "residual", "norm-linear", "binary-linear")
POOLED = ("conv", "binary-conv")  # a max-pool of stride 2 behind them
STRIDED = ("conv3", "separable", "residual-conv")
AGGREGATIONS = ("add", "rescale", "max", "mean", "concat")


def size(shape):
    """Values of a shape: (width,) or (channels, height, width)."""
    product = 1
    for part in shape:
        product *= part
    return product


def source_shape(word):
    """(width,) or (channels, height, width) of a source; None for what is neither."""
    parts = word.split("x")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts) and len(parts) in (1, 3) else None


def gathered(words, shapes, pooled):
    """The shape that a stage makes of what arrives; None where that is not known. words: of the stage; pooled: a flag an input (expand=pool)."""
    if not shapes or None in shapes:
        return None
    images = [shape for shape in shapes if len(shape) == 3]
    if words[:1] == ["concat"]:
        if len(images) == len(shapes) and len({shape[1:] for shape in shapes}) == 1:
            return (sum(shape[0] for shape in shapes), *shapes[0][1:])
        return (sum(map(size, shapes)),)
    plain = {shape[1:] for shape, is_pooled in zip(shapes, pooled) if not is_pooled}
    if len(images) == len(shapes) and len(plain) == 1:
        return (max(shape[0] for shape in shapes), *plain.pop())
    return (max(map(size, shapes)),)


def behind(words, shape):
    """(shape, whether its values are bits) behind a stage's layers; (None, False) for layers that are not known."""
    binary = False
    for word in words[words[:1] != [] and words[0] in AGGREGATIONS:]:
        match = LAYER.fullmatch(word)
        if match is None or shape is None:
            return None, False
        kind, width, stride, repeats = match[1], match[2], int(match[3] or 1), int(match[4] or 1)
        for _ in range(repeats):
            shape, binary = _layer(kind, width, stride, shape), kind == "binary-conv" or binary and kind == "dropout"
            if shape is None:
                return None, False
    return shape, binary


def _layer(kind, width, stride, shape):
    if kind == "dropout":
        return shape
    if kind not in ("pool", "last") and not (width or "").isdigit():
        return None
    if kind in DENSE:
        return (int(width),)
    if len(shape) != 3:
        return None
    if kind in POOLED or kind in STRIDED:
        step = 2 if kind in POOLED else stride
        return (int(width), *((side + step - 1) // step for side in shape[1:]))
    if kind in ("pool", "last"):
        return (shape[0],)
    return (int(width), 1, shape[2]) if kind == "gru" else None
