"""Which encoding bytes that are not UTF-8 are probably in: a name for a sentence, not for decoding."""

from __future__ import annotations

SAMPLE_BYTES = 64 * 1024
"""Enough characters to tell two encodings apart, little enough to cost nothing."""

_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def guessed_encoding(content: bytes) -> str:
    """The likely name of the encoding, "" when nothing fits.

    GB18030 and Big5 share most byte pairs, so the one is taken in which more
    pairs are everyday characters: GB2312's first level (leads B0-D7), Big5's
    first level (leads A4-C6).

    >>> guessed_encoding("打印机脱机了".encode("gb18030")), guessed_encoding("印表機離線".encode("big5"))
    ('GB18030', 'Big5')
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    sample = content[:SAMPLE_BYTES]
    if sample.count(0) * 4 > len(sample):
        return "UTF-16"
    scores = {
        "GB18030": _everyday_share(sample, "gb18030", 0xB0, 0xD7),
        "Big5": _everyday_share(sample, "big5", 0xA4, 0xC6),
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0.5 else ""


def _everyday_share(sample: bytes, codec: str, first_lead: int, last_lead: int) -> float:
    """The share of double-byte characters that are everyday ones; 0 when it does not decode."""
    text = sample.decode(codec, errors="replace")
    if text.count("\N{REPLACEMENT CHARACTER}") * 50 > len(text):
        return 0.0
    wide = [char.encode(codec, errors="replace") for char in text if ord(char) > 0x7F]
    everyday = [pair for pair in wide if len(pair) == 2 and first_lead <= pair[0] <= last_lead]
    # Level one of GB2312 has its trail bytes above A0, which Big5 text often has not.
    if codec == "gb18030":
        everyday = [pair for pair in everyday if pair[1] >= 0xA1]
    return len(everyday) / max(1, len(wide))
