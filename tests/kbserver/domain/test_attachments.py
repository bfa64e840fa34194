from __future__ import annotations

import unicodedata

import pytest

from kbserver.domain.attachments import KINDS, stored_name, suffix_of

SHA = "0123456789abcdef" * 4

NAMES = [
    "../../etc/passwd.txt",
    "a\\..\\b.txt",
    "%2e%2e%2fx.txt",
    "nul\0byte.txt",
    "长" * 300 + ".txt",
    "CON.txt",
    "com1.txt",
    ".htaccess",
    "-rf.txt",
    "😀👨‍👩‍👧.txt",
    "evil\u202etxt.exe.txt",
    "a\r\nSet-Cookie: x.txt",
    '"><img src=x onerror=alert(1)>.txt',
    "",
    "...",
    "  .txt",
    "a;b|c`d$(e).txt",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_name_is_one_harmless_part_of_a_path(name: str) -> None:
    stored = stored_name(name, ".txt", SHA)

    assert stored.endswith("-0123456789.txt")
    assert len(stored.encode()) <= 100
    assert stored[0] not in "-."
    assert all(char.isalnum() or char in "-." for char in stored)
    assert stored.count(".") == 1
    assert unicodedata.is_normalized("NFC", stored)


def test_one_name_is_one_content() -> None:
    assert stored_name("a.txt", ".txt", "a" * 64) != stored_name("a.txt", ".txt", "b" * 64)


@pytest.mark.parametrize("name", "a.svg a.html a.htm a.xml a.js a.exe a.php a.png.html a.bat a".split())
def test_what_could_run_somewhere_is_of_no_kind_that_is_taken(name: str) -> None:
    assert suffix_of(name) not in KINDS


@pytest.mark.parametrize(
    ("suffix", "head", "is_right"),
    [
        (".pdf", b"%PDF-1.7\n", True),
        (".pdf", b"<script>%PDF-", False),
        (".txt", "第一行\r\n第二行\t".encode("gb18030"), True),
        (".log", "\x1b[31m错误\x1b[0m".encode(), True),
        (".csv", b"\xff\xfea\x00", True),
        (".txt", b"MZ\x90\x00\x03", False),
        (".txt", b"\x89PNG\r\n\x1a\n\x00", False),
        (".docx", b"PK\x03\x04", True),
        (".docx", b"\xd0\xcf\x11\xe0", False),
        (".zip", b"Rar!\x1a\x07", False),
        (".evtx", b"ElfFile\x00\x00", True),
        (".gz", b"\x1f\x8b\x08", True),
        (".pcapng", b"\n\r\r\n\x00", True),
    ],
)
def test_the_beginning_of_a_file_must_be_what_its_name_says(suffix: str, head: bytes, is_right: bool) -> None:
    assert KINDS[suffix].begins_right(head) == is_right
