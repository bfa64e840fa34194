"""Making a text an article's next revision: what is checked, what is written into it, where its file lies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from indexer.articles import Article, TrustState
from indexer.frontmatter import HeaderRefused, markdown_of, parse_article, with_fields
from kbserver.domain.articles import Stage, verified_until
from kbserver.domain.drafts import Draft, Origin
from kbserver.domain.excerpt import excerpt_of
from kbserver.domain.file_names import file_path
from kbserver.domain.validation import Validation, validation_after
from kbserver.errors import N_, Conflict, InvalidInput, Wording
from kbserver.services.article_files import sha256_of
from kbserver.services.article_pages import steps_of
from kbserver.store import articles as stored
from kbserver.store import publishing
from kbserver.store.articles import Standing
from kbserver.store.publishing import NewRevision

_CODE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n(.*?)(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)

_IMAGE = re.compile(r"!\[[^\]\n]{0,500}\](?:\([^)\n]{0,2000}\))?")


class OutdatedText(Conflict):
    """The article was published or archived anew since this text began; both texts are kept.

    `current` is the article as it stands now, `markdown` the text that was to be published.
    """

    def __init__(self, current: Standing | None, markdown: str, draft: Draft | None = None) -> None:
        if current is None or current.stage is not Stage.PUBLISHED:
            super().__init__(N_("The article is not published any more; nothing was overwritten."))
        else:
            super().__init__(
                N_("The article has changed since (revision %(number)s by %(who)s); nothing was overwritten."),
                number=current.revision,
                who=current.author,
            )
        self.current = current
        self.markdown = markdown
        self.draft = draft


@dataclass(frozen=True, slots=True)
class Publication:
    """A text that is to be published, with who stands for it."""

    article_id: str
    base_revision: int
    """The published revision it was written from; 0 for a new article."""
    markdown: str
    author: str
    actor: str
    origin: Origin
    reason: str = ""
    approver: str = ""
    is_by_reviewer: bool = False
    is_validated: bool = False
    """Whether somebody who may judge says that the steps hold."""
    draft: Draft | None = None
    former_stage: Stage = Stage.PUBLISHED
    """Where the article has to stand, if there is one."""

    @classmethod
    def of_draft(cls, draft: Draft, actor: str, *, approver: str = "", is_validated: bool = False) -> Publication:
        """The publication that a draft becomes."""
        return cls(
            article_id=draft.article_id,
            base_revision=draft.base_revision,
            markdown=draft.markdown,
            author=draft.author,
            actor=actor,
            origin=draft.origin,
            reason=draft.reason,
            approver=approver,
            is_by_reviewer=draft.is_by_reviewer,
            is_validated=is_validated,
            draft=draft,
        )


def publish(session: Session, publication: Publication, at: datetime) -> int:
    """Publish the text in the caller's transaction; gives the revision's number.

    Raises `OutdatedText` when it was not written from what is published now, `InvalidInput`
    when it is no article.
    """
    article = checked_article(publication.markdown, publication.article_id)
    current = stored.standing(session, article.id)
    if not is_current(publication.base_revision, current, publication.former_stage):
        raise OutdatedText(current, publication.markdown, publication.draft)
    article, text = _as_published(article, publication, current, at)
    new = NewRevision(
        article=article,
        path=_path_of(session, article, current, publication.draft),
        markdown=text,
        sha256=sha256_of(text),
        author=publication.author,
        reason=publication.reason,
        excerpt=excerpt_of(article.body),
        verified_until=verified_until(article),
        at=at,
        approver=publication.approver,
        origin=publication.origin,
        actor=publication.actor,
    )
    return publishing.publish(session, new)


def is_current(base_revision: int, current: Standing | None, stage: Stage = Stage.PUBLISHED) -> bool:
    """Whether a text that began from that revision still changes what stands now."""
    if current is None:
        return base_revision == 0
    return current.stage is stage and current.revision == base_revision


def checked_article(markdown: str, article_id: str) -> Article:
    """The article in the text, under that id; raises `InvalidInput` with the line when it is none."""
    parsed = parse_article(markdown, "", is_finished=False)
    if parsed.article is not None and not parsed.article.title:
        raise InvalidInput(N_("The article has no title yet."), field="title")
    if parsed.article is None:
        found = parsed.errors[0]
        raise InvalidInput(
            N_("Line %(line)s: %(problem)s"),
            field="markdown",
            line=found.line or 1,
            problem=Wording(found.zh, found.en),
        )
    if parsed.article.id not in ("", article_id):
        raise InvalidInput(
            N_("The text says id %(typed)s, but this article is %(id)s; correct the line or leave it out."),
            field="markdown",
            typed=parsed.article.id,
            id=article_id,
        )
    if not re.search(r"\w", _IMAGE.sub("", parsed.article.body)):
        raise InvalidInput(N_("The article says nothing yet; write at least one sentence."), field="markdown")
    return replace(parsed.article, id=article_id)


def steps_changed(before: Article, after: Article) -> bool:
    """Whether what readers are to do differs: the solution steps, or code anywhere; spaces do not count."""
    return _to_do(before.body) != _to_do(after.body)


def _to_do(body: str) -> tuple[list[str], list[str]]:
    code = [found[2] for found in _CODE.finditer(body)]
    return steps_of(body).split(), [word for block in code for word in block.split()]


def validation_of(
    article: Article, current: Standing | None, *, is_by_reviewer: bool, said: Validation | None = None
) -> Validation:
    """The trust that the article has once it takes the place of what stands now."""
    before = parse_article(current.markdown, "").article if current else None
    return validation_after(
        Validation.of(before),
        steps_changed=before is None or steps_changed(before, article),
        is_by_reviewer=is_by_reviewer,
        said=said,
    )


def _as_published(
    article: Article, publication: Publication, current: Standing | None, at: datetime
) -> tuple[Article, str]:
    """The article and its text with what only publishing decides: id, trust, moment of the change."""
    after = validation_of(
        article,
        current,
        is_by_reviewer=publication.is_by_reviewer,
        said=_said(publication, at),
    )
    updated_at = at if article.updated_at else None
    decided = replace(
        article,
        state=after.state,
        verified_at=after.verified_at,
        verified_by=after.verified_by,
        updated_at=updated_at,
    )
    values: dict[str, str | tuple[str, ...]] = {"id": article.id}
    if Validation.of(article) != after:
        values["state"] = after.state.value
        values["verified_at"] = after.verified_at.isoformat() if after.verified_at else ""
        values["verified_by"] = after.verified_by
    if updated_at:
        values["updated_at"] = updated_at.isoformat()
    return decided, _written(publication.markdown, values, decided)


def _said(publication: Publication, at: datetime) -> Validation | None:
    """What somebody who may judge said of the steps with the publication; None for nothing."""
    if not publication.is_validated:
        return None
    day, who = at.astimezone().date(), publication.approver or publication.actor
    return Validation(TrustState.VALIDATED, day, who)


def _written(markdown: str, values: Mapping[str, str | tuple[str, ...]], decided: Article) -> str:
    """The text with these values; written anew where it cannot be changed key by key."""
    try:
        text = with_fields(markdown, values)
    except HeaderRefused:
        return markdown_of(decided)
    return text if parse_article(text, "").article == decided else markdown_of(decided)


def _path_of(session: Session, article: Article, current: Standing | None, draft: Draft | None) -> str:
    """Where the article's file lies, or is to lie: where the draft came from, else a name of its own."""
    if current and current.path:
        return current.path
    wanted = draft.path if draft and draft.path else file_path(article.category, article.id)
    return publishing.unused_path(session, wanted)
