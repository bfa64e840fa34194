"""How large a request may be: what the site takes everywhere, and the views that take more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

ATTRIBUTE = "kb_body_limits"


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The most bytes of a whole body, and of its fields that are not files."""

    body: int
    fields: int


def takes_up_to(limits: BodyLimits) -> Callable[[View], View]:
    """Mark a view as one whose requests may be this large; put it directly above the function."""

    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, limits)
        return view

    return mark


def register(app: Flask) -> None:
    """Let the marked views take more; before anything else looks at the body."""
    app.before_request(_apply)


def _apply() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    limits: BodyLimits | None = getattr(view, ATTRIBUTE, None)
    if limits is not None:
        request.max_content_length = limits.body
        request.max_form_memory_size = limits.fields
