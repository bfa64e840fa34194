"""What the worker does every so often, put together from the settings."""

from __future__ import annotations

from kbserver.adapters.smtp_mailer import MailServer, SmtpMailer
from kbserver.cli.workplace import Workplace
from kbserver.services.container import Services
from kbserver.services.mailing import MailQueue
from kbserver.services.notifying import NotificationConsumer
from kbserver.services.reminders import Reminders
from kbserver.worker.errands import Errand

NOTIFY_SECONDS = 2.0
MAIL_SECONDS = 10.0
REMIND_SECONDS = 600.0
PUBLISH_SECONDS = 5.0
FORGET_SECONDS = 3600.0


def errands_of(place: Workplace, services: Services) -> list[Errand]:
    """Publishing at a set time, notifications, mails where there is a server for them, and reminders."""
    settings, database, clock = place.settings, place.database, place.clock
    consumer = NotificationConsumer(database, clock, mails=bool(settings.smtp_url))
    errands = [
        Errand("scheduled publishing", PUBLISH_SECONDS, services.review.publish_due),
        Errand("notifications", NOTIFY_SECONDS, consumer.catch_up),
        Errand("reminders", REMIND_SECONDS, Reminders(database, clock).run),
        Errand("loose files", FORGET_SECONDS, services.stored_files.clear_away),
        Errand("old news", FORGET_SECONDS, services.notices.forget_old),
    ]
    if settings.smtp_url:
        mailer = SmtpMailer(MailServer.of(settings.smtp_url), settings.mail_sender)
        queue = MailQueue(database, clock, mailer, settings.public_url, settings.lang)
        errands.append(Errand("mails", MAIL_SECONDS, queue.send_due))
    return errands
