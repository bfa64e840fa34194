"""Shapes of the API's writing operations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from kbserver.domain.articles import Stage
from kbserver.domain.limits import MAX_FILE_BYTES, MAX_ID_CHARS, MAX_REASON_CHARS, MAX_ROW_NUMBER
from kbserver.domain.review import Step
from kbserver.services.writing import Wish
from kbserver.web.api_schemas import ArticlePath, Parameters

RowNumber = Annotated[int, Field(strict=True, ge=1, le=MAX_ROW_NUMBER)]
Reason = Annotated[str, Field(max_length=MAX_REASON_CHARS, description="Stands in the revision record.")]

__all__ = [
    "ArticlePath",
    "CreateBody",
    "CurrentModel",
    "DraftModel",
    "ReplaceBody",
    "StepBody",
    "StepPath",
    "WrittenModel",
]


class CreateBody(Parameters):
    """A new article."""

    markdown: str = Field(
        max_length=MAX_FILE_BYTES, description="The whole file, front matter included, without an id."
    )
    reason: Reason = ""
    then: Wish | None = Field(None, description="What is to become of it; nothing: as far as the token may take it.")


class ReplaceBody(CreateBody):
    """Another text for an article."""

    markdown: str = Field(max_length=MAX_FILE_BYTES, description="The whole file, front matter included.")


class StepPath(ArticlePath):
    """An article's address and a step."""

    action: Step = Field(description="The step.")


class StepBody(Parameters):
    """What a step may need; fields that a step does not know are left out."""

    draft_id: RowNumber | None = Field(None, description="The draft, where the article has several.")
    version: RowNumber | None = Field(None, description="The draft's version that was seen; another one is a conflict.")
    reason: Reason = ""
    validated: bool = Field(False, strict=True, description="approve: the steps were checked and hold.")
    publish_at: AwareDatetime | None = Field(None, description="approve: publish at this time instead of at once.")
    superseded_by: str = Field("", max_length=MAX_ID_CHARS, description="archive: the article that takes its place.")
    revision: RowNumber | None = Field(None, description="restore: the earlier revision to go back to.")


class DraftModel(BaseModel):
    """A draft, without its text."""

    id: int
    article_id: str
    version: int
    base_revision: int
    stage: Stage
    title: str
    url: str
    publish_at: datetime | None


class WrittenModel(BaseModel):
    """What came of a write."""

    id: str
    url: str
    revision: int | None = Field(description="The published revision; nothing while it is a draft.")
    etag: str | None = Field(description="For `If-Match` of the next write.")
    draft: DraftModel | None


class CurrentModel(BaseModel):
    """An article as it stands now; a conflict carries it as `current`."""

    revision: int
    is_archived: bool
    etag: str
    sha256: str
    markdown: str
