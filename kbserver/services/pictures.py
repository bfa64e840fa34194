"""Pictures from outside drawn anew, so that nothing of their files comes in but what is seen."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from kbserver.domain.limits import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS
from kbserver.errors import N_, InvalidInput, TooLarge

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
"""What is decoded at all; SVG is no picture here, since it can hold scripts."""

JPEG_QUALITY = 88
MODES = {"1": "L", "CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB", "I": "L", "F": "L", "I;16": "L"}
"""Kinds of pixels that browsers do not know, and what they are turned into; others stay as they are."""

# The size is compared with the limit below as soon as the header is read; the
# library's own check would only warn up to twice its limit.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that this program wrote."""

    data: bytes
    content_type: str


def drawn_anew(file: BinaryIO) -> Picture:
    """The picture's first frame as a new PNG, or as a new JPEG where it was one.

    Nothing else of the file is kept: no place, no camera, no comments, no
    further frames, nothing behind its end. Raises `InvalidInput` for what is no
    picture or is damaged, `TooLarge` before anything large is decoded.
    """
    data = file.read(MAX_PICTURE_BYTES + 1)
    if len(data) > MAX_PICTURE_BYTES:
        raise TooLarge(N_("A picture may have %(most)s MB."), field="file", most=MAX_PICTURE_BYTES // 1_000_000)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PICTURE_PIXELS:
                raise TooLarge(
                    N_("The picture has more than %(most)s million pixels."),
                    field="file",
                    most=MAX_PICTURE_PIXELS // 1_000_000,
                )
            opened.seek(0)
            return _encoded(ImageOps.exif_transpose(opened), is_photo=opened.format == "JPEG")
    except UnidentifiedImageError:
        raise InvalidInput(N_("This is not a PNG, JPEG, GIF or WebP picture."), field="file") from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error, zlib.error) as error:
        # What the library raises for damage depends on the format and on the place of the damage.
        raise InvalidInput(N_("The picture is damaged and cannot be read."), field="file") from error


def _encoded(image: Image.Image, *, is_photo: bool) -> Picture:
    clean = image.convert(MODES[image.mode]) if image.mode in MODES else image.copy()
    # Encoders write what they find here: profiles, comments, the picture's density.
    clean.info = {name: value for name, value in clean.info.items() if name == "transparency" and not is_photo}
    out = io.BytesIO()
    if is_photo:
        clean.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
        return Picture(out.getvalue(), "image/jpeg")
    clean.save(out, "PNG")
    return Picture(out.getvalue(), "image/png")
