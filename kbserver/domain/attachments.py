"""Files that belong to articles: which kinds are taken, by their content, and what they are called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from urllib.parse import quote

from kbserver.domain.file_names import is_reserved_name

FOLDER = "files"
"""Where an article's files lie beside it, and how its text refers to them: `files/name`."""

HEAD_BYTES = 4096
"""The beginning of a file, by which its kind is judged."""

HASH_CHARS = 10
"""Characters of the content's hash in a name, so that one name is one content in every folder."""

MAX_STEM_BYTES = 80
"""Bytes of a name before its hash; file systems take 255 for the whole."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an article; its bytes lie in the data folder under their hash."""

    id: str
    article_id: str
    draft_id: int | None
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    created_by: str
    created_at: datetime

    @property
    def is_picture(self) -> bool:
        """Whether it is shown in the page; everything else is only offered for download."""
        return self.content_type in PICTURE_TYPES

    @property
    def target(self) -> str:
        """What the article's text writes to refer to it."""
        return f"{FOLDER}/{quote(self.name)}"

    @property
    def markdown(self) -> str:
        """The text that shows or offers it."""
        label = PurePosixPath(self.name).stem.rpartition("-")[0] or self.name
        return f"![{label}]({self.target})" if self.is_picture else f"[{self.name}]({self.target})"


PICTURE_TYPES: Mapping[str, str] = MappingProxyType({"image/png": ".png", "image/jpeg": ".jpg"})
"""Types that pictures are stored in after they were drawn anew, with their suffixes."""

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
"""Names of pictures that are taken; what they hold is decided by decoding them."""


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def is_text(head: bytes) -> bool:
    """Whether the beginning of a file is text as tools on Windows and Linux write it.

    >>> is_text("日志".encode()), is_text("日志".encode("gb18030")), is_text(b"MZ\\x90\\x00")
    (True, True, False)
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", head)


_ZIP = _starts(b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken: how it is served, and how its beginning must look."""

    content_type: str
    begins_right: Callable[[bytes], bool]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        ".pdf": Kind("application/pdf", _starts(b"%PDF-")),
        ".txt": Kind("text/plain", is_text),
        ".log": Kind("text/plain", is_text),
        ".csv": Kind("text/csv", is_text),
        ".ini": Kind("text/plain", is_text),
        ".conf": Kind("text/plain", is_text),
        ".docx": Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
        ".xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
        ".pptx": Kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", _ZIP),
        ".zip": Kind("application/zip", _ZIP),
        ".gz": Kind("application/gzip", _starts(b"\x1f\x8b")),
        ".7z": Kind("application/x-7z-compressed", _starts(b"7z\xbc\xaf\x27\x1c")),
        ".evtx": Kind("application/octet-stream", _starts(b"ElfFile\x00")),
        ".pcap": Kind(
            "application/vnd.tcpdump.pcap", _starts(b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1")
        ),
        ".pcapng": Kind("application/octet-stream", _starts(b"\n\r\r\n")),
    }
)
"""Every kind that is taken beside pictures, by suffix. None of them is ever opened here, archives least of all."""


def suffix_of(name: str) -> str:
    """The suffix that decides about a file, in lower case; of several the last.

    >>> suffix_of("a.png.HTML"), suffix_of("无后缀"), suffix_of("x/../日志.Log")
    ('.html', '', '.log')
    """
    base = re.split(r"[/\\]", name)[-1]
    return PurePosixPath(unicodedata.normalize("NFKC", base).strip(" .")).suffix.lower()


def stored_name(name: str, suffix: str, sha256: str) -> str:
    """What a file is called from now on: what is readable of its name, the beginning of its hash, its suffix.

    >>> stored_name("../导出 日志 (1).tar.LOG", ".log", "0123456789abcdef")
    '导出-日志-1-tar-0123456789.log'
    >>> stored_name(".htaccess", ".txt", "0123456789abcdef"), stored_name("CON.txt", ".txt", "0123456789abcdef")
    ('htaccess-0123456789.txt', 'con-file-0123456789.txt')
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1].strip()
    stem = base[: len(base) - len(PurePosixPath(base).suffix)] or base
    words = re.sub(r"[\W_]+", "-", "".join(char for char in stem if char.isprintable()))
    cut = words.encode("utf-8", "ignore")[:MAX_STEM_BYTES].decode("utf-8", "ignore").strip("-")
    clean = f"{cut.lower()}-file" if is_reserved_name(cut) else cut or "file"
    return f"{clean}-{sha256[:HASH_CHARS]}{suffix}"


def is_named_in(text: str, attachment: Attachment) -> bool:
    """Whether the article's text refers to the file."""
    return attachment.target in text or f"{FOLDER}/{attachment.name}" in text
