"""A draft as its article's page will show it, by the same code, whether it is saved or not."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from indexer.articles import FACETS, Article
from indexer.frontmatter import parse_article
from kbserver.domain.articles import ArticleSummary, ArticleView, verified_until
from kbserver.domain.attachments import FOLDER
from kbserver.domain.drafts import Draft
from kbserver.domain.file_names import file_path
from kbserver.domain.reader import Reader
from kbserver.errors import N_, InvalidInput, Wording
from kbserver.rendering import Rendered
from kbserver.services.article_files import sha256_of
from kbserver.services.article_pages import ArticlePages, below, is_file_name


@dataclass(frozen=True, slots=True)
class DraftPage:
    """What the article would look like."""

    view: ArticleView
    rendered: Rendered


class DraftPages:
    """Renders texts that are not published; nothing of them is kept."""

    def __init__(self, pages: ArticlePages) -> None:
        self._pages = pages

    def preview(self, reader: Reader, draft: Draft, text: str, lang: str) -> DraftPage:
        """The draft's page if its text were this one; raises `InvalidInput` for front matter that cannot be read."""
        view = view_of(draft, readable(text), text)

        def file_url(target: str) -> str | None:
            return self._file_url(draft, view.path, target)

        return DraftPage(view, self._pages.render_fresh(view, reader, lang, file_url))

    def _file_url(self, draft: Draft, article_path: str, target: str) -> str | None:
        if not is_file_name(target):
            return None
        folder, _, name = target.partition("/")
        if folder == FOLDER and "/" not in name:
            return f"{draft.url}/{quote(target)}"
        path = below(article_path, target)
        return f"/articles/{quote(draft.article_id)}/files/{quote(path)}" if path and draft.base_revision else None


def readable(text: str) -> Article:
    """The article in a text that is still being written; raises `InvalidInput`, which says what is wrong."""
    parsed = parse_article(text if text.strip() else "---\n---\n", "", is_finished=False)
    if parsed.article is None:
        raise InvalidInput(
            N_("This text cannot be shown: %(why)s"), why=Wording(parsed.errors[0].zh, parsed.errors[0].en)
        )
    return parsed.article


def view_of(draft: Draft, article: Article, text: str) -> ArticleView:
    """The article as if the text were published now."""
    summary = ArticleSummary(
        id=draft.article_id,
        title=article.title,
        type=article.type,
        category=article.category,
        facets={facet: article.facet_values(facet) for facet in FACETS if facet != "category"},
        audience=article.audience,
        lang=article.lang,
        state=article.state,
        stage=draft.stage,
        owner=article.owner,
        revision=draft.base_revision,
        updated_at=article.updated_at or draft.updated_at,
        verified_at=article.verified_at,
        verified_until=verified_until(article),
    )
    return ArticleView(summary, article, text, sha256_of(text), path_of(draft, article), draft.created_at)


def path_of(draft: Draft, article: Article) -> str:
    """Where the article's file lies, or would lie if it were published now."""
    return draft.path or file_path(article.category, draft.article_id)
