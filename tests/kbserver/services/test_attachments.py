from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest

from indexer.articles import Audience
from kbserver.domain.drafts import Draft
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooLarge
from kbserver.services import attachments as service
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter
from tests.kbserver.articles import markdown, write
from tests.kbserver.picture_files import animated, jpeg_with_place, png

People = dict[Role, Reader]
PUBLIC = Reader(Audience.PUBLIC)
LOG = "2026-09-01 错误 0x8004010F\r\n".encode()


@pytest.fixture
def draft(services: Services, people: People) -> Draft:
    return services.drafts.create(people[Role.AGENT], markdown(title="打印机脱机"))


def put(services: Services, who: Reader, draft: Draft, name: str, data: bytes):
    return services.attachments.add(who, draft.id, name, io.BytesIO(data))


def published(services: Services, people: People, draft: Draft, body: str, **header: str) -> str:
    text = markdown(title="打印机脱机", body=body, audience="public", **header)
    current = services.drafts.get(people[Role.AGENT], draft.id)
    saved = services.drafts.save(people[Role.AGENT], draft.id, current.version, text)
    services.review.submit(people[Role.AGENT], draft.id, saved.version)
    return services.review.approve(people[Role.REVIEWER], draft.id, None).article_id


class TestTaking:
    @pytest.mark.parametrize(
        ("name", "data", "start", "suffix"),
        [
            ("截图 1.png", png(), "![截图-1](files/%E6%88%AA%E5%9B%BE-1-", ".png"),
            ("photo.JPEG", jpeg_with_place(), "![photo](files/photo-", ".jpg"),
            ("move.gif", animated("GIF", 3), "![move](files/move-", ".png"),
            ("image.png", jpeg_with_place(), "![image](files/image-", ".jpg"),
            ("System.EVTX", b"ElfFile\0...", "[System-", ".evtx"),
            ("导出.log", LOG, "[导出-", ".log"),
        ],
    )
    def test_a_file_gets_a_name_of_its_own_and_the_text_that_shows_it(
        self, services: Services, people: People, draft: Draft, name: str, data: bytes, start: str, suffix: str
    ) -> None:
        added = put(services, people[Role.AGENT], draft, name, data)

        assert added.markdown.startswith(start)
        assert added.name.endswith(suffix)
        assert services.attachments.content(people[Role.AGENT], draft.id, added.name)[0] == added

    def test_the_same_content_a_thousand_times_is_one_file(
        self, services: Services, people: People, draft: Draft
    ) -> None:
        added = {put(services, people[Role.AGENT], draft, "a.log", LOG).name for _ in range(150)}

        assert len(added) == 1
        assert len(services.attachments.of_draft(people[Role.AGENT], draft.id)) == 1

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.svg", b"<svg onload=alert(1)>"),
            ("a.html", b"<script>alert(1)</script>"),
            ("a.png.html", png()),
            ("a.xml", b"<?xml version='1.0'?>"),
            ("a.js", b"alert(1)"),
            ("a.php", b"<?php"),
            ("a.exe", b"MZ"),
            ("a", LOG),
            ("", LOG),
            ("a.png", b"<svg onload=alert(1)>"),
            ("a.jpg", b"GIF89a/*<script>*/=1;"),
            ("a.pdf", b"<html>%PDF-"),
            ("a.txt", png()),
            ("a.log", b"MZ\x90\0\x03"),
            ("a.docx", b"\xd0\xcf\x11\xe0"),
            ("a.zip", b"Rar!"),
            ("a.log", b""),
        ],
    )
    def test_what_is_not_taken_is_refused_and_kept_nowhere(
        self, services: Services, people: People, draft: Draft, settings, name: str, data: bytes
    ) -> None:
        with pytest.raises(InvalidInput):
            put(services, people[Role.AGENT], draft, name, data)

        assert [path for path in settings.files_dir.rglob("*") if path.is_file()] == []

    def test_an_article_has_only_so_many_files(
        self, services: Services, people: People, draft: Draft, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "MAX_FILES_OF_ARTICLE", 2)
        put(services, people[Role.AGENT], draft, "a.log", b"1")
        put(services, people[Role.AGENT], draft, "a.log", b"2")

        with pytest.raises(TooLarge):
            put(services, people[Role.AGENT], draft, "a.log", b"3")
        put(services, people[Role.AGENT], draft, "a.log", b"2")

    def test_a_draft_in_review_takes_no_more(self, services: Services, people: People, draft: Draft) -> None:
        services.review.submit(people[Role.AGENT], draft.id, None)

        with pytest.raises(NotAllowed):
            put(services, people[Role.AGENT], draft, "a.log", LOG)

    @pytest.mark.parametrize("role", [Role.READER])
    def test_nobody_puts_files_into_a_draft_they_do_not_see(
        self, services: Services, people: People, draft: Draft, role: Role
    ) -> None:
        with pytest.raises(NotFound):
            put(services, people[role], draft, "a.log", LOG)


