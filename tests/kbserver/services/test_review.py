from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from indexer.articles import TrustState
from indexer.frontmatter import parse_article
from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.domain.review import ReviewPolicy
from kbserver.errors import InvalidInput, NotAllowed, NotFound
from kbserver.services.container import Services
from kbserver.services.drafts import StaleDraft
from kbserver.services.publication import OutdatedText
from kbserver.services.review import ReviewService
from kbserver.store import drafts as stored_drafts
from kbserver.store.articles import standing
from kbserver.store.database import Database
from kbserver.store.models import AuditRow, DraftRow, OutboxRow, RevisionRow
from tests.kbserver.articles import markdown
from tests.kbserver.services.conftest import VALIDATED

People = dict[Role, Reader]


@pytest.fixture
def waiting(services: Services, people: People) -> Draft:
    """A new article by an engineer, in review."""
    draft = services.drafts.create(people[Role.ENGINEER], markdown(title="扫描仪卡纸", category="扫描"))
    return services.review.submit(people[Role.ENGINEER], draft.id, draft.version, "新问题").draft


def edited(services: Services, who: Reader, article_id: str, text: str) -> Draft:
    """A draft of a published article with this text, in review."""
    draft = services.drafts.edit(who, article_id)
    saved = services.drafts.save(who, draft.id, draft.version, text)
    return services.review.submit(who, saved.id, saved.version).draft


def text_of(database: Database, article_id: str) -> str:
    with database.read() as session:
        return standing(session, article_id).markdown


def state_of(database: Database, article_id: str) -> tuple[TrustState, object]:
    article = parse_article(text_of(database, article_id), "").article
    return article.state, article.verified_at


class TestApproving:
    def test_the_draft_becomes_a_revision_with_author_approver_and_reason(
        self, services: Services, people: People, waiting: Draft, database: Database
    ) -> None:
        moved = services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version)

        with database.read() as session:
            row = session.scalars(select(RevisionRow).where(RevisionRow.article_id == waiting.article_id)).one()
            assert session.get(DraftRow, waiting.id) is None
        assert (moved.revision, row.author, row.approver) == (1, "engineer", "reviewer")
        assert (row.reason, row.origin) == ("新问题", "human")

    def test_the_id_is_written_into_the_text(
        self, services: Services, people: People, waiting: Draft, database: Database
    ) -> None:
        services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version)

        assert parse_article(text_of(database, waiting.article_id), "").article.id == waiting.article_id

    def test_the_file_is_to_lie_where_category_and_id_say(
        self, services: Services, people: People, waiting: Draft, database: Database
    ) -> None:
        services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version)

        with database.read() as session:
            assert standing(session, waiting.article_id).path == f"扫描/{waiting.article_id}.md"

    def test_audit_and_outbox_are_written_in_the_same_transaction(
        self, services: Services, people: People, waiting: Draft, database: Database
    ) -> None:
        services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version)

        with database.read() as session:
            kinds = session.scalars(select(OutboxRow.kind).where(OutboxRow.article_id == waiting.article_id)).all()
            actions = session.execute(select(AuditRow.actor, AuditRow.action)).all()
        assert kinds == ["draft.submitted", "article.changed"]
        assert actions == [("engineer", "submit"), ("reviewer", "publish")]

    def test_a_reviewer_cannot_approve_what_they_wrote(self, services: Services, people: People) -> None:
        draft = services.drafts.create(people[Role.REVIEWER], markdown(title="甲"))
        waiting = services.review.submit(people[Role.REVIEWER], draft.id, None).draft

        with pytest.raises(NotAllowed):
            services.review.approve(people[Role.REVIEWER], draft.id, waiting.version)

        assert services.review.approve(people[Role.ADMIN], draft.id, waiting.version).is_published

    def test_a_text_that_changed_since_it_was_seen_is_not_approved(
        self, services: Services, people: People, waiting: Draft
    ) -> None:
        services.drafts.save(people[Role.ADMIN], waiting.id, waiting.version, markdown(title="别的"))

        with pytest.raises(StaleDraft):
            services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version)

    def test_a_draft_of_an_older_revision_is_a_conflict_with_both_texts(
        self, services: Services, people: People, published: str, database: Database
    ) -> None:
        first = edited(services, people[Role.AGENT], published, VALIDATED + "\n甲\n")
        second = edited(services, people[Role.ENGINEER], published, VALIDATED + "\n乙\n")
        services.review.approve(people[Role.REVIEWER], first.id, first.version)

        with pytest.raises(OutdatedText) as raised:
            services.review.approve(people[Role.REVIEWER], second.id, second.version)

        assert "甲" in raised.value.current.markdown
        assert "乙" in raised.value.markdown
        assert "甲" in text_of(database, published)
        assert services.drafts.get(people[Role.ENGINEER], second.id).markdown == second.markdown

    def test_after_taking_over_what_is_new_the_draft_can_be_approved(
        self, services: Services, people: People, published: str
    ) -> None:
        first = edited(services, people[Role.AGENT], published, VALIDATED + "\n甲\n")
        second = edited(services, people[Role.ENGINEER], published, VALIDATED + "\n甲\n\n乙\n")
        services.review.approve(people[Role.REVIEWER], first.id, first.version)

        taken = services.review.take_over(people[Role.REVIEWER], second.id, second.version, 2)

        assert services.review.approve(people[Role.REVIEWER], second.id, taken.version).revision == 3

    def test_a_draft_cannot_go_on_from_a_revision_that_is_not_current(
        self, services: Services, people: People, published: str
    ) -> None:
        draft = services.drafts.edit(people[Role.ENGINEER], published)

        with pytest.raises(InvalidInput):
            services.review.take_over(people[Role.ENGINEER], draft.id, draft.version, 5)

    def test_the_file_of_an_article_stays_where_it_lies(
        self, services: Services, people: People, published: str, database: Database
    ) -> None:
        draft = edited(services, people[Role.ENGINEER], published, VALIDATED.replace("打印/共享", "别的"))
        services.review.approve(people[Role.REVIEWER], draft.id, draft.version)

        with database.read() as session:
            assert standing(session, published).path == "printer.md"


