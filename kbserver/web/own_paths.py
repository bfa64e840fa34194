"""Addresses to go on to, which must lie on this site."""

from __future__ import annotations

from kbserver.domain.limits import MAX_NEXT_CHARS

HOME = "/"


def local_path(target: str) -> str:
    r"""`target` if it is a path on this site, else the home page.

    >>> local_path("/search?q=a"), local_path("//evil"), local_path("/\\evil"), local_path("http://a/")
    ('/search?q=a', '/', '/', '/')
    """
    is_path = target.startswith("/") and not target.startswith(("//", "/\\")) and len(target) <= MAX_NEXT_CHARS
    return target if is_path and target.isprintable() and "\\" not in target.partition("?")[0] else HOME


def after_signing_in(target: str) -> str:
    """Where to go on to once signed in: as `local_path`, and not back to the pages of signing in.

    >>> after_signing_in("/queue"), after_signing_in("/sign-in?next=/queue"), after_signing_in("/sign-out")
    ('/queue', '/', '/')
    """
    path = local_path(target)
    return HOME if path.startswith(("/sign-in", "/sign-out", "/account/password")) else path