class TestSeeing:
    def test_a_file_of_a_draft_is_there_for_those_who_see_the_draft(
        self, services: Services, people: People, draft: Draft
    ) -> None:
        added = put(services, people[Role.AGENT], draft, "a.log", LOG)

        assert services.attachments.content(people[Role.REVIEWER], draft.id, added.name)[1] == LOG
        for who in (people[Role.READER], PUBLIC):
            with pytest.raises(NotFound):
                services.attachments.content(who, draft.id, added.name)
            with pytest.raises(NotFound):
                services.articles.file(who, draft.article_id, f"files/{added.name}")

    def test_a_file_of_another_draft_of_the_article_is_not_there(
        self, services: Services, people: People, draft: Draft
    ) -> None:
        article_id = published(services, people, draft, "## 步骤\n\n1. x\n")
        one = services.drafts.edit(people[Role.AGENT], article_id)
        other = services.drafts.edit(people[Role.REVIEWER], article_id)
        added = put(services, people[Role.REVIEWER], other, "a.log", LOG)

        with pytest.raises(NotFound):
            services.attachments.content(people[Role.AGENT], one.id, added.name)

    def test_a_file_of_one_article_is_not_found_under_another(
        self, services: Services, people: People, draft: Draft
    ) -> None:
        second = services.drafts.create(people[Role.AGENT], markdown(title="乙"))
        added = put(services, people[Role.AGENT], draft, "a.log", LOG)

        with pytest.raises(NotFound):
            services.attachments.content(people[Role.AGENT], second.id, added.name)

    def test_after_publishing_readers_of_the_article_get_what_the_text_names_and_nothing_else(
        self, services: Services, people: People, draft: Draft
    ) -> None:
        shown = put(services, people[Role.AGENT], draft, "a.png", png())
        offered = put(services, people[Role.AGENT], draft, "a.log", LOG)
        unused = put(services, people[Role.AGENT], draft, "b.log", LOG + b"2")
        body = f"## 步骤\n\n1. 看 {shown.markdown} 和 {offered.markdown}\n"

        article_id = published(services, people, draft, body, category="打印")

        picture = services.articles.file(PUBLIC, article_id, f"打印/files/{shown.name}")
        log = services.articles.file(PUBLIC, article_id, f"打印/files/{offered.name}")
        html = services.articles.render(services.articles.get(PUBLIC, article_id)).html
        assert (picture.content_type, picture.is_picture, log.data, log.is_picture) == ("image/png", True, LOG, False)
        assert html.count(f"/articles/{article_id}/files/") == 2
        with pytest.raises(NotFound):
            services.articles.file(PUBLIC, article_id, f"打印/files/{unused.name}")

    def test_a_file_that_lies_in_the_folder_alone_is_offered_if_it_is_what_it_says(
        self, services: Services, database, clock, article_folder: Path
    ) -> None:
        body = "[a](files/a.pdf) [b](files/b.pdf) [c](files/c.html)"
        write(article_folder, "x/a.md", markdown("KB-0001", body=body, audience="public"))
        for name, data in (("a.pdf", b"%PDF-1.7"), ("b.pdf", b"<script>"), ("c.html", b"<p>")):
            (article_folder / "x/files").mkdir(exist_ok=True)
            (article_folder / "x/files" / name).write_bytes(data)
        ArticleImporter(database, clock, article_folder, reviews_files=False).import_folder()

        found = services.articles.file(PUBLIC, "KB-0001", "x/files/a.pdf")

        assert (found.content_type, found.is_picture) == ("application/pdf", False)
        for name in ("b.pdf", "c.html"):
            with pytest.raises(NotFound):
                services.articles.file(PUBLIC, "KB-0001", f"x/files/{name}")


