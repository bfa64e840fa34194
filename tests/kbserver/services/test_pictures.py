from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from kbserver.domain.limits import MAX_PICTURE_BYTES
from kbserver.errors import InvalidInput, TooLarge
from kbserver.services.pictures import drawn_anew
from tests.kbserver.picture_files import animated, bomb, jpeg_with_place, png, png_with_words


def redrawn(data: bytes) -> tuple[bytes, Image.Image]:
    picture = drawn_anew(io.BytesIO(data))
    return picture.data, Image.open(io.BytesIO(picture.data))


def test_nothing_that_is_not_seen_comes_through() -> None:
    for data in (jpeg_with_place(), png_with_words()):
        assert b"Canary" in data
        drawn, image = redrawn(data)
        assert b"Canary" not in drawn
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_stands_upright_without_saying_so() -> None:
    _, image = redrawn(jpeg_with_place())

    assert (image.format, image.size) == ("JPEG", (20, 40))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_a_moving_picture_the_first_frame_is_kept(kind: str) -> None:
    _, image = redrawn(animated(kind, 30))

    assert (image.format, getattr(image, "n_frames", 1)) == ("PNG", 1)
    assert image.convert("RGB").getpixel((0, 0))[1] == 0


def test_ten_thousand_frames_cost_no_more_than_one() -> None:
    data = animated("GIF", 2_000)
    started = time.perf_counter()

    redrawn(data)

    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixel_comes_out_as_a_picture(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (5, 5)).save(out, "PNG")

    assert redrawn(out.getvalue())[1].size == (5, 5)


def test_transparency_is_kept() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (2, 2), (1, 2, 3, 0)).save(out, "PNG")

    assert redrawn(out.getvalue())[1].convert("RGBA").getpixel((0, 0)) == (1, 2, 3, 0)


def test_a_print_in_four_colours_becomes_one_for_screens() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (4, 4)).save(out, "JPEG")

    assert redrawn(out.getvalue())[1].mode == "RGB"


@pytest.mark.parametrize("data", [bomb(), bomb(5001, 5000), bomb(2**31 - 1, 2)], ids=["square", "just over", "long"])
def test_too_many_pixels_are_refused_before_they_are_decoded(data: bytes) -> None:
    started = time.perf_counter()

    with pytest.raises((TooLarge, InvalidInput)):
        drawn_anew(io.BytesIO(data))

    assert time.perf_counter() - started < 0.2


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(TooLarge):
        drawn_anew(io.BytesIO(png() + b"\0" * MAX_PICTURE_BYTES))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_damaged_picture_is_refused_wherever_it_is_cut_or_bent(kind: str) -> None:
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, kind)
    whole = out.getvalue()

    for part in range(0, len(whole), max(1, len(whole) // 60)):
        bent = bytes([*whole[:part], whole[part] ^ 0xFF, *whole[part + 1 :]])
        for damaged in (whole[:part], bent):
            try:
                drawn_anew(io.BytesIO(damaged))
            except (InvalidInput, TooLarge):
                continue


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<html>", b"%PDF-1.4", b"BM" + b"\0" * 60],
    ids=["empty", "svg", "html", "pdf", "bmp"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        drawn_anew(io.BytesIO(data))
