"""A site full of secrets, for the leak test: what is hidden, from whom, and who looks for it.

A secret is a word that stands nowhere else. To hide another thing, add a method of `_Builder` that
makes it and a line in `build`; to add a kind of reader, add a line to `_readers`.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient

from indexer.articles import Audience
from kbserver.adapters.search_index import EmbeddedSearchIndex
from kbserver.app import create_app
from kbserver.config import Settings
from kbserver.domain.permissions import Role, Scope
from kbserver.domain.reader import Reader
from kbserver.domain.searching import SearchQuery
from kbserver.domain.tasks import TaskKind
from kbserver.services.api_tokens import TokenWish
from kbserver.services.container import Services
from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.services.tasks import Flag
from kbserver.services.visible import visible_to
from kbserver.store.articles import facet_names
from kbserver.store.database import Database
from kbserver.store.models import AccountRow
from kbserver.store.schema import migrate
from kbserver.web.context import EXTENSION
from tests.kbserver.articles import markdown, write
from tests.kbserver.clients import FormClient, sign_in_as

WORD_CHARS = 12
PREFIX_CHARS = 6
HAN_WORD = "鼒鼐计划"
NOTHING = {WORD_CHARS: "zqjxvbkwpfhd", PREFIX_CHARS: "zqjxvb", len(HAN_WORD): "龘靐计划", len("KB-0000"): "KB-9999"}
"""By their length, words of the secrets' shape that nobody wrote; a secret must be answered like them."""

KnownTo = Callable[[Reader], bool]


def nobody(_reader: Reader) -> bool:
    """For what no page shows."""
    return False


def internal(reader: Reader) -> bool:
    """For the house."""
    return reader.audience is Audience.INTERNAL


def customers(reader: Reader) -> bool:
    """For customers and the house."""
    return reader.audience in (Audience.INTERNAL, Audience.CUSTOMER)


def at_least(role: Role) -> KnownTo:
    """For people of that role and above."""
    return lambda reader: internal(reader) and reader.role is not None and reader.role.rank >= role.rank


