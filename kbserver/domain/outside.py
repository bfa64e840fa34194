"""An article as readers outside the house get it: without its internal parts and the names of people."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from indexer.articles import Audience
from indexer.audience_sections import for_audience
from kbserver.domain.articles import ArticleView, RevisionInfo
from kbserver.domain.reader import Reader


def view_for(reader: Reader, view: ArticleView) -> ArticleView:
    """The article as this reader may have it; everything that shows an article shows this.

    Outside the house its Markdown has no front matter, and its hash is that of the text given, so that
    neither tells of what was left out.
    """
    if reader.audience is Audience.INTERNAL:
        return view
    article = replace(
        view.article,
        body=for_audience(view.article.body, reader.audience),
        owner="",
        source_tickets=(),
        extra={},
    )
    markdown = f"# {article.title}\n\n{article.body.strip()}\n"
    return replace(
        view,
        summary=replace(view.summary, owner=""),
        article=article,
        markdown=markdown,
        sha256=hashlib.sha256(markdown.encode()).hexdigest(),
    )


def revision_for(reader: Reader, revision: RevisionInfo) -> RevisionInfo:
    """A line of an article's history as this reader may have it: outside the house its number and its time."""
    if reader.audience is Audience.INTERNAL:
        return revision
    return replace(revision, sha256="", author="", reason="", approver="", origin="")
