"""Ways to a member outside the portal. `NOTICE_CHANNELS` names the class that carries each.

A provider's adapter derives from `Channel` and raises `DeliveryFailed` with what the provider
said; the job tries again and keeps the words.
"""

import smtplib
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from members.errors import DeliveryFailed
from members.models import Member
from members.rules import Contact


@dataclass(frozen=True)
class Message:
    """What is carried: words in the member's language. `address` is the portal's page, or empty.

    `code` holds the digits of a message that carries some, for providers who send by templates.
    `is_service` is a message about somebody's own sign-in: it needs no consent to news.
    """

    title: str
    body: str
    address: str
    language: str
    code: str = ""
    is_service: bool = False

    @property
    def plain(self) -> str:
        """All of it as text, a paragraph each."""
        return "\n\n".join(part for part in (self.title, self.body, self.address) if part)


class Channel(ABC):
    """One way to a member."""

    @abstractmethod
    def recipient(self, member: Member) -> str:
        """Where the member is reached; empty when they cannot be."""

    @abstractmethod
    def send(self, *, recipient: str, message: Message) -> None:
        """Hand the message over, or raise DeliveryFailed."""


class EmailChannel(Channel):
    """E-mail through Django's configured backend, in HTML with its plain-text twin."""

    def recipient(self, member: Member) -> str:
        return member.email or ""

    def send(self, *, recipient: str, message: Message) -> None:
        context = {"message": message, "programme_name": settings.PROGRAMME_NAME}
        mail = EmailMultiAlternatives(
            subject=message.title,
            body=render_to_string("notices/email.txt", context),
            to=[recipient],
        )
        mail.attach_alternative(render_to_string("notices/email.html", context), "text/html")
        try:
            mail.send()
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(reason=str(error)) from error


class ConsoleChannel(Channel):
    """Writes what a provider would be given to the terminal."""

    name = ""

    def send(self, *, recipient: str, message: Message) -> None:
        sys.stdout.write(f"[{self.name} → {recipient}]\n{message.plain}\n\n")
        sys.stdout.flush()


class ConsoleSms(ConsoleChannel):
    """Text messages for a developer's eyes."""

    name = "SMS"

    def recipient(self, member: Member) -> str:
        return str(member.phone or "")


class ConsoleWeChat(ConsoleChannel):
    """WeChat messages for a developer's eyes; the card stands for the follower's identity."""

    name = "WeChat"

    def recipient(self, member: Member) -> str:
        return member.card_number


def carries(channel: str) -> bool:
    """Whether something here carries messages by this channel."""
    return bool(settings.NOTICE_CHANNELS.get(channel))


def carry(contact: Contact, message: Message) -> None:
    """Send one message to a contact now, or raise DeliveryFailed."""
    channels = configured_channels()
    if contact.channel not in channels:
        raise DeliveryFailed(reason=f"No adapter carries {contact.channel}.")
    channels[contact.channel].send(recipient=contact.address, message=message)


def configured_channels() -> dict[str, Channel]:
    """The channels that something carries here, by name."""
    return {name: import_string(path)() for name, path in settings.NOTICE_CHANNELS.items() if path}
