"""One form for everything that is written in several: width, case, script, invisible characters.

Articles and queries pass through the same function, so that `ＶＰＮ`, `vpn` and
`VPN`, or `印表機離線` and `打印机脱机`, are the same characters to every index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import opencc

VERSION = 1
"""Raised whenever the same text would come out differently, because stored indexes then no longer match."""

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
"""Controls, bidirectional overrides, zero-width marks, variation selectors and lone surrogates:
they change nothing that a person reads, but would keep two equal words apart."""

_COMBINING_RUN = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)
_HAN = re.compile("[\u3400-\u9fff]")
_SPACES = re.compile(r"\s+")
_SPACE = re.compile(r"\s")


@lru_cache(maxsize=1)
def _converters() -> tuple[opencc.OpenCC, opencc.OpenCC]:
    import opencc

    return opencc.OpenCC("t2s"), opencc.OpenCC("tw2sp")


def simplified(text: str) -> str:
    """`text` in simplified characters; in traditional text Taiwan's terms become the mainland's.

    Simplified text stays as it is: its own words, such as 文件, would else be
    read as Taiwan's.

    >>> simplified("印表機離線"), simplified("滑鼠沒反應"), simplified("打开文件")
    ('打印机脱机', '鼠标没反应', '打开文件')
    """
    if not _HAN.search(text):
        return text
    characters, terms = _converters()
    if characters.convert(text) == text:
        return text
    converted: str = terms.convert(text)
    return converted


def visible(text: str) -> str:
    """`text` without invisible characters and with at most three combining marks on a letter.

    >>> visible("打\\u200b印\\u202e机\\x00")
    '打印机'
    """
    return _COMBINING_RUN.sub(r"\1", _INVISIBLE.sub("", text))


def normalize(text: str) -> str:
    """The form that is tokenised: visible, NFKC, folded case, simplified, single spaces.

    >>> normalize("ＶＰＮ　１２３ 連線失敗")
    'vpn 123 连接失败'
    """
    folded = unicodedata.normalize("NFKC", visible(text)).casefold()
    return _SPACES.sub(" ", simplified(folded)).strip()


@lru_cache(maxsize=2048)
def normalize_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """`text` normalised character by character, and for each character of it the offset in `text` it came from.

    Only mappings that keep the number of characters are applied across
    characters, so a span found in the result can be marked in the original.
    """
    plain = text.translate(_FOLDING)
    offsets: Sequence[int] = range(len(text))
    if _UNEVEN in plain:
        forms = [_folded_character(character) for character in text]
        offsets = [offset for offset, form in enumerate(forms) for _ in form]
        plain = _SPACE.sub(" ", "".join(forms))
    converted = simplified(plain)
    return (converted if len(converted) == len(plain) else plain), offsets


@lru_cache(maxsize=4096)
def _folded_character(character: str) -> str:
    return unicodedata.normalize("NFKC", visible(character)).casefold()


_UNEVEN = "\x00"
"""Stands for a character whose form is not one character; no form holds it, for it is invisible itself."""

_FOLDINGS_KEPT = 65_536


class _Folding(dict[int, str]):
    """A table for `str.translate` that learns each character's form when it is met."""

    def __missing__(self, code: int) -> str:
        form = _SPACE.sub(" ", _folded_character(chr(code)))
        folded = form if len(form) == 1 else _UNEVEN
        if len(self) < _FOLDINGS_KEPT:
            self[code] = folded
        return folded


_FOLDING = _Folding()
