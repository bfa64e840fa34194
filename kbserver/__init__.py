"""The knowledge base site: `create_app` builds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kbserver.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    # `kb --help` imports this package and must not pay for Flask and SQLAlchemy.
    if name == "create_app":
        from kbserver.app import create_app

        return create_app
    raise AttributeError(name)
