"""Limits on what may be sent, each checked before the value reaches a parser or an index."""

from __future__ import annotations

MAX_QUERY_CHARS = 512
"""Characters of a search query after outer spaces are cut; support questions rarely pass 100."""

MAX_EVALUATED_QUERY_CHARS = 20_000
"""Characters of a query file's line in `kb eval`; a whole ticket may be one."""

MAX_QUERY_TERMS = 64
"""Space-separated words in a query; more is never a question and only costs time."""

MAX_BODY_BYTES = 1_000_000
"""Body of any request."""

MAX_TEXT_FORM_BYTES = 1_500_000
"""A form that carries a whole article, and perhaps another text of it to merge."""

MAX_UPLOAD_BYTES = 20_000_000
"""One file that is attached to an article."""

MAX_UPLOAD_REQUEST_BYTES = MAX_UPLOAD_BYTES + 100_000
"""The request around it, the largest of all: the server refuses more before anybody reads it."""

MAX_PICTURE_BYTES = 10_000_000
"""One picture as it is sent; a screenshot of two screens has a tenth of this."""

MAX_PICTURE_PIXELS = 25_000_000
"""Width times height of a picture, known before it is decoded."""

MAX_FILES_OF_ARTICLE = 100
"""Pictures and attachments of one article, those of its former revisions included."""

MAX_FORM_PARTS = 100
"""Parts of a multipart form."""

MAX_FORM_FIELD_BYTES = 100_000
"""One field of a form kept in memory."""

MAX_HEADER_BYTES = 16_384
"""All request headers together, the request line included."""

MAX_PAGE_SIZE = 50
"""Hits or articles on one page."""

DEFAULT_PAGE_SIZE = 10
"""Hits on a page when none is asked for."""

MAX_DEPTH = 200
"""Hits reachable by paging; nobody reads further and each page costs the ones before it."""

MAX_FILTER_VALUES = 20
"""Values of one facet in a filter."""

MAX_FILTER_CHARS = 200
"""Characters of one filter value."""

MAX_CURSOR_CHARS = 2_000
"""Length of a paging mark; `MAX_DEPTH` short hashes fit."""

MAX_ID_CHARS = 64
"""Length of an article id."""

MAX_COMMENT_CHARS = 2_000
"""Length of a comment in feedback."""

MAX_ROW_NUMBER = 2**63 - 1
"""The largest number that a row can have; a larger one in an address is no row's."""

MAX_REASON_CHARS = 500
"""Length of what an author says a change is for; a line of the revision record."""

MAX_QUOTE_CHARS = 300
"""Characters of the passage that a comment on a draft speaks of."""

MAX_COMMENTS = 500
"""Comments on one draft; more would only slow its page."""

MAX_DAYS_AHEAD = 366
"""How far ahead an approved draft may be published; a later date is a slip of the hand."""

MAX_AUDIT_EXPORT = 50_000
"""Lines of the audit record in one export; choose a time span for more."""

MAX_FILE_BYTES = 1_000_000
"""Size of an article file; larger ones are quarantined unread."""

MAX_ACCOUNT_NAME_CHARS = 64
"""Length of the name that somebody signs in with."""

MAX_DISPLAY_NAME_CHARS = 100
"""Length of a person's name as pages show it."""

MAX_EMAIL_CHARS = 254
"""Length of a mail address, as the mail standards have it."""

MIN_PASSWORD_CHARS = 10
"""Length of a new password."""

MAX_PASSWORD_CHARS = 200
"""Length of any password; hashing a longer one would only cost time."""

MAX_USER_AGENT_CHARS = 200
"""What is kept of the words by which a browser names itself."""

MAX_NEXT_CHARS = 2_000
"""Length of the address to go to after signing in."""

MAX_OPEN_FLAGS = 20
"""Open flags on one article by readers without an account; more say nothing new."""

MAX_BULK_TASKS = 100
"""Tasks closed or taken over at once."""

MAX_NOTE_CHARS = 1_000
"""Length of the note with which a task is closed."""

MAX_SUBSCRIPTIONS = 200
"""Subscriptions of one account."""

MAX_EXPORT_ARTICLES = 500
"""Articles in one export."""

MAX_EXPORT_BYTES = 200_000_000
"""Pictures in one export; those beyond are named in it and left out."""

MAX_COLLECTION_ARTICLES = 100
"""Articles on one page that is to be printed."""

MAX_TOKEN_NAME_CHARS = 100
"""Length of what an API token is called."""

MAX_TOKEN_DAYS = 3_650
"""How long an API token may last that does not last for good."""
