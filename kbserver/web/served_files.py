"""Files that people sent, as answers that no browser runs."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, make_response, request

from kbserver.services.article_pages import ArticleFile

POLICY = "default-src 'none'; sandbox"
"""What a browser may do with a file that is opened by itself: nothing."""


def served_file(file: ArticleFile) -> Response:
    """The file; pictures may be shown, everything else is saved and never opened here."""
    response = make_response(file.data)
    response.content_type = file.content_type
    response.headers["Content-Security-Policy"] = POLICY
    if not file.is_picture:
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    response.set_etag(file.etag)
    return response.make_conditional(request)  # type: ignore[return-value]
