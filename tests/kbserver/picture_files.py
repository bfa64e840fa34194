"""Picture files for tests, good and bad."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo


def png(width: int = 4, height: int = 3, colour: str = "red", **options: object) -> bytes:
    """A PNG of one colour."""
    return _saved(Image.new("RGB", (width, height), colour), "PNG", **options)


def jpeg_with_place() -> bytes:
    """A JPEG that lies on its side by its EXIF data, which also say where it was taken, with a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CameraCanary"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (31.0, 14.0, 0.0)
    return _saved(Image.new("RGB", (40, 20), "blue"), "JPEG", exif=exif, comment=b"CommentCanary")


def png_with_words() -> bytes:
    """A PNG with a text in it, a profile, and a page of HTML behind its end."""
    words = PngInfo()
    words.add_text("Author", "AuthorCanary")
    return png(pnginfo=words, icc_profile=b"ProfileCanary" * 100) + b"<script>TailCanary</script>"


def animated(kind: str, frames: int) -> bytes:
    """A GIF, APNG or WebP of so many frames."""
    images = [Image.new("RGB", (4, 4), (n % 256, n // 256, 0)) for n in range(frames)]
    return _saved(images[0], kind, save_all=True, append_images=images[1:], duration=10)


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG whose header promises so many pixels in a file of a few kB."""
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
