"""What values are called on pages, as message ids."""

from __future__ import annotations

from indexer.articles import ArticleType, Audience, Confidence
from kbserver.domain.articles import Stage, Trust
from kbserver.domain.checklist import Check
from kbserver.domain.drafts import Origin
from kbserver.domain.folder import Hold
from kbserver.domain.permissions import Role, Scope
from kbserver.domain.review import Step
from kbserver.domain.tasks import TaskKind
from kbserver.errors import N_

TRUST = {
    Trust.VALIDATED: N_("Validated"),
    Trust.NOT_VALIDATED: N_("Not validated"),
    Trust.OVERDUE: N_("Check overdue"),
    Trust.EXPIRED: N_("Expired"),
}
WHY = {
    "title": N_("Title"),
    "issue": N_("Customer's words"),
    "words": N_("Words"),
    "meaning": N_("Meaning"),
    "overdue": N_("Ranked lower: due for a check"),
}
AUDIENCE = {
    Audience.INTERNAL: N_("Internal"),
    Audience.CUSTOMER: N_("Customers"),
    Audience.PUBLIC: N_("Everybody"),
}
TYPE = {
    ArticleType.SOLUTION: N_("Solution"),
    ArticleType.HOWTO: N_("How-to"),
    ArticleType.FAQ: N_("FAQ"),
    ArticleType.KNOWN_ISSUE: N_("Known issue"),
    ArticleType.POLICY: N_("Procedure"),
}
TYPE_ABOUT = {
    ArticleType.SOLUTION: N_("A problem, its cause and the steps that solve it"),
    ArticleType.HOWTO: N_("How something is done, step by step"),
    ArticleType.FAQ: N_("A short answer to a question that comes again and again"),
    ArticleType.KNOWN_ISSUE: N_("A fault that is known, what helps for now, and when it will be mended"),
    ArticleType.POLICY: N_("A rule of the department: who does what, and when"),
}
CHECK = {
    Check.DUPLICATE: N_("Not said already"),
    Check.TITLE: N_("Title: problem and place"),
    Check.SECTIONS: N_("No empty section"),
    Check.STEPS: N_("Steps numbered and whole"),
    Check.VERIFICATION: N_("How to see that it worked"),
    Check.LINKS: N_("Links lead somewhere"),
    Check.METADATA: N_("Facts given"),
    Check.PERSONAL_DATA: N_("No personal data"),
}
LANGUAGE = {"zh": "中文", "en": "English"}
"""Languages by their own names; one that is not listed is shown by its code."""
FACET = {
    "category": N_("Category"),
    "product": N_("Product"),
    "model": N_("Model"),
    "version": N_("Version"),
    "platform": N_("Platform"),
    "tag": N_("Tag"),
}
DETAIL = {
    "articles": N_("Articles"),
    "passages": N_("Passages"),
    "passages_without_vector": N_("Passages found by words only"),
    "index_generation": N_("Index generation"),
    "index_sequence": N_("Last change in the index"),
    "model": N_("Language model"),
    "segments": N_("Index segments"),
    "tokenizer": N_("Tokeniser"),
    "database": N_("Database"),
}
"""What the health service tells; a name not listed is shown as it is."""

TASK_HINT = {
    TaskKind.WRONG: N_("A step or a fact is not right"),
    TaskKind.OUTDATED: N_("It was right once; version, menu or rule have changed"),
    TaskKind.UNCLEAR: N_("It can be read in two ways, or hardly be followed"),
    TaskKind.MISSING: N_("A step, a case or a picture is not there"),
}
TASK_COLUMN = {
    "No.": N_("No."),
    "What": N_("What"),
    "Article": N_("Article"),
    "Title": N_("Title"),
    "Detail": N_("Detail"),
    "By": N_("By"),
    "Opened": N_("Opened"),
    "Given to": N_("Given to"),
    "Result": N_("Result"),
    "Note": N_("Note"),
    "Closed": N_("Closed"),
}
"""Headings of the table of tasks."""

ERROR = {
    400: N_("That cannot be understood"),
    401: N_("Please sign in"),
    403: N_("Not open to you"),
    404: N_("Nothing here"),
    405: N_("That does not work here"),
    409: N_("Changed meanwhile"),
    410: N_("Archived"),
    413: N_("Too large"),
    414: N_("Address too long"),
    429: N_("Too many requests"),
    500: N_("Something failed here"),
    503: N_("Not available right now"),
}

ORIGIN = {
    "folder": N_("articles folder"),
    "import": N_("import"),
    "browser": N_("browser"),
    "verified": N_("still right"),
    "reminder": N_("reminder"),
    "command line": N_("command line"),
    "identity provider": N_("identity provider"),
    "file changed": N_("file changed"),
    "file removed": N_("file removed"),
    "file holds another article": N_("file holds another article"),
    "restored": N_("restored"),
    "changed in the folder and in the browser": N_("changed in the folder and in the browser"),
}
"""Who or what made a revision, and why, when it was the machine; anything else is shown as it is."""

