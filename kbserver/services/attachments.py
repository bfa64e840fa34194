"""Files put into drafts: looked at, kept by hash, and shown to those who see the draft."""

from __future__ import annotations

import io
from typing import BinaryIO

from ulid import ULID

from kbserver.domain.attachments import (
    HEAD_BYTES,
    KINDS,
    PICTURE_SUFFIXES,
    PICTURE_TYPES,
    Attachment,
    is_named_in,
    stored_name,
    suffix_of,
)
from kbserver.domain.drafts import Draft, may_edit_draft
from kbserver.domain.limits import MAX_FILES_OF_ARTICLE, MAX_UPLOAD_BYTES
from kbserver.domain.reader import Reader
from kbserver.errors import N_, Conflict, InvalidInput, NotAllowed, NotFound, TooLarge
from kbserver.services.drafts import DraftService
from kbserver.services.pictures import drawn_anew
from kbserver.services.ports import Clock
from kbserver.store import attachments
from kbserver.store.blobs import BlobStore
from kbserver.store.database import Database


class AttachmentService:
    """Files put into drafts; whoever may not see a draft finds none of its files."""

    def __init__(self, database: Database, blobs: BlobStore, drafts: DraftService, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._drafts = drafts
        self._clock = clock

    def add(self, reader: Reader, draft_id: int, name: str, file: BinaryIO) -> Attachment:
        """Put a file into a draft; the same content again is the file that is there.

        Pictures are drawn anew. Raises `InvalidInput` for a kind that is not
        taken or a content that is not what the name says, `TooLarge`, `StorageFull`.
        """
        draft = self._editable(reader, draft_id)
        suffix = suffix_of(name)
        if suffix in PICTURE_SUFFIXES:
            picture = drawn_anew(file)
            suffix, content_type = PICTURE_TYPES[picture.content_type], picture.content_type
            file = io.BytesIO(picture.data)
        else:
            content_type = _checked_type(suffix, file)
        sha256, size = self._blobs.put(file, MAX_UPLOAD_BYTES)
        new = Attachment(
            id=str(ULID()),
            article_id=draft.article_id,
            draft_id=draft.id,
            name=stored_name(name, suffix, sha256),
            content_type=content_type,
            size_bytes=size,
            sha256=sha256,
            created_by=reader.name,
            created_at=self._clock.now(),
        )
        return self._kept(new)

    def of_draft(self, reader: Reader, draft_id: int) -> tuple[Attachment, ...]:
        """The files that were put into the draft or that its text names, in the order in which they came."""
        draft = self._drafts.get(reader, draft_id)
        with self._database.read() as session:
            known = attachments.of_article(session, draft.article_id)
        return tuple(attachment for attachment in known if _belongs_to(attachment, draft))

    def content(self, reader: Reader, draft_id: int, name: str) -> tuple[Attachment, bytes]:
        """A file of the draft with its bytes; raises `NotFound`."""
        draft = self._drafts.get(reader, draft_id)
        with self._database.read() as session:
            attachment = attachments.get(session, draft.article_id, name)
        data = self._blobs.read(attachment.sha256) if attachment and _belongs_to(attachment, draft) else None
        if attachment is None or data is None:
            raise NotFound(N_("There is no such file."))
        return attachment, data

    def remove(self, reader: Reader, draft_id: int, name: str) -> None:
        """Take a file out of the draft; its bytes go a while later. Raises `Conflict` where a revision shows it."""
        draft = self._editable(reader, draft_id)
        with self._database.write() as session:
            attachment = attachments.get(session, draft.article_id, name)
            if attachment is None or not _belongs_to(attachment, draft):
                raise NotFound(N_("There is no such file."))
            if attachments.is_in_history(session, attachment):
                raise Conflict(N_("A published revision shows this file, so it stays."))
            attachments.remove(session, attachment)

    def _editable(self, reader: Reader, draft_id: int) -> Draft:
        draft = self._drafts.get(reader, draft_id)
        if not may_edit_draft(reader, draft):
            raise NotAllowed(N_("This draft is in review; withdraw it to change it."))
        return draft

    def _kept(self, new: Attachment) -> Attachment:
        with self._database.write() as session:
            is_new = attachments.get(session, new.article_id, new.name) is None
            if is_new and attachments.count_of(session, new.article_id) >= MAX_FILES_OF_ARTICLE:
                raise TooLarge(N_("An article may have %(most)s files."), field="file", most=MAX_FILES_OF_ARTICLE)
            return attachments.add(session, new)


def _belongs_to(attachment: Attachment, draft: Draft) -> bool:
    return attachment.draft_id == draft.id or is_named_in(draft.markdown, attachment)


def _checked_type(suffix: str, file: BinaryIO) -> str:
    """The type to serve the file by; raises `InvalidInput` where its kind or its beginning is not right."""
    kind = KINDS.get(suffix)
    if kind is None:
        allowed = " ".join(name.lstrip(".") for name in (*sorted(PICTURE_SUFFIXES), *KINDS))
        raise InvalidInput(
            N_("Files of this kind (%(suffix)s) are not taken; taken are: %(allowed)s"),
            field="file",
            suffix=suffix[:20] or "?",
            allowed=allowed,
        )
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if not head:
        raise InvalidInput(N_("The file is empty."), field="file")
    if not kind.begins_right(head):
        raise InvalidInput(N_("The content is not what the name says (%(suffix)s)."), field="file", suffix=suffix)
    return kind.content_type
