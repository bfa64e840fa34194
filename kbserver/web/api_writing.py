"""`/api/v1`: writing articles and moving drafts on, for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request
from flask_openapi import APIBlueprint, Tag

from kbserver.domain.articles import Stage
from kbserver.domain.permissions import Scope
from kbserver.domain.reader import Reader
from kbserver.domain.review import Step
from kbserver.errors import N_, PreconditionRequired
from kbserver.services.publication import OutdatedText
from kbserver.services.review import Moved
from kbserver.web import api_writing_schemas as shapes
from kbserver.web.api import PREFIX, check_request, problems
from kbserver.web.api_access import needs
from kbserver.web.context import reader, services
from kbserver.web.errors import PROBLEM_JSON, Problem, message_of, respond

WRITING = Tag(name="writing", description="Writing articles and moving drafts through review")

WRITERS = needs(Scope.ARTICLES_WRITE, Scope.DRAFTS_WRITE)

CONFLICT: dict[int, Any] = {
    409: {
        "content": {
            PROBLEM_JSON: {
                "schema": {
                    "allOf": [
                        {"$ref": "#/components/schemas/ProblemModel"},
                        {"type": "object", "properties": {"current": shapes.CurrentModel.model_json_schema()}},
                    ]
                }
            }
        }
    }
}
"""A conflict holds the text that stands now, if that is what it is about."""

bp = APIBlueprint(
    "writing",
    __name__,
    url_prefix=PREFIX,
    abp_responses=problems(400, 401, 403, 413, 415, 503),
    operation_id_callback=lambda *, name, path, method: name,
)
bp.before_request(check_request)


@bp.post("/articles", tags=[WRITING], security=WRITERS, responses={201: shapes.WrittenModel})
def create_article(body: shapes.CreateBody) -> Response:
    """Write a new article

    It is published where the token may publish unreviewed, and sent to review otherwise; `then` asks for less.
    """
    moved = services().writing.create(reader(), body.markdown, body.reason, body.then)
    return _written(moved, 201)


@bp.put(
    "/articles/<string:article_id>",
    tags=[WRITING],
    security=WRITERS,
    responses={200: shapes.WrittenModel, 202: shapes.WrittenModel, **problems(404, 428), **CONFLICT},
)
def replace_article(path: shapes.ArticlePath, body: shapes.ReplaceBody) -> Response:
    """Replace an article's text

    `If-Match` names the ETag of the text that was changed; when the article has another one by now,
    nothing is overwritten and the answer holds it. 202: sent to review, not published yet.
    """
    who = reader()
    etags = _if_match(who)
    moved = services().writing.replace(who, path.article_id, etags, body.markdown, body.reason, body.then)
    return _written(moved, 200 if moved.is_published else 202)


@bp.post(
    "/articles/<string:article_id>/<string:action>",
    tags=[WRITING],
    security=WRITERS,
    responses={200: shapes.WrittenModel, **problems(404), **CONFLICT},
)
def take_step(path: shapes.StepPath, body: shapes.StepBody) -> Response:
    """Take a step of the review workflow

    Steps of drafts: submit, withdraw, send_back (with `reason`), approve, publish, discard; name the draft
    with `draft_id` where there are several. Steps of articles: archive (with `reason`), restore (an archived
    article, or with `revision` an earlier text).
    """
    return _written(STEPS[path.action](reader(), path.article_id, body), 200)


@bp.errorhandler(OutdatedText)
def outdated(error: OutdatedText) -> Response:
    """The conflict with the text that stands now."""
    found = error.current
    current = None
    if found is not None:
        etag = f"{found.etag}-{reader().audience}"
        current = shapes.CurrentModel(
            revision=found.revision,
            is_archived=found.stage is Stage.ARCHIVED,
            etag=etag,
            sha256=found.sha256,
            markdown=found.markdown,
        ).model_dump()
    return respond(Problem(409, "Conflict", message_of(error), extra={"current": current}))


def _submit(who: Reader, article_id: str, body: shapes.StepBody) -> Moved:
    return services().review.submit(who, _draft(who, article_id, Step.SUBMIT, body), body.version, body.reason)


def _withdraw(who: Reader, article_id: str, body: shapes.StepBody) -> Moved:
    return services().review.withdraw(who, _draft(who, article_id, Step.WITHDRAW, body), body.version)


def _send_back(who: Reader, article_id: str, body: shapes.StepBody) -> Moved:
    return services().review.send_back(who, _draft(who, article_id, Step.SEND_BACK, body), body.version, body.reason)


def _approve(who: Reader, article_id: str, body: shapes.StepBody) -> Moved:
    draft_id = _draft(who, article_id, Step.APPROVE, body)
    return services().review.approve(
        who, draft_id, body.version, is_validated=body.validated, publish_at=body.publish_at
    )


def _publish(who: Reader, article_id: str, body: shapes.StepBody) -> Moved:
    return services().review.publish(who, _draft(who, article_id, Step.PUBLISH, body), body.version, body.reason)


def _discard(who: Reader, article_id: str, body: shapes.StepBody) -> Moved:
    return services().review.discard(who, _draft(who, article_id, Step.DISCARD, body), body.version)


def _archive(who: Reader, article_id: str, body: shapes.StepBody) -> Moved:
    services().archive.archive(who, article_id, body.reason, body.superseded_by)
    return Moved(article_id)


def _restore(who: Reader, article_id: str, body: shapes.StepBody) -> Moved:
    if body.revision is None:
        return Moved(article_id, revision=services().archive.restore(who, article_id, body.reason))
    current = services().history.get(who, article_id).current
    return services().history.restore(who, article_id, body.revision, current, body.reason)


STEPS: dict[Step, Callable[[Reader, str, shapes.StepBody], Moved]] = {
    Step.SUBMIT: _submit,
    Step.WITHDRAW: _withdraw,
    Step.SEND_BACK: _send_back,
    Step.APPROVE: _approve,
    Step.PUBLISH: _publish,
    Step.DISCARD: _discard,
    Step.ARCHIVE: _archive,
    Step.RESTORE: _restore,
}


def _draft(who: Reader, article_id: str, step: Step, body: shapes.StepBody) -> int:
    return services().review.draft_for(who, article_id, step, body.draft_id).id


def _if_match(who: Reader) -> frozenset[str]:
    """The ETags of which the article must have one, in the form that services know."""
    given = request.if_match
    if not given or given.star_tag:
        raise PreconditionRequired(N_("Name the text that was changed: send its ETag as If-Match."))
    return frozenset(tag.removesuffix(f"-{who.audience}") for tag in given.as_set())


def _written(moved: Moved, status: int) -> Response:
    who = reader()
    etag = services().writing.etag(who, moved.article_id) if moved.is_published else ""
    model = shapes.WrittenModel(
        id=moved.article_id,
        url=f"/articles/{moved.article_id}",
        revision=moved.revision or None,
        etag=f"{etag}-{who.audience}" if etag else None,
        draft=_draft_model(moved),
    )
    response = make_response(model.model_dump_json(), status)
    response.mimetype = "application/json"
    if etag:
        response.set_etag(f"{etag}-{who.audience}")
    if status == 201 and moved.is_published:
        response.headers["Location"] = f"{PREFIX}/articles/{moved.article_id}"
    return response


def _draft_model(moved: Moved) -> shapes.DraftModel | None:
    draft = moved.draft
    if draft is None:
        return None
    return shapes.DraftModel(
        id=draft.id,
        article_id=draft.article_id,
        version=draft.version,
        base_revision=draft.base_revision,
        stage=draft.stage,
        title=draft.title,
        url=draft.url,
        publish_at=draft.publish_at,
    )
