from __future__ import annotations

import pytest

from indexer.manifest import FileEntry, Manifest, ManifestError, SegmentEntry, VectorEntry

MANIFEST = Manifest(
    3,
    "tok",
    "model",
    7,
    (
        SegmentEntry("a", 2, 5, {"x": FileEntry(1, "00")}, ("KB-1",), VectorEntry("v", "model", {})),
        SegmentEntry("b", 1, 4, {}),
    ),
    {"words.passages": 3.5},
)


def test_a_manifest_survives_the_round_trip():
    assert Manifest.from_bytes(MANIFEST.to_bytes()) == MANIFEST


def test_counts_leave_out_tombstones_and_pending_counts_passages_without_vectors():
    assert (MANIFEST.articles, MANIFEST.passages, MANIFEST.pending) == (2, 9, 4)


@pytest.mark.parametrize("bit", range(0, 8 * len(MANIFEST.to_bytes()), 97))
def test_any_flipped_bit_is_noticed(bit):
    content = bytearray(MANIFEST.to_bytes())
    content[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ManifestError):
        Manifest.from_bytes(bytes(content))


@pytest.mark.parametrize("length", [0, 1, 64, 65, 200, len(MANIFEST.to_bytes()) - 1])
def test_a_cut_off_manifest_is_noticed(length):
    with pytest.raises(ManifestError):
        Manifest.from_bytes(MANIFEST.to_bytes()[:length])


def test_another_schema_is_refused_by_name():
    with pytest.raises(ManifestError, match="schema 99"):
        Manifest.from_bytes(Manifest(1, "", "", 0, schema=99).to_bytes())
