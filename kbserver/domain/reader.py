"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from indexer.articles import Audience
from kbserver.domain.permissions import RIGHTS_OUTSIDE, Right, Role, has_right, scopes_open
from kbserver.errors import N_, NotAllowed, SignInRequired


@dataclass(frozen=True, slots=True)
class Reader:
    """The person or program that asks.

    `audience` decides what they see, `role` what they may do. `actor` tells one
    from another, such as an address or a user name; search events keep it only as an HMAC.
    """

    audience: Audience
    actor: str = ""
    role: Role | None = None
    """None for those who have not signed in, and for programs."""
    account_id: int | None = None
    name: str = ""
    """The account's name, as revisions and the audit record show it."""
    scopes: frozenset[str] | None = None
    """What a program's token is for; None for people."""
    today: date | None = None
    """The day on which they ask. Readers outside the house who ask on no day see nothing that may have expired."""

    @property
    def is_service(self) -> bool:
        """Whether this is a program whose token belongs to nobody."""
        return self.scopes is not None and self.account_id is None

    def narrowed(self, audience: Audience) -> Reader:
        """The same reader seeing only what `audience` may see; never more than before.

        >>> Reader(Audience.CUSTOMER).narrowed(Audience.INTERNAL).audience
        <Audience.CUSTOMER: 'customer'>
        >>> Reader(Audience.INTERNAL).narrowed(Audience.PUBLIC).audience
        <Audience.PUBLIC: 'public'>
        """
        if self.audience in audience.readable() or audience not in self.audience.readable():
            return self
        return replace(self, audience=audience)

    def may(self, right: Right) -> bool:
        """Whether this reader's role has the right, and a program's token reaches it.

        Who does not see the whole text of an article has no part in the work on it.
        """
        if self.audience is not Audience.INTERNAL and right not in RIGHTS_OUTSIDE:
            return False
        if self.scopes is None:
            return has_right(self.role, right)
        is_somebodys = self.account_id is not None
        opened = scopes_open(self.scopes, right, is_somebodys=is_somebodys)
        return opened and (not is_somebodys or has_right(self.role, right))

    def require(self, right: Right) -> None:
        """Raise `SignInRequired` or `NotAllowed` unless this reader has the right."""
        if self.may(right):
            return
        if self.role is None and self.scopes is None:
            raise SignInRequired(N_("Please sign in to do this."))
        if self.scopes is not None:
            raise NotAllowed(N_("This token does not allow this."))
        raise NotAllowed(N_("Your role does not allow this."))