class TestTrust:
    STEPS = VALIDATED.replace("重启 spooler 服务", "重启电脑")
    SYMPTOMS = VALIDATED.replace("显示脱机。", "任务栏里显示脱机。")

    @pytest.mark.parametrize(
        ("author", "text", "expected"),
        [
            (Role.ENGINEER, STEPS, TrustState.NOT_VALIDATED),
            (Role.ENGINEER, SYMPTOMS, TrustState.VALIDATED),
            (Role.ADMIN, STEPS, TrustState.VALIDATED),
            (Role.ENGINEER, VALIDATED + "\n```bash\nnet stop spooler\n```\n", TrustState.NOT_VALIDATED),
            (Role.ENGINEER, VALIDATED + "\n\n", TrustState.VALIDATED),
        ],
        ids=["steps", "symptoms", "steps by a reviewer", "code", "spaces"],
    )
    def test_changed_steps_lose_their_validation_unless_a_reviewer_wrote_them(
        self,
        services: Services,
        people: People,
        published: str,
        database: Database,
        author: Role,
        text: str,
        expected: TrustState,
    ) -> None:
        draft = edited(services, people[author], published, text)
        services.review.approve(people[Role.REVIEWER], draft.id, draft.version)

        state, day = state_of(database, published)
        assert state is expected
        assert (day is not None) == (expected is TrustState.VALIDATED)

    def test_a_reviewer_s_edit_counts_only_until_somebody_else_changes_the_text(
        self, services: Services, people: People, published: str, database: Database
    ) -> None:
        draft = services.drafts.edit(people[Role.ADMIN], published)
        saved = services.drafts.save(people[Role.ADMIN], draft.id, 1, self.STEPS)
        saved = services.drafts.save(people[Role.ENGINEER], draft.id, saved.version, self.STEPS + "\n2. 完。\n")
        waiting = services.review.submit(people[Role.ADMIN], draft.id, saved.version).draft
        services.review.approve(people[Role.REVIEWER], draft.id, waiting.version)

        assert state_of(database, published)[0] is TrustState.NOT_VALIDATED

    @pytest.mark.parametrize("said", [True, False])
    def test_only_the_reviewer_who_approves_makes_an_article_validated(
        self, services: Services, people: People, database: Database, said: bool
    ) -> None:
        typed = markdown(title="甲", state="validated", verified_at="2099-01-01", verified_by="boss")
        draft = services.drafts.create(people[Role.ENGINEER], typed)
        waiting = services.review.submit(people[Role.ENGINEER], draft.id, None).draft
        services.review.approve(people[Role.REVIEWER], draft.id, waiting.version, is_validated=said)

        state, day = state_of(database, draft.article_id)
        assert state is (TrustState.VALIDATED if said else TrustState.NOT_VALIDATED)
        assert (str(day) if day else "") == ("2026-09-01" if said else "")
        article = parse_article(text_of(database, draft.article_id), "").article
        assert article.verified_by == ("reviewer" if said else "")

    def test_a_state_typed_over_several_lines_is_not_believed_either(
        self, services: Services, people: People, database: Database
    ) -> None:
        typed = "---\ntitle: 甲\nstate:\n  validated\nnote: 'a: b'\n---\n\n## 解决步骤\n\n1. 甲。\n"
        draft = services.drafts.create(people[Role.ENGINEER], typed)
        waiting = services.review.submit(people[Role.ENGINEER], draft.id, None).draft
        services.review.approve(people[Role.REVIEWER], draft.id, waiting.version)

        article = parse_article(text_of(database, draft.article_id), "").article
        assert (article.state, article.extra) == (TrustState.NOT_VALIDATED, {"note": "a: b"})


