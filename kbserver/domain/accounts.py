"""People who may sign in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from indexer.articles import Audience
from kbserver.domain.limits import MAX_ACCOUNT_NAME_CHARS, MAX_DISPLAY_NAME_CHARS, MAX_EMAIL_CHARS
from kbserver.domain.permissions import Role
from kbserver.errors import N_, InvalidInput

NAME_FORM = re.compile(r"\w[\w.@+-]*")
EMAIL_FORM = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the site knows them."""

    id: int
    name: str
    """What they sign in with and what revisions and the audit record show."""
    display_name: str
    email: str
    role: Role
    audience: Audience
    """Which articles they see."""
    is_disabled: bool
    must_change_password: bool
    has_password: bool
    is_external: bool
    """Whether another system says who they are."""
    created_at: datetime
    last_seen_at: datetime | None


def account_name(text: str) -> str:
    """The normal form of a name, so that no two people differ only in case or width.

    Raises `InvalidInput` for what cannot be a name.

    >>> account_name(" Zhang.Wei "), account_name("张伟")
    ('zhang.wei', '张伟')
    """
    # One more than may be is enough to be refused; normalising a megabyte would take its time.
    name = unicodedata.normalize("NFKC", text[: 2 * MAX_ACCOUNT_NAME_CHARS]).strip().casefold()
    if len(name) > MAX_ACCOUNT_NAME_CHARS or not NAME_FORM.fullmatch(name):
        raise InvalidInput(
            N_("A name has 1 to %(most)s letters, digits or the signs . _ - @ +, and begins with a letter or digit."),
            field="name",
            most=MAX_ACCOUNT_NAME_CHARS,
        )
    return name


def display_name(text: str, name: str) -> str:
    """The name for pages in one line; the account's own where none is given."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(shown) > MAX_DISPLAY_NAME_CHARS:
        raise InvalidInput(
            N_("At most %(max_length)s characters are taken."), field="display_name", max_length=MAX_DISPLAY_NAME_CHARS
        )
    return shown or name


def email_address(text: str) -> str:
    """The mail address, or nothing; raises `InvalidInput` for what cannot be one."""
    address = text.strip()
    if address and (len(address) > MAX_EMAIL_CHARS or not EMAIL_FORM.fullmatch(address)):
        raise InvalidInput(N_("This is not a mail address."), field="email")
    return address


def audience_of(role: Role, chosen: Audience) -> Audience:
    """What somebody of that role sees: staff everything, readers what was chosen for them.

    >>> audience_of(Role.AGENT, Audience.PUBLIC), audience_of(Role.READER, Audience.CUSTOMER)
    (<Audience.INTERNAL: 'internal'>, <Audience.CUSTOMER: 'customer'>)
    """
    return Audience.INTERNAL if role.rank > Role.READER.rank else chosen
