"""What a password must be like."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from kbserver.domain.limits import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS
from kbserver.errors import N_, InvalidInput

LEAST_DIFFERENT_CHARS = 5

LEAST_NAME_CHARS = 4
"""A shorter account name stands in a password by chance."""

LINK_LASTS = timedelta(hours=24)
"""How long a link to set a password can be used."""

RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
"""Rows of the keyboard and the like; a piece of one in either direction is the first thing that is tried."""

FIRST_GUESSES = frozenset(
    "password passwort passw0rd p@ssw0rd admin administrator root guest user test welcome letmein login changeme"
    " change master secret support helpdesk knowledge iloveyou monkey dragon sunshine princess football baseball"
    " superman qwerty mima woaini woaini1314 5201314 zhimakaimen default temp temporary summer winter spring autumn"
    " january february august september october november december".split()
)
"""Words that lists of stolen passwords begin with, once digits and signs around them are cut off."""


def password_text(text: str) -> str:
    """The password in the one form that is hashed, so that every keyboard types the same."""
    return unicodedata.normalize("NFKC", text)


def check_new_password(text: str, name: str) -> None:
    """Raise `InvalidInput` with the reason unless `text` can be the password of that account."""
    if len(text) < MIN_PASSWORD_CHARS:
        raise _refused(N_("A password needs at least %(least)s characters."), least=MIN_PASSWORD_CHARS)
    if len(text) > MAX_PASSWORD_CHARS:
        raise _refused(N_("A password has at most %(most)s characters."), most=MAX_PASSWORD_CHARS)
    if len(name) >= LEAST_NAME_CHARS and name in text.casefold():
        raise _refused(N_("The password must not hold the account's name."))
    if is_easily_guessed(text):
        raise _refused(N_("This password is among the first that are guessed; please choose another."))


def is_easily_guessed(text: str) -> bool:
    """Whether it is a common word with digits, a run along the keyboard or a few characters repeated.

    >>> [is_easily_guessed(t) for t in ("Password2024!", "1234567890", "aaaaaaaaaa", "abcabcabcabc", "corgi-lamp-91")]
    [True, True, True, True, False]
    """
    low = text.casefold()
    word = low.strip("0123456789!@#$%^&*()-_=+.,?~ ")
    if word in FIRST_GUESSES or len(set(low)) < LEAST_DIFFERENT_CHARS:
        return True
    return any(low in run or low in run[::-1] for run in RUNS)


def _refused(message: str, **values: object) -> InvalidInput:
    return InvalidInput(message, field="new_password", **values)