class TestSendingBack:
    def test_the_author_has_the_draft_again_with_the_reason(
        self, services: Services, people: People, waiting: Draft
    ) -> None:
        moved = services.review.send_back(people[Role.REVIEWER], waiting.id, waiting.version, "  步骤 2 没写完 ")

        assert (moved.draft.stage, moved.draft.sent_back_reason) == (Stage.DRAFT, "步骤 2 没写完")
        assert moved.draft.reviewer_id == people[Role.REVIEWER].account_id

    @pytest.mark.parametrize("reason", ["", "  \n", "\x07"])
    def test_a_reason_is_needed(self, services: Services, people: People, waiting: Draft, reason: str) -> None:
        with pytest.raises(InvalidInput):
            services.review.send_back(people[Role.REVIEWER], waiting.id, waiting.version, reason)

    def test_consumers_hear_who_sent_what_back(
        self, services: Services, people: People, waiting: Draft, database: Database
    ) -> None:
        services.review.send_back(people[Role.REVIEWER], waiting.id, waiting.version, "太短")

        with database.read() as session:
            row = session.scalars(select(OutboxRow).order_by(OutboxRow.seq.desc())).first()
        assert row.kind == "draft.sent_back"
        assert row.payload == {
            "draft": waiting.id,
            "author_id": people[Role.ENGINEER].account_id,
            "title": "扫描仪卡纸",
            "actor": "reviewer",
            "reason": "太短",
        }


class TestSubmitting:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "empty"),
            ("---\ntitle: 甲\n---\n", "nothing"),
            ("---\ntitle: 甲\n---\n\n![图](a.png)\n\n![](b.png)\n", "nothing"),
            ("---\ntitle: [\n---\n\n正文", "Line"),
            (markdown("KB-9999", "甲"), "KB-9999"),
        ],
        ids=["empty", "no body", "only pictures", "broken header", "another id"],
    )
    def test_a_text_that_is_no_article_is_not_taken(
        self, services: Services, people: People, text: str, said: str
    ) -> None:
        draft = services.drafts.create(people[Role.ENGINEER], text)

        with pytest.raises(InvalidInput, match=said):
            services.review.submit(people[Role.ENGINEER], draft.id, draft.version)

    def test_an_open_editor_saves_nothing_into_what_is_in_review(
        self, services: Services, people: People, waiting: Draft
    ) -> None:
        with pytest.raises(NotAllowed):
            services.drafts.save(people[Role.ENGINEER], waiting.id, waiting.version, "# x")
        services.review.withdraw(people[Role.ENGINEER], waiting.id, waiting.version)
        with pytest.raises(StaleDraft):
            services.drafts.save(people[Role.ENGINEER], waiting.id, waiting.version, "# x")

    def test_somebody_else_s_draft_is_not_there_for_an_agent(
        self, services: Services, people: People, waiting: Draft
    ) -> None:
        with pytest.raises(NotFound):
            services.review.withdraw(people[Role.AGENT], waiting.id, waiting.version)


class TestWithoutReview:
    @pytest.fixture
    def unreviewed(self, database: Database, clock) -> ReviewService:
        return ReviewService(database, clock, ReviewPolicy.OFF)

    def test_an_engineer_publishes_at_once(
        self, services: Services, unreviewed: ReviewService, people: People, database: Database
    ) -> None:
        draft = services.drafts.create(people[Role.ENGINEER], markdown(title="甲", state="validated"))

        moved = unreviewed.publish(people[Role.ENGINEER], draft.id, draft.version, "急")

        assert moved.revision == 1
        assert state_of(database, draft.article_id)[0] is TrustState.NOT_VALIDATED

    def test_an_agent_does_not(self, services: Services, unreviewed: ReviewService, people: People) -> None:
        draft = services.drafts.create(people[Role.AGENT], markdown(title="甲"))

        with pytest.raises(NotAllowed):
            unreviewed.publish(people[Role.AGENT], draft.id, draft.version)

    def test_with_review_nobody_does(self, services: Services, people: People) -> None:
        draft = services.drafts.create(people[Role.ADMIN], markdown(title="甲"))

        with pytest.raises(NotAllowed, match="reviewed"):
            services.review.publish(people[Role.ADMIN], draft.id, draft.version)


