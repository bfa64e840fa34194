"""The package's link and image marks with an end: it looks for the closing bracket only so far."""

from __future__ import annotations

from markdown import Markdown
from markdown.inlinepatterns import (
    IMAGE_LINK_RE,
    LINK_RE,
    ImageInlineProcessor,
    ImageReferenceInlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    ShortImageReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
)

from kbserver.rendering.limits import Budget

MAX_LINK_TEXT = 1000
"""Characters between a link's square brackets. The package reads them one by one from every
opening bracket, so without an end `[[[[…` costs the square of its length."""

MAX_LINK_TARGET = 2500
"""Characters between a link's round brackets: the longest address browsers agree on, and a title."""


class _Bounded(LinkInlineProcessor):
    budget: Budget

    def getText(self, data: str, index: int) -> tuple[str, int, bool]:
        self.budget.check()
        if data.find("]", index, index + MAX_LINK_TEXT) < 0:
            return "", index, False
        return super().getText(data[: index + MAX_LINK_TEXT], index)

    def getLink(self, data: str, index: int) -> tuple[str, str | None, int, bool]:
        self.budget.check()
        if data[index : index + 1] != "(" or data.find(")", index, index + MAX_LINK_TARGET) < 0:
            return "", None, index, False
        return super().getLink(data[: index + MAX_LINK_TARGET], index)


class _Link(_Bounded, LinkInlineProcessor):
    pass


class _Image(_Bounded, ImageInlineProcessor):
    pass


class _Reference(_Bounded, ReferenceInlineProcessor):
    pass


class _ShortReference(_Bounded, ShortReferenceInlineProcessor):
    pass


class _ImageReference(_Bounded, ImageReferenceInlineProcessor):
    pass


class _ShortImageReference(_Bounded, ShortImageReferenceInlineProcessor):
    pass


_MARKS: tuple[tuple[str, type[_Bounded], str, int], ...] = (
    ("reference", _Reference, LINK_RE, 170),
    ("link", _Link, LINK_RE, 160),
    ("image_link", _Image, IMAGE_LINK_RE, 150),
    ("image_reference", _ImageReference, IMAGE_LINK_RE, 140),
    ("short_reference", _ShortReference, LINK_RE, 130),
    ("short_image_ref", _ShortImageReference, IMAGE_LINK_RE, 125),
)


def register(md: Markdown, budget: Budget) -> None:
    """Put these marks in place of the package's own in `md`."""
    for name, kind, pattern, priority in _MARKS:
        md.inlinePatterns.deregister(name)
        processor = kind(pattern, md)
        processor.budget = budget
        md.inlinePatterns.register(processor, name, priority)
