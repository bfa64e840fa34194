"""Every error that a person may see, each with its HTTP status and a sentence.

    KBError (500)
    ├── InvalidInput (400)      a value that was sent cannot be used; names the field
    │   └── InvalidCursor       the paging mark is forged or belongs to another query
    ├── SignInRequired (401)    this installation does not answer anonymous readers
    │   └── SignInRefused       whoever tried to sign in is not let in
    ├── NotAllowed (403)        the reader may not do this
    │   └── PasswordChangeRequired   a one-time password is to be replaced first
    ├── NotFound (404)          nothing there, or nothing this reader may see
    │   └── Gone (410)          it was there, and this reader could see it
    ├── Conflict (409)          somebody else changed it first
    ├── PreconditionRequired (428) the request must say which state it changes
    ├── TooLarge (413)          more than a limit allows
    ├── TooManyTries (429)      wait before the next password
    ├── StorageFull (507)       nothing more can be kept until space is made
    ├── Busy (503)              try again shortly
    ├── IndexUnavailable (503)  no index can answer yet
    ├── SettingError (500)      a KB_* setting cannot be used
    └── FolderUnavailable (500) the articles folder cannot be read

Messages are gettext message ids in English with named placeholders, marked by
`N_`; the web layer translates them, the command line prints them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass


def N_(message: str) -> str:
    """The message itself; the name marks it for extraction into the translation catalogue."""
    return message


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that comes in both languages already, as a value of a message."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en

    def said(self, lang: str) -> str:
        """The text in that language; anything but English reads Chinese."""
        return self.en if lang.startswith("en") else self.zh


class KBError(Exception):
    """Base of all errors with a sentence for people; `str()` gives that sentence in English."""

    status = 500
    retry_after_seconds: int | None = None

    def __init__(self, message: str, *, field: str = "", **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class InvalidInput(KBError):
    """A value that was sent cannot be used."""

    status = 400


class InvalidCursor(InvalidInput):
    """A paging mark that this installation did not make for this query."""

    def __init__(self) -> None:
        super().__init__(N_("The paging mark is not valid for this search."), field="cursor")


class SignInRequired(KBError):
    """Anonymous readers see nothing here."""

    status = 401


class SignInRefused(SignInRequired):
    """Whoever tried is not let in; one answer for a wrong password, an unknown name and a closed account."""

    def __init__(self, message: str = N_("The name or the password is not right.")) -> None:
        super().__init__(message)


class NotAllowed(KBError):
    """The reader may not do this."""

    status = 403


class PasswordChangeRequired(NotAllowed):
    """Whoever signed in with a one-time password sets their own before anything else."""

    def __init__(self) -> None:
        super().__init__(N_("Please choose your own password first."))


class NotFound(KBError):
    """There is nothing, or nothing that this reader may see; the two are never told apart."""

    status = 404


class Gone(NotFound):
    """It was there, and the reader may know that."""

    status = 410


class Conflict(KBError):
    """Somebody else changed the same thing first."""

    status = 409


class PreconditionRequired(KBError):
    """A change must say which state it was made from."""

    status = 428


class TooLarge(KBError):
    """More than a limit allows."""

    status = 413


class TooManyTries(KBError):
    """Too many wrong passwords; `retry_after_seconds` says how long to wait."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(N_("Too many wrong passwords; please wait %(seconds)s seconds."), seconds=seconds)
        self.retry_after_seconds = seconds


class StorageFull(KBError):
    """The disk of the data folder has no space left."""

    status = 507


class Busy(KBError):
    """The work cannot be done at this moment; the same request may succeed shortly."""

    status = 503
    retry_after_seconds = 2


class IndexUnavailable(Busy):
    """No index can answer: it is missing, being built, or damaged."""


class SettingError(KBError):
    """A setting cannot be used as it stands."""


class FolderUnavailable(KBError):
    """The articles folder cannot be read; nothing was changed."""