class TestDiscarding:
    def test_a_discarded_draft_is_gone_and_its_number_does_not_come_back(
        self, services: Services, people: People
    ) -> None:
        draft = services.drafts.create(people[Role.ENGINEER], "x")
        services.review.discard(people[Role.ENGINEER], draft.id, draft.version)

        with pytest.raises(NotFound):
            services.drafts.get(people[Role.ENGINEER], draft.id)
        assert services.drafts.create(people[Role.ENGINEER], "y").id > draft.id


class TestLater:
    def test_an_approved_draft_waits_for_its_time(
        self, services: Services, people: People, waiting: Draft, clock
    ) -> None:
        at = clock.now() + timedelta(hours=2)
        moved = services.review.approve(
            people[Role.REVIEWER], waiting.id, waiting.version, publish_at=at, is_validated=True
        )

        assert not moved.is_published
        assert services.review.publish_due() == 0
        assert services.drafts.get(people[Role.ENGINEER], waiting.id).approved_by == "reviewer"

    def test_it_is_published_once_its_time_has_come(
        self, services: Services, people: People, waiting: Draft, clock, database: Database
    ) -> None:
        at = clock.now() + timedelta(hours=2)
        services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version, publish_at=at, is_validated=True)
        clock.moment = at

        assert services.review.publish_due() == 1
        assert services.review.publish_due() == 0
        with database.read() as session:
            row = session.scalars(select(RevisionRow)).one()
        assert (row.author, row.approver) == ("engineer", "reviewer")
        assert state_of(database, waiting.article_id)[0] is TrustState.VALIDATED

    @pytest.mark.parametrize(
        "delta", [timedelta(0), timedelta(days=-1), timedelta(days=400), timedelta(days=2_000_000)]
    )
    def test_a_time_that_is_no_plan_is_refused(
        self, services: Services, people: People, waiting: Draft, clock, delta: timedelta
    ) -> None:
        with pytest.raises(InvalidInput):
            services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version, publish_at=clock.now() + delta)

    @pytest.mark.parametrize("how", ["edit", "withdraw", "send back"])
    def test_the_approval_goes_when_the_draft_changes(
        self, services: Services, people: People, waiting: Draft, clock, how: str
    ) -> None:
        at = clock.now() + timedelta(hours=2)
        draft = services.review.approve(people[Role.REVIEWER], waiting.id, waiting.version, publish_at=at).draft
        if how == "edit":
            services.drafts.save(people[Role.ADMIN], draft.id, draft.version, markdown(title="改"))
        elif how == "withdraw":
            services.review.withdraw(people[Role.ENGINEER], draft.id, draft.version)
        else:
            services.review.send_back(people[Role.REVIEWER], draft.id, draft.version, "等等")
        clock.moment = at

        assert services.review.publish_due() == 0
        assert not services.drafts.get(people[Role.ENGINEER], draft.id).is_scheduled

    def test_one_whose_article_changed_meanwhile_is_in_review_again(
        self, services: Services, people: People, published: str, clock, database: Database
    ) -> None:
        at = clock.now() + timedelta(hours=2)
        later = edited(services, people[Role.AGENT], published, VALIDATED + "\n甲\n")
        sooner = edited(services, people[Role.ENGINEER], published, VALIDATED + "\n乙\n")
        services.review.approve(people[Role.REVIEWER], later.id, later.version, publish_at=at)
        services.review.approve(people[Role.REVIEWER], sooner.id, sooner.version)
        clock.moment = at

        assert services.review.publish_due() == 0
        draft = services.drafts.get(people[Role.AGENT], later.id)
        assert (draft.stage, draft.is_scheduled, draft.approved_by) == (Stage.IN_REVIEW, False, "")
        with database.read() as session:
            assert session.scalars(select(OutboxRow.kind).order_by(OutboxRow.seq.desc())).first() == "draft.outdated"
            assert stored_drafts.due(session, at) == []


def test_a_reviewer_takes_a_draft_and_gives_it_up(services: Services, people: People, waiting: Draft) -> None:
    reviewer = people[Role.REVIEWER]

    taken = services.review.claim(reviewer, waiting.id, is_mine=True)
    freed = services.review.claim(reviewer, waiting.id, is_mine=False)

    assert (taken.reviewer_id, freed.reviewer_id) == (reviewer.account_id, None)
