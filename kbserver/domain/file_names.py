"""Where the file of a new article lies: a name made of its category and its id."""

from __future__ import annotations

import re
import unicodedata

MAX_PART_CHARS = 40
"""Characters of one folder's name: 120 bytes in Chinese, half of what file systems take."""

_UNSAFE = re.compile(r"[^\w]+")
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])")


def file_path(category: str, article_id: str) -> str:
    """The path below the articles folder for an article without a file; every part is letters, digits, `-` and `_`.

    The id has been checked when it was given, and makes the path the article's own.

    >>> file_path("邮件/Outlook 2019", "KB-0042"), file_path("", "KB-0042")
    ('邮件/Outlook-2019/KB-0042.md', 'KB-0042.md')
    >>> file_path("../.git/con", "KB-0042")
    'git/con-/KB-0042.md'
    """
    folders = [_folder(part) for part in category.split("/")]
    return "/".join([*(folder for folder in folders if folder), f"{article_id}.md"])


def _folder(part: str) -> str:
    name = _UNSAFE.sub("-", unicodedata.normalize("NFC", part)).strip("-_")[:MAX_PART_CHARS].strip("-_")
    return f"{name}-" if is_reserved_name(name) else name


def is_reserved_name(name: str) -> bool:
    """Whether Windows keeps the name for a device.

    >>> is_reserved_name("CON"), is_reserved_name("connect")
    (True, False)
    """
    return _RESERVED.fullmatch(name) is not None
