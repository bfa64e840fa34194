"""The identifier lane: error codes, model and KB numbers, versions, addresses, paths, in one canonical spelling.

Half of a support query is often such a token, and it decides the answer. A
word tokenizer cuts it up and a language model blurs it, so it gets a lane of
its own in which only exact equality of canonical forms counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

VERSION = 1

MAX_LENGTH = 80
"""Longer tokens are encoded data, not something a person would quote."""

_IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?"
_HEX = r"0x[0-9a-f]{1,16}"
_CVE = r"cve[-_ ]?\d{4}[-_ ]?\d{4,7}"
_WINDOWS_PATH = r"(?:[a-z]:|\\\\[\w.$-]+|hk(?:lm|cu|cr|u|ey_[a-z_]+))(?:\\[\w.$ {}()%-]*[\w.$})%])+"
_UNIX_PATH = r"(?<![\w/:.<])/(?:[\w.+-]+/)*[\w.+-]*[a-z][\w.+-]*(?:/[\w.+-]+)*"
_FILE_NAME = (
    r"[\w-]+\.(?:dll|exe|sys|dat|inf|msc|cpl|log|conf|cnf|ini|ost|pst|bat|ps1|service|so|vmdk|vhdx|cab|msi|ora)\b"
)
_VERSION_NUMBER = r"v?\d+(?:\.\d+)+[a-z]?\d*"
_SNAKE = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+"
_MIXED = (
    r"(?:[a-z]{1,4} (?=\d)|[a-z]{1,12}[-_](?=[a-z]*\d))?"  # "ora 12541", "kb-5034441", but not "returns 502"
    r"[a-z]*\d[a-z0-9]*(?:[-_.][a-z0-9]*\d[a-z0-9]*)*"
)

_TOKEN = re.compile(
    rf"(?<![a-z0-9])(?:(?P<hex>{_HEX})|(?P<cve>{_CVE})|(?P<ip>{_IPV4})|(?P<file>{_FILE_NAME})|(?P<mixed>{_MIXED}))(?![a-z0-9])"
    rf"|(?P<snake>(?<![a-z0-9_]){_SNAKE}(?![a-z0-9_]))",
    re.ASCII,
)
_PATHS = re.compile(rf"(?P<windows>{_WINDOWS_PATH})|(?P<unix>{_UNIX_PATH})", re.ASCII)
_BARE_HEX = re.compile(r"(?=[0-9a-f]{8}$)(?:000[0-9a-f]{5}|8[0-9a-f]{7}|c0[0-9a-f]{6}|(?=.*\d)(?=.*[a-f])[0-9a-f]{8})")
_SEPARATORS = re.compile(r"[-_ ]")
_DIGITS = re.compile(r"\d{4,}")
_ORDINARY = re.compile(r"\d{1,2}|\d{1,3}(?:st|nd|rd|th|s|px|pt|ms|min|h|gb|mb|kb|k|m|g|t|x)")
"""Small numbers and amounts: too common to identify anything by themselves."""


def identifiers_of(text: str) -> list[str]:
    """Canonical identifiers in normalised `text`, in order of appearance, each once.

    Separators between letters and digits, leading zeros of a hexadecimal code
    and its missing `0x` make no difference. The digits of a longer code are
    given too, so that a bare `12541` finds `ORA-12541`.

    >>> identifiers_of("th-01"), identifiers_of("th01"), identifiers_of("ora 12541")
    (['th01'], ['th01'], ['ora12541', '12541'])
    >>> identifiers_of("蓝屏0x0000007b"), identifiers_of("错误 8004010f")
    (['0x7b'], ['0x8004010f', '8004010f'])
    """
    return list(dict.fromkeys(form for _, _, forms in occurrences(text) for form in forms))


def occurrences(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Start, end and canonical forms of each identifier in normalised `text`; paths come first."""
    for match in _PATHS.finditer(text):
        if len(match.group()) <= MAX_LENGTH:
            yield match.start(), match.end(), [match.group().rstrip(".").replace(" ", "")]
    for match in _TOKEN.finditer(text):
        forms = [form for form in _canonical(match.lastgroup or "", match.group()) if 1 < len(form) <= MAX_LENGTH]
        if forms:
            yield match.start(), match.end(), forms


def _canonical(kind: str, token: str) -> list[str]:
    if kind == "cve":
        digits = re.findall(r"\d+", _SEPARATORS.sub("-", token))
        return ["cve" + "".join(digits)]
    if kind in ("ip", "file", "snake"):
        return [token]
    return _canonical_mixed(token)


def _canonical_mixed(token: str) -> list[str]:
    """Forms of a token of letters and digits: the whole, its digits, and its parts around a dot or a space."""
    if re.fullmatch(_HEX, token):
        return ["0x" + (token[2:].lstrip("0") or "0")]
    if _BARE_HEX.fullmatch(token):
        return ["0x" + (token.lstrip("0") or "0"), token]
    if re.fullmatch(_VERSION_NUMBER, token):
        return [token.removeprefix("v")]
    if _ORDINARY.fullmatch(token):
        return []
    head, separator, tail = re.match(r"([a-z]*)([-_ ]?)(.*)", token).groups()  # type: ignore[union-attr]
    if separator and (head in _PLAIN_PREFIXES or tail.startswith("0x") or re.fullmatch(_VERSION_NUMBER, tail)):
        return _canonical_mixed(tail)
    whole = _SEPARATORS.sub("", token)
    parts = _canonical_mixed(tail) if separator == " " else []
    digits = [] if "." in token else [run for run in _DIGITS.findall(whole) if run != whole]
    return list(dict.fromkeys([whole, *parts, *digits]))


_PLAIN_PREFIXES = frozenset(
    "err code id stop step port the a in of to and or is on at by for than with from via says".split()
)
"""Words before a number that name its kind and do not belong to it: `error 809` is `809`."""
