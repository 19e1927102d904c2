"""One image file as the pixels of a sample: decoded, brought to RGB of 8 bits, resized and cut as TorchVision's presets do."""
import io
import struct
import zlib

import numpy as np
from PIL import Image

from deepfog.program import InputError as DataError
from folder_walk import read_regular, shown

MAX_IMAGE_BYTES, MAX_PIXELS = 256 << 20, 1 << 27
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")  # of which Pillow makes RGB of the same brightness
SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L")  # grey; Pillow would clip what is above 255
ORIENTATION = 0x0112  # of EXIF; 1 is upright
Image.MAX_IMAGE_PIXELS = None  # the size is checked before a pixel is decoded


class Remarks:
    """What of the images is not in their samples, counted, with an example."""

    TEXTS = {"transparent": "images with transparent pixels, of which the colour stored below is taken, as TorchVision does",
             "turned": "images with an EXIF orientation, by which they are not turned, as with TorchVision"}

    def __init__(self):
        self._found = {}

    def add(self, what, path):
        count, example = self._found.get(what, (0, path))
        self._found[what] = count + 1, example

    def notes(self):
        found = [(text, *self._found[what]) for what, text in self.TEXTS.items() if what in self._found]
        return [f"{text}: {count} ({shown(example)}{', ...' if count > 1 else ''})" for text, count, example in found]


def resized(width, height, resize):
    """(width, height) once the shorter side is `resize`: the longer one is rounded down, as TorchVision does."""
    if width <= height:
        return resize, int(resize * height / width)
    return int(resize * width / height), resize


def _is_transparent(image):
    if image.mode in SIXTEEN_BITS:
        return "transparency" in image.info
    if image.mode not in ("LA", "PA", "RGBA") and "transparency" not in image.info:
        return False
    return image.convert("RGBA").getchannel("A").getextrema()[0] < 255


def _is_turned(image):
    try:
        return image.getexif().get(ORIENTATION, 1) not in (0, 1)
    except DAMAGED:
        return False  # no EXIF that can be read, so none that turns the image; its pixels are whole


def _as_rgb(image, path, remarks):
    """The image in RGB of 8 bits."""
    if _is_transparent(image):
        remarks.add("transparent", path)
    if _is_turned(image):
        remarks.add("turned", path)
    if image.mode in SIXTEEN_BITS:
        grey = (np.asarray(image).astype(np.float64) * (255 / 65535)).round()
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if image.mode not in EIGHT_BITS:
        raise DataError(f"{shown(path)}: has pixels of type {image.mode} (1, 8 or 16 bits per channel allowed)")
    return image.convert("RGB")


def read_image(path, resize, crop, remarks):
    """uint8 [3 * crop * crop], channel first; `remarks` takes what is to be said of it."""
    content = read_regular(path, MAX_IMAGE_BYTES, "a readable image")
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as image:
            width, height = resized(*image.size, resize)
            if max(image.size[0] * image.size[1], width * height) > MAX_PIXELS:
                raise DataError(f"{shown(path)}: image is {image.size[0]}x{image.size[1]} "
                                f"({MAX_PIXELS} pixels, also when resized, allowed)")
            if image.format == "PNG" and getattr(image, "n_frames", 1) > 1:
                raise DataError(f"{shown(path)}: holds {image.n_frames} pictures that follow each other (one picture per file allowed)")
            image.load()
            small = _as_rgb(image, path, remarks).resize((width, height), Image.Resampling.BILINEAR)
    except DAMAGED as error:
        raise DataError(f"{shown(path)}: is no whole image (a JPEG or PNG allowed)") from error
    left, top = int(round((width - crop) / 2)), int(round((height - crop) / 2))  # halves to even, as TorchVision does
    pixels = np.asarray(small, dtype=np.uint8)[top:top + crop, left:left + crop]
    return pixels.transpose(2, 0, 1).reshape(-1)
