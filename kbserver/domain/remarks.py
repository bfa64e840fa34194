"""What people say in a sentence or two: reasons and comments."""

from __future__ import annotations

import unicodedata

from kbserver.domain.limits import MAX_REASON_CHARS
from kbserver.errors import N_, InvalidInput


def checked_remark(text: str, field: str, *, most: int = MAX_REASON_CHARS, is_needed: bool = False) -> str:
    """The text without outer spaces and control characters; raises `InvalidInput`.

    >>> checked_remark("  步骤 2\\x07 不对\\r\\n", "reason")
    '步骤 2 不对'
    """
    clean = "".join(char for char in text.replace("\r\n", "\n") if char == "\n" or _is_shown(char, field)).strip()
    if len(clean) > most:
        raise InvalidInput(
            N_("This has %(length)s characters; at most %(most)s are kept."), field=field, length=len(clean), most=most
        )
    if is_needed and not clean:
        raise InvalidInput(N_("Please give a reason."), field=field)
    return clean


def _is_shown(char: str, field: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cs":
        raise InvalidInput(N_("The text holds characters that cannot be stored."), field=field)
    return category != "Cc" or char == "\t"