@dataclass(frozen=True, slots=True)
class Secret:
    """Something hidden: `word` stands in it, and in nothing else."""

    what: str
    word: str
    sentence: str
    """What somebody might ask who looks for it without knowing the word."""
    known_to: KnownTo
    names: Mapping[str, str] = field(default_factory=dict)
    """How addresses name it: the value of each placeholder in the table of routes."""
    is_told: KnownTo = nobody
    """Who is told that there is, or was, such a thing, though not what it says."""

    @property
    def prefix(self) -> str:
        """The beginning of the word."""
        return self.word[:PREFIX_CHARS]


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who looks for secrets."""

    kind: str
    reader: Reader
    client: FlaskClient
    is_program: bool = False
    """Programs are answered by the API alone."""


@dataclass(frozen=True, slots=True)
class LeakSite:
    """The site with its secrets and those who look for them."""

    app: Flask
    database: Database
    index: EmbeddedSearchIndex
    secrets: Sequence[Secret]
    askers: Sequence[Asker]

    def hidden_from(self, asker: Asker) -> list[Secret]:
        """What the asker may not learn."""
        return [secret for secret in self.secrets if not secret.known_to(asker.reader)]


class PlainEncoder:
    """A dimension for each word and each pair of Chinese characters, so that unlike words have nothing in common.

    Two words that stand nowhere visible are answered alike to the last bit.
    """

    model_hash = "plain"
    dimensions = 4096

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for token in re.findall(r"[a-z0-9]+|(?=([\u3400-\u9fff]{2}))", text.casefold()):
                row[self._places.setdefault(token, len(self._places))] += 1
            row /= float(np.linalg.norm(row)) or 1.0
        return vectors

    def encode_query(self, text: str) -> np.ndarray:
        vector: np.ndarray = self.encode_passages([text])[0]
        return vector

    def close(self) -> None:
        pass


SENTENCES = (
    "紫色长颈鹿跳进喷泉", "绿松石潜艇漂过沙漠", "铁匠把琥珀磨成罗盘", "北极狐守着珊瑚灯塔",
    "瓷器鲸鱼吞下月历", "蜂鸟在屋檐下织锦", "驯鹿拉着钟楼散步", "樱桃木算盘长出苔藓",
    "水獭收藏旧式电报", "孔雀为隧道镀金", "萤火虫修理管风琴", "骆驼在冰川上下棋",
)  # fmt: skip
"""What hidden texts say, in words that no visible text has."""

VISIBLE = {
    "KB-0001": markdown(
        "KB-0001",
        "打印机 脱机",
        "## 现象\n\n打印机脱机。\n\n## 解决步骤\n\n1. 重启 spooler 服务。",
        audience="public",
        product="[Windows]",
        tags="[打印]",
        category="打印/共享",
    ),
    "KB-0002": markdown("KB-0002", "Outlook 收不到邮件", "重建 profile，错误 0x8004010F。", audience="public"),
    "KB-0003": markdown("KB-0003", "VPN printer setup", "Let the printer join the network.", audience="public"),
    "KB-0004": markdown("KB-0004", "客户 网络 变慢", "检查网线，联系网络管理员。", audience="customer"),
    "KB-0005": markdown("KB-0005", "工单 升级 办法", "一线 转 二线 时附上日志。", audience="internal"),
}


def build(root: Path, clock: object) -> LeakSite:
    """The site below `root`, indexed by the real index with a plain encoder."""
    settings = Settings(data_dir=root / "var", articles_dir=root / "articles", secret_key="k" * 40)
    settings.articles_dir.mkdir(parents=True)
    database = Database.at("", settings.data_dir)
    migrate(database)
    builder = _Builder(settings, database, clock)
    builder.write_articles()
    names = ("product", "tag")
    with database.read() as session:
        found = facet_names(session, names), facet_names(session, names, visible_to(Reader(Audience.PUBLIC)))
    index = EmbeddedSearchIndex(settings, *found, load=PlainEncoder)
    index.load_model()
    app = create_app(settings, database=database, index=index, clock=clock)  # type: ignore[arg-type]
    app.test_client_class = FormClient
    services: Services = app.extensions[EXTENSION].services
    builder.do_work(services)
    IndexConsumer(database, index).catch_up()
    index.fill_pending()
    services.events.flush()
    return LeakSite(app, database, index, builder.secrets, _askers(app, services, builder.people))


def _askers(app: Flask, services: Services, people: Mapping[str, Reader]) -> list[Asker]:
    askers = [Asker("anonymous", Reader(Audience.PUBLIC), app.test_client())]
    for kind in ("customer", *Role):
        client = app.test_client()
        sign_in_as(client, people[kind])
        askers.append(Asker(kind, people[kind], client))
    reading = frozenset({Scope.SEARCH_READ, Scope.SUGGEST_READ, Scope.ARTICLES_READ, Scope.FEEDBACK_WRITE})
    writing = frozenset({Scope.ARTICLES_WRITE, Scope.DRAFTS_WRITE})
    wishes = [TokenWish(f"token for {audience}", reading, audience, 30) for audience in Audience]
    for wish in (*wishes, TokenWish("token to write", reading | writing, Audience.INTERNAL, 30)):
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = (
            f"Bearer {services.api_tokens.create(people[Role.ADMIN], wish).text}"
        )
        askers.append(Asker(wish.name, Reader(wish.audience, scopes=frozenset()), client, is_program=True))
    return askers


class _Builder:
    """Makes the secrets, each with a word of its own."""

    def __init__(self, settings: Settings, database: Database, clock: object) -> None:
        self._settings = settings
        self._folder = settings.articles_dir
        self._database = database
        self._clock = clock
        self._random = random.Random(20260901)
        self.secrets: list[Secret] = []
        self.people = self._make_people()

    def write_articles(self) -> None:
        """Everything that files hold, imported."""
        for article_id, text in VISIBLE.items():
            write(self._folder, f"{article_id}.md", text)
        self._whole_articles()
        self._parts_of_articles()
        self._refused_file()
        self._import()
        self._former_texts()

    def do_work(self, services: Services) -> None:
        """Everything that people do."""
        self._archived(services)
        self._drafts(services)
        self._what_readers_say(services)
        self._people_and_tokens(services)

    def _whole_articles(self) -> None:
        for number, (audience, known_to) in enumerate(
            [("internal", internal), ("customer", customers), ("", internal), ("Everyone", internal)]
        ):
            self._article(f"KB-51{number:02}", f"an article for {audience or 'nobody named'}", known_to, audience)
        self._article("KB-5110", "an article of the past", internal, "public", valid_to="2026-08-01")
        self._article("KB-5111", "an article with a marked title", internal, "public", title="{word}【内部】")
        self._article("KB-5112", "a tag and a product in Chinese", internal, "internal", word=HAN_WORD)

    def _article(
        self,
        article_id: str,
        what: str,
        known_to: KnownTo,
        audience: str,
        *,
        title: str = "",
        word: str = "",
        **header: str,
    ) -> Secret:
        secret = self._secret(what, known_to, {"id": article_id, "file": f"{article_id}.png"}, word=word)
        word, lead = secret.word, f"打印机 {secret.word} {secret.sentence}"
        body = f"{lead}。\n\n## {word} 节\n\n0x8004{article_id[-4:]}\n\n![{word}]({article_id}.png)"
        named = {"category": f"{word}/打印", "product": f"[{word}]", "tags": f"[{word}]", "owner": word}
        header = {"audience": audience, **named, "issue": f"[{lead}]", **header}
        write(self._folder, f"{article_id}.md", markdown(article_id, title.format(word=word) or lead, body, **header))
        (self._folder / f"{article_id}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + word.encode())
        return secret

    def _parts_of_articles(self) -> None:
        """Sections, boxes and comments for the house in articles for others, and what only their header says."""
        for number, audience in enumerate(("public", "customer")):
            article_id = f"KB-52{number:02}"
            named = {"picture": f"{article_id}/files/section-{number}.png"}
            section = self._secret(f"a section of an article for {audience}", internal, named)
            (self._folder / f"section-{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + section.word.encode())
            box = self._secret(f"a box of an article for {audience}", internal)
            comment = self._secret(f"a comment in an article for {audience}", internal)
            header = self._secret(f"the header of an article for {audience}", internal)
            body = (
                f"打印机 脱机。\n\n## {section.word} {{internal}}\n\n{section.sentence}，{section.word}，"
                f"![图](section-{number}.png)\n\n### 细节\n\n```\n# {section.word}\n```\n\n## 解决步骤\n\n1. 重启。\n\n"
                f"!!! internal\n    {box.sentence}，{box.word}\n\n<!-- {comment.sentence} {comment.word} -->\n"
            )
            more = {"owner": header.word, "source_tickets": f"[{header.word}]", "x-note": header.word}
            write(
                self._folder,
                f"{article_id}.md",
                markdown(article_id, "打印机 无法联网", body, audience=audience, **more),
            )

    def _refused_file(self) -> None:
        secret = self._secret("a file that was refused", internal)
        write(self._folder, f"{secret.word}.md", f"---\ntitle: [{secret.word}\n---\n{secret.sentence}\n")

    def _former_texts(self) -> None:
        secret = self._secret("a former text", internal)
        for body in (f"{secret.sentence}，{secret.word}", "现在的文字。"):
            write(self._folder, "KB-5300.md", markdown("KB-5300", "打印机 换墨", body, audience="public"))
            self._import()

    def _archived(self, services: Services) -> None:
        for number, (audience, told) in enumerate([("public", lambda _: True), ("internal", internal)]):
            archived_by = at_least(Role.REVIEWER)
            secret = self._article(f"KB-54{number:02}", f"an archived article for {audience}", archived_by, audience)
            self.secrets[-1] = replace(secret, is_told=told)
            self._import()
            reason = self._secret(f"why an article for {audience} was archived", at_least(Role.REVIEWER))
            services.archive.archive(self.people[Role.REVIEWER], secret.names["id"], f"{reason.word} {reason.sentence}")
            (self._folder / f"{secret.names['id']}.md").unlink()

    def _drafts(self, services: Services) -> None:
        agent, engineer, reviewer = (self.people[role] for role in (Role.AGENT, Role.ENGINEER, Role.REVIEWER))
        for author, known_to in ((agent, at_least(Role.AGENT)), (engineer, at_least(Role.ENGINEER))):
            self._draft(services, author, f"a new draft of the {author.name}", known_to)
            draft_id = self._draft(services, author, f"a draft in review of the {author.name}", known_to)
            services.review.submit(author, draft_id, None, self._secret("why a draft was written", known_to).word)
            remark = self._secret(f"a remark on a draft of the {author.name}", known_to)
            services.comments.add(reviewer, draft_id, f"{remark.sentence} {remark.word}")
        change = self._secret("a change that is not published", at_least(Role.ENGINEER))
        draft = services.drafts.edit(engineer, "KB-0001")
        text = draft.markdown.replace("重启", f"{change.sentence} {change.word} 重启")
        services.drafts.save(engineer, draft.id, draft.version, text)
        back_id = self._draft(services, engineer, "a draft that was sent back", at_least(Role.ENGINEER))
        services.review.submit(engineer, back_id, None)
        services.review.send_back(
            reviewer, back_id, None, self._secret("why it was sent back", at_least(Role.ENGINEER)).word
        )

        attached = self._secret("a file of a draft", at_least(Role.ENGINEER))
        named = services.attachments.add(engineer, back_id, f"{attached.word}.txt", io.BytesIO(attached.word.encode()))
        self.secrets[-1] = replace(attached, names={"draft": str(back_id), "attachment": named.name})

    def _draft(self, services: Services, author: Reader, what: str, known_to: KnownTo) -> int:
        word, sentence = self._word(), self._sentence()
        header = {"category": word, "product": f"[{word}]", "tags": f"[{word}]", "audience": "public"}
        draft = services.drafts.create(
            author, markdown("", f"{word} {sentence}", f"{sentence}，{word}。打印机", **header)
        )
        names = {"draft": str(draft.id), "id": draft.article_id}
        self.secrets.append(Secret(what, word, sentence, known_to, names))
        return draft.id

    def _what_readers_say(self, services: Services) -> None:
        flag = self._secret("what a reader said is wrong", at_least(Role.AGENT))
        services.tasks.flag(self.people[Role.READER], Flag("KB-0001", TaskKind.WRONG, f"{flag.sentence} {flag.word}"))
        asked = self._secret("what somebody searched for", nobody)
        services.search.search(self.people[Role.READER], SearchQuery(f"打印机 {asked.word}"))

    def _people_and_tokens(self, services: Services) -> None:
        token = self._secret("the name of a token", at_least(Role.REVIEWER))
        wish = TokenWish(token.word, frozenset({Scope.SEARCH_READ}), Audience.PUBLIC, 30)
        services.api_tokens.create(self.people[Role.ADMIN], wish)

    def _make_people(self) -> dict[str, Reader]:
        wanted: dict[str, tuple[Role, Audience]] = {role: (role, Audience.INTERNAL) for role in Role}
        wanted["customer"] = (Role.READER, Audience.CUSTOMER)
        secret = self._secret("somebody who does nothing", at_least(Role.ADMIN))
        wanted[secret.word] = (Role.READER, Audience.INTERNAL)
        with self._database.write() as session:
            rows = {
                name: AccountRow(
                    name=name,
                    display_name=name,
                    email=f"{name}@example.com",
                    role=role,
                    audience=audience,
                    created_at=self._clock.now(),  # type: ignore[attr-defined]
                )
                for name, (role, audience) in wanted.items()
            }
            session.add_all(rows.values())
            session.flush()
            return {name: Reader(row.audience, name, row.role, row.id, name) for name, row in rows.items()}

    def _import(self) -> None:
        ArticleImporter(self._database, self._clock, self._folder, reviews_files=False).import_folder()  # type: ignore[arg-type]

    def _secret(
        self, what: str, known_to: KnownTo, names: Mapping[str, str] | None = None, *, word: str = ""
    ) -> Secret:
        secret = Secret(what, word or self._word(), self._sentence(), known_to, names or {})
        self.secrets.append(secret)
        return secret

    def _word(self) -> str:
        return "zq" + "".join(self._random.choices("bcdfghjklmnprstvwx", k=WORD_CHARS - 2))

    def _sentence(self) -> str:
        return SENTENCES[len(self.secrets) % len(SENTENCES)]