HOLDS = {
    Hold.REVIEW: N_("The file was changed and waits for review."),
    Hold.CONFLICT: N_("The file and the article were both changed; the file's text waits for review."),
    Hold.REMOVED: N_("The file was removed; archive the article, or put the file back."),
}
"""Why a file is not what is published."""

NOT_TAKEN = N_("The file's text was not taken; change or remove the file.")

SENTENCES = (
    N_("The database does not answer."),
    N_("There is no search index yet; only titles are searched."),
    N_("The index has not caught up with the latest changes."),
    N_("The model is being loaded."),
    N_("The model cannot be loaded."),
    N_("The model was unloaded."),
    N_("%(num)s passages are found by words only until they are encoded."),
)
"""What the health service says is missing; listed to be translated."""

ROLE = {
    Role.READER: N_("Reader"),
    Role.AGENT: N_("First-line staff"),
    Role.ENGINEER: N_("Engineer"),
    Role.REVIEWER: N_("Reviewer"),
    Role.ADMIN: N_("Administrator"),
}

SCOPE = {
    Scope.SEARCH_READ: N_("Search articles"),
    Scope.SUGGEST_READ: N_("Suggest articles for a ticket"),
    Scope.ARTICLES_READ: N_("Read articles"),
    Scope.ARTICLES_WRITE: N_("Write, review and archive articles"),
    Scope.DRAFTS_WRITE: N_("Write drafts"),
    Scope.TICKETS_WRITE: N_("Send closed tickets"),
    Scope.FEEDBACK_WRITE: N_("Say what helped"),
    Scope.ADMIN: N_("Read figures and details for operators"),
}

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger/", "WeChat"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
"""Signs by which browsers name themselves; the first found counts, for most also name others."""

SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)

STAGE = {
    Stage.DRAFT: N_("Draft"),
    Stage.IN_REVIEW: N_("In review"),
    Stage.PUBLISHED: N_("Published"),
    Stage.ARCHIVED: N_("Archived"),
}
STEP = {
    Step.SUBMIT: N_("Send to review"),
    Step.WITHDRAW: N_("Withdraw"),
    Step.SEND_BACK: N_("Send back"),
    Step.APPROVE: N_("Approve and publish"),
    Step.PUBLISH: N_("Publish"),
    Step.DISCARD: N_("Discard"),
    Step.ARCHIVE: N_("Archive"),
    Step.RESTORE: N_("Restore"),
}
"""What the buttons of the workflow say."""

DRAFT_ORIGIN = {
    Origin.HUMAN: N_("browser"),
    Origin.FOLDER: N_("articles folder"),
    Origin.RULES: N_("from a ticket"),
    Origin.LLM: N_("from a ticket, worded by a model"),
    Origin.API: N_("program"),
}
NEAR = {
    Confidence.HIGH: N_("very close"),
    Confidence.MEDIUM: N_("close"),
    Confidence.LOW: N_("distant"),
}
"""How near an article is to a draft."""

ACTION = {
    "publish": N_("published"),
    "submit": N_("sent to review"),
    "withdraw": N_("withdrawn"),
    "send_back": N_("sent back"),
    "approve": N_("approved for later"),
    "schedule_failed": N_("could not be published in time"),
    "discard": N_("discarded"),
    "archive": N_("archived"),
    "move": N_("file moved"),
    "draft": N_("kept as a draft"),
    "account": N_("account added"),
    "role": N_("role changed"),
    "disable": N_("account closed"),
    "enable": N_("account opened again"),
    "password": N_("password set"),
    "password link": N_("password link made"),
    "token": N_("API token made"),
    "token revoked": N_("API token revoked"),
    "open task": N_("task opened"),
    "close task": N_("task closed"),
    "take task": N_("task taken over"),
}
"""What the audit record's actions are called; one that is not listed is shown as it is."""

DETAIL_NAME = {
    "revision": N_("Revision"),
    "path": N_("File"),
    "author": N_("Author"),
    "approver": N_("Approved by"),
    "draft": N_("Draft"),
    "reason": N_("Reason"),
    "title": N_("Title"),
    "superseded_by": N_("Replaced by"),
    "publish_at": N_("Publish on"),
    "from": N_("From"),
    "to": N_("To"),
    "role": N_("Role"),
    "audience": N_("Readers"),
    "task": N_("Task"),
    "kind": N_("Kind"),
    "resolution": N_("Resolution"),
    "name": N_("Name"),
    "scopes": N_("Scopes"),
}
"""What an audit line tells beside who, what and of which."""
