"""Files of a draft: put in, shown, taken out."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kbserver.domain.attachments import FOLDER
from kbserver.domain.limits import MAX_FORM_FIELD_BYTES, MAX_UPLOAD_REQUEST_BYTES
from kbserver.errors import N_, InvalidInput, NotFound
from kbserver.services.article_pages import ArticleFile
from kbserver.services.draft_pages import path_of, readable
from kbserver.web.body_limits import BodyLimits, takes_up_to
from kbserver.web.context import reader, services
from kbserver.web.errors import wants_json
from kbserver.web.served_files import served_file

bp = Blueprint("attachments", __name__, url_prefix="/drafts/<int:draft_id>/files")

FILE = BodyLimits(MAX_UPLOAD_REQUEST_BYTES, MAX_FORM_FIELD_BYTES)


@bp.post("")
@takes_up_to(FILE)
def add(draft_id: int) -> BaseResponse:
    """Put a file into the draft; a script gets the Markdown that shows it."""
    who = reader()
    # Whether there is such a draft is said before a large file is looked at.
    draft = services().drafts.get(who, draft_id)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput(N_("Please choose a file."), field="file")
    added = services().attachments.add(who, draft_id, sent.filename, sent.stream)
    if wants_json():
        return jsonify({"name": added.name, "markdown": added.markdown})
    return redirect(f"{draft.url}#files", 303)


@bp.get("/<string:name>")
def show(draft_id: int, name: str) -> Response:
    """A file of the draft, or of the published article that it changes."""
    who = reader()
    try:
        attachment, data = services().attachments.content(who, draft_id, name)
        return served_file(ArticleFile(data, attachment.content_type, attachment.name, attachment.is_picture))
    except NotFound:
        draft = services().drafts.get(who, draft_id)
        if draft.is_new:
            raise
        beside = path_of(draft, readable(draft.markdown)).rpartition("/")[0]
        path = "/".join(part for part in (beside, FOLDER, name) if part)
        return served_file(services().articles.file(who, draft.article_id, path))


@bp.post("/<string:name>/remove")
def remove(draft_id: int, name: str) -> BaseResponse:
    """Take a file out of the draft."""
    services().attachments.remove(reader(), draft_id, name)
    return redirect(f"/drafts/{draft_id}#files", 303)
