"""Each publish as a commit: a consumer of the outbox, for an articles folder in a git work tree."""

from __future__ import annotations

import logging
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kbserver.services.article_files import sha256_of
from kbserver.services.folder_drafts import FOLDER_AUTHOR
from kbserver.services.git_tree import GitError, GitTree, Signature
from kbserver.services.ports import Clock
from kbserver.store import folder, outbox, publications
from kbserver.store.database import Database
from kbserver.store.publications import Published

CONSUMER = "git"
BATCH = 50

COMMITTER = ("Knowledge base", "knowledge-base@localhost")
RETRY_SECONDS = 30.0
MAX_NAME_CHARS = 100
MAX_SUBJECT_CHARS = 200

_EMAIL = re.compile(r"[^\s<>@\"'\\,;:()\[\]]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII)

log = logging.getLogger(__name__)


@dataclass
class GitCommitter:
    """Commits what was published elsewhere than in the folder, in the name of its author."""

    database: Database
    clock: Clock
    root: Path
    _wait_until: float = 0.0
    _late: set[str] = field(default_factory=set)
    """Articles whose file came in step after their publishing, as conflicts do."""

    def catch_up(self, written: Sequence[str] = ()) -> int:
        """Commit what was published since the last time, and the current text of the articles `written`.

        Gives the number of commits. What git refuses, or what comes in the middle of a
        merge, is tried again later; never raises for it.
        """
        if time.monotonic() < self._wait_until:
            return 0
        try:
            return self._catch_up(written)
        except (GitError, OSError, subprocess.TimeoutExpired) as error:
            self._wait_until = time.monotonic() + RETRY_SECONDS
            log.warning("no commit, tried again in %ss: %s", RETRY_SECONDS, error)
            return 0

    def _catch_up(self, written: Sequence[str]) -> int:
        self._late.update(written)
        with self.database.read() as session:
            seq, newest = outbox.cursor_of(session, CONSUMER), outbox.last_seq(session)
        if seq >= newest and not self._late:
            return 0
        tree = GitTree.at(self.root)
        if tree is None or not seq:
            # What was published before there was anything to commit to is not committed one by one.
            self._note(newest)
            return 0
        if tree.is_busy:
            raise GitError("a merge or rebase is under way")
        made = self._commit_after(tree, seq)
        while self._late:
            with self.database.read() as session:
                found = publications.current(session, min(self._late))
            made += found is not None and self._commit(tree, found)
            self._late.discard(min(self._late))
        return made

    def _commit_after(self, tree: GitTree, seq: int) -> int:
        made = 0
        while True:
            with self.database.read() as session:
                batch = list(publications.published_after(session, seq, BATCH))
            if not batch:
                return made
            for published in batch:
                made += self._commit(tree, published)
            seq = batch[-1].seq
            self._note(seq)

    def _commit(self, tree: GitTree, published: Published) -> bool:
        """Make one commit; False where there is nothing to commit, or the last commit must not be covered."""
        if not published.path or (published.author == FOLDER_AUTHOR and not published.approver):
            return False
        data = None if published.markdown is None else published.markdown.encode()
        before = tree.committed(published.path)
        if before == data:
            return False
        if before is not None and not self._is_older(before, published):
            log.info("not committed: git holds another text id=%s path=%r", published.article_id, published.path)
            return False
        author = Signature(safe_name(published.author), safe_email(published.email, published.author), published.at)
        committer = Signature(*COMMITTER, self.clock.now())
        tree.commit(published.path, data, message_of(published), author, committer)
        log.info("committed id=%s revision=%s path=%r", published.article_id, published.revision, published.path)
        return True

    def _is_older(self, text: bytes, published: Published) -> bool:
        """Whether the text is an earlier revision of the article, so that nothing unknown is covered."""
        with self.database.read() as session:
            number = folder.revision_with(session, published.article_id, sha256_of(text))
        return 0 < number <= published.revision

    def _note(self, seq: int) -> None:
        with self.database.write() as session:
            outbox.advance(session, CONSUMER, seq)


def message_of(published: Published) -> str:
    """The commit's message: what and why in one line, who approved it as a trailer."""
    verb = "Archive " if published.markdown is None else ""
    subject = one_line(f"{verb}{published.article_id} {published.title}", MAX_SUBJECT_CHARS)
    why = one_line(published.reason, MAX_SUBJECT_CHARS)
    trailers = [f"Revision: {published.revision}"]
    if published.approver:
        trailers.append(f"Approved-by: {safe_name(published.approver)}")
    # A reason that looks like a trailer stays apart from those at the end.
    return "\n\n".join(part for part in (subject, why, "\n".join(trailers)) if part) + "\n"


def one_line(text: str, most: int) -> str:
    """The text in one line without control characters.

    >>> one_line("a\\n\\nApproved-by: x", 100)
    'a Approved-by: x'
    """
    words = "".join(char if char.isprintable() else " " for char in text).split()
    return " ".join(words)[:most]


def safe_name(name: str) -> str:
    """A name that git takes as a person's.

    >>> safe_name("张伟 <evil@x>\\nGIT"), safe_name(" .,<> ")
    ('张伟 evil@x GIT', 'unknown')
    """
    cleaned = one_line(name.translate({ord(char): None for char in "<>"}), MAX_NAME_CHARS).strip(".,:;\"'\\ ")
    return cleaned or "unknown"


def safe_email(email: str, name: str) -> str:
    """A mail address that git takes; one made of the name where there is none.

    >>> safe_email("a@example.com", "a"), safe_email("x> <y@z", "zhang.wei"), safe_email("", "张伟")
    ('a@example.com', 'zhang.wei@localhost', 'unknown@localhost')
    """
    if _EMAIL.fullmatch(email):
        return email
    account = re.sub(r"[^a-z0-9._-]", "", name.lower(), flags=re.ASCII).strip(".-")
    return f"{account or 'unknown'}@localhost"