class TestTakingOut:
    def test_a_file_that_was_taken_out_is_not_there_and_its_bytes_go_later(
        self, services: Services, people: People, draft: Draft, settings, clock
    ) -> None:
        added = put(services, people[Role.AGENT], draft, "a.log", LOG)
        services.attachments.remove(people[Role.AGENT], draft.id, added.name)
        path = settings.files_dir / added.sha256[:2] / added.sha256

        with pytest.raises(NotFound):
            services.attachments.content(people[Role.AGENT], draft.id, added.name)
        services.stored_files.clear_away()
        assert path.exists()
        _age(path, clock)
        services.stored_files.clear_away()
        assert not path.exists()

    def test_what_a_published_revision_shows_stays(self, services: Services, people: People, draft: Draft) -> None:
        added = put(services, people[Role.AGENT], draft, "a.png", png())
        article_id = published(services, people, draft, f"## 步骤\n\n1. {added.markdown}\n")
        change = services.drafts.edit(people[Role.AGENT], article_id)

        with pytest.raises(Conflict):
            services.attachments.remove(people[Role.AGENT], change.id, added.name)


class TestClearingAway:
    def test_a_discarded_drafts_files_go_after_a_day(
        self, services: Services, people: People, draft: Draft, settings, clock
    ) -> None:
        added = put(services, people[Role.AGENT], draft, "a.log", LOG)
        services.review.discard(people[Role.AGENT], draft.id, None)

        assert services.stored_files.clear_away() == 0
        clock.moment += timedelta(days=2)
        path = settings.files_dir / added.sha256[:2] / added.sha256
        _age(path, clock)

        assert services.stored_files.clear_away() == 1
        assert services.stored_files.named(draft.article_id, added.name) is None
        assert not path.exists()

    def test_a_published_articles_files_stay_even_when_only_its_history_names_them(
        self, services: Services, people: People, draft: Draft, settings, clock
    ) -> None:
        added = put(services, people[Role.AGENT], draft, "a.png", png())
        article_id = published(services, people, draft, f"## 步骤\n\n1. {added.markdown}\n")
        change = services.drafts.edit(people[Role.AGENT], article_id)
        published(services, people, change, "## 步骤\n\n1. ohne Bild\n", id=article_id)
        clock.moment += timedelta(days=2)
        _age(settings.files_dir / added.sha256[:2] / added.sha256, clock)

        assert services.stored_files.clear_away() == 0
        assert services.stored_files.read(added) is not None


class TestWritingBeside:
    def test_the_files_that_the_text_names_lie_beside_the_article(
        self, services: Services, people: People, draft: Draft, article_folder: Path
    ) -> None:
        shown = put(services, people[Role.AGENT], draft, "图.png", png())
        offered = put(services, people[Role.AGENT], draft, "a.log", LOG)
        put(services, people[Role.AGENT], draft, "b.log", LOG + b"2")
        text = f"{shown.markdown} [x](files/{offered.name})"

        written = services.stored_files.write_beside(article_folder, "打印/a.md", draft.article_id, text)
        again = services.stored_files.write_beside(article_folder, "打印/a.md", draft.article_id, text)

        assert written == (f"打印/files/{shown.name}", f"打印/files/{offered.name}")
        assert again == ()
        assert (article_folder / written[1]).read_bytes() == LOG
        assert len(list((article_folder / "打印/files").iterdir())) == 2


def _age(path: Path, clock) -> None:
    before = (clock.moment - timedelta(days=1)).timestamp()
    os.utime(path, (before, before))
