"""What values are called on pages, as message ids."""

from __future__ import annotations

from indexer.articles import ArticleType, Audience
from kbserver.domain.articles import Trust
from kbserver.errors import N_

TRUST = {
    Trust.VALIDATED: N_("Validated"),
    Trust.NOT_VALIDATED: N_("Not validated"),
    Trust.EXPIRED: N_("Validation expired"),
}
WHY = {
    "title": N_("Title"),
    "issue": N_("Customer's words"),
    "words": N_("Words"),
    "meaning": N_("Meaning"),
}
AUDIENCE = {
    Audience.INTERNAL: N_("Internal"),
    Audience.CUSTOMER: N_("Customers"),
    Audience.PUBLIC: N_("Everybody"),
}
TYPE = {
    ArticleType.SOLUTION: N_("Solution"),
    ArticleType.HOWTO: N_("How-to"),
    ArticleType.FAQ: N_("FAQ"),
    ArticleType.KNOWN_ISSUE: N_("Known issue"),
    ArticleType.POLICY: N_("Procedure"),
}
FACET = {
    "category": N_("Category"),
    "product": N_("Product"),
    "model": N_("Model"),
    "version": N_("Version"),
    "platform": N_("Platform"),
    "tag": N_("Tag"),
}
DETAIL = {
    "articles": N_("Articles"),
    "passages": N_("Passages"),
    "pending": N_("Passages waiting for their meaning"),
    "generation": N_("Index generation"),
    "sequence": N_("Last change in the index"),
    "model": N_("Language model"),
    "database": N_("Database"),
    "index": N_("Index"),
    "quarantined": N_("Refused files"),
    "outbox": N_("Changes waiting for the index"),
}
"""What the health service tells; a name not listed is shown as it is."""

ERROR = {
    400: N_("That cannot be understood"),
    401: N_("Please sign in"),
    403: N_("Not open to you"),
    404: N_("Nothing here"),
    405: N_("That does not work here"),
    413: N_("Too large"),
    414: N_("Address too long"),
    429: N_("Too many requests"),
    500: N_("Something failed here"),
    503: N_("Not available right now"),
}
