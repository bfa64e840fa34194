"""A git work tree, spoken to by git's own plumbing: one file, one commit, nothing else touched.

A commit is made of an index of its own, so what somebody has staged or changed stays as it is,
and of the very text that was published, whatever lies in the work tree. No hook runs: a hook is a
program out of a repository, and would run with the rights of the site.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

TIMEOUT_SECONDS = 60
MODE = "100644"

UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
"""Files that say that somebody is in the middle of something."""

_SAFE = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "commit.gpgSign=false"),
    "--literal-pathspecs",
)


class GitError(Exception):
    """Git did not do what it was asked; the message is git's own."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who, and when."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GitTree:
    """The work tree that a folder lies in."""

    root: Path
    """The folder; paths are below it."""
    prefix: str
    """Where the folder lies in the work tree, empty or ending in `/`."""
    git_dir: Path

    @classmethod
    def at(cls, root: Path) -> GitTree | None:
        """The work tree around the folder; None where there is none."""
        try:
            found = _run(root, "rev-parse", "--is-inside-work-tree", "--absolute-git-dir", "--show-prefix")
        except (GitError, FileNotFoundError):
            return None
        inside, git_dir, prefix = (*found.decode().split("\n"), "", "")[:3]
        return cls(root, prefix, Path(git_dir)) if inside == "true" else None

    @property
    def is_busy(self) -> bool:
        """Whether a merge or the like is under way, so that a commit would be part of it."""
        return any((self.git_dir / name).exists() for name in UNDER_WAY)

    def committed(self, path: str) -> bytes | None:
        """What the last commit holds at the path; None for nothing."""
        entry = self._head_entry(path)
        return self._git("cat-file", "blob", entry) if entry else None

    def commit(self, path: str, data: bytes | None, message: str, author: Signature, committer: Signature) -> None:
        """Commit that text at that path, or that it is gone, on top of the last commit."""
        head, before = self._head(), self._head_entry(path)
        blob = None if data is None else self._git("hash-object", "-w", "--stdin", given=data).decode().strip()
        with TemporaryDirectory(prefix="kb-git-") as folder:
            own = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            self._git("read-tree", *([head] if head else ["--empty"]), env=own)
            self._stage(path, blob, own)
            tree = self._git("write-tree", env=own).decode().strip()
        people = _environment("AUTHOR", author) | _environment("COMMITTER", committer)
        parents = ["-p", head] if head else []
        new = self._git("commit-tree", tree, *parents, "-F", "-", given=message.encode(), env=people).decode().strip()
        # Fails when somebody has committed meanwhile; then it is done over.
        self._git("update-ref", "-m", "publish", "HEAD", new, head or "0" * len(new), env=people)
        if self._staged_entry(path) == before:
            # Otherwise git would show the commit as undone, until somebody stages the file.
            self._stage(path, blob, {})

    def _stage(self, path: str, blob: str | None, env: dict[str, str]) -> None:
        if blob:
            self._git("update-index", "--add", "--cacheinfo", f"{MODE},{blob},{self.prefix}{path}", env=env)
        else:
            self._git("update-index", "--force-remove", "--", path, env=env)

    def _head(self) -> str:
        try:
            return self._git("rev-parse", "--verify", "-q", "HEAD^{commit}").decode().strip()
        except GitError:
            return ""

    def _head_entry(self, path: str) -> str:
        if not self._head():
            return ""
        return _blob_of(self._git("ls-tree", "-z", "HEAD", "--", path), 2)

    def _staged_entry(self, path: str) -> str:
        return _blob_of(self._git("ls-files", "-s", "-z", "--", path), 1)

    def _git(self, *arguments: str, given: bytes = b"", env: dict[str, str] | None = None) -> bytes:
        return _run(self.root, *arguments, given=given, env=env or {})


def _run(root: Path, *arguments: str, given: bytes = b"", env: dict[str, str] | None = None) -> bytes:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *_SAFE, *arguments],
        cwd=root,
        env=inherited | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"} | (env or {}),
        input=given,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise GitError(done.stderr.decode("utf-8", "replace").strip()[:500] or f"git {arguments[0]} failed")
    return done.stdout


def _environment(role: str, who: Signature) -> dict[str, str]:
    return {
        f"GIT_{role}_NAME": who.name,
        f"GIT_{role}_EMAIL": who.email,
        f"GIT_{role}_DATE": f"{int(who.at.timestamp())} +0000",
    }


def _blob_of(listed: bytes, field: int) -> str:
    """The object in the first line of a listing, whose fields stand before a tab."""
    fields = listed.split(b"\t", 1)[0].split()
    return fields[field].decode() if len(fields) > field else ""
