"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.articles import Audience


@dataclass(frozen=True, slots=True)
class Reader:
    """The person or program that asks.

    `audience` decides what they see. `actor` tells one from another, such as
    an address or a user name; it is stored only as an HMAC.
    """

    audience: Audience
    actor: str = ""

    def narrowed(self, audience: Audience) -> Reader:
        """The same reader seeing only what `audience` may see; never more than before.

        >>> Reader(Audience.CUSTOMER).narrowed(Audience.INTERNAL).audience
        <Audience.CUSTOMER: 'customer'>
        >>> Reader(Audience.INTERNAL).narrowed(Audience.PUBLIC).audience
        <Audience.PUBLIC: 'public'>
        """
        if self.audience not in audience.readable():
            return Reader(audience, self.actor) if audience in self.audience.readable() else self
        return self
