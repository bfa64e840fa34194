"""Sentences in a language, outside of any request."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"


@cache
def translations(lang: str) -> NullTranslations:
    """The catalogue of a language; English is what the messages are written in."""
    return Translations.load(str(CATALOGUES), [lang]) if lang != "en" else NullTranslations()


def gettext_in(lang: str) -> Callable[[str], str]:
    """What gives a message in that language."""
    return translations(lang).gettext
