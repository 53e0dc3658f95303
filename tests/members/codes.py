"""Codes as whoever receives them reads them: on the console that carries text messages, in mail."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

CODE = re.compile(r"\b(\d{6})\b")

Capsys = pytest.CaptureFixture[str]


def texted(capsys: Capsys) -> list[tuple[str, str]]:
    """The text messages since the last look: to whom, and the code in it."""
    out = capsys.readouterr().out
    return re.findall(r"\[SMS → ([^\]]+)\]\n(\d{6}) ", out)


def mailed() -> list[tuple[str, str]]:
    """The mails of this test that carry a code: to whom, and which."""
    return [
        (message.to[0], found[1])
        for message in mail.outbox
        if (found := CODE.search(message.subject))
    ]


def ask(client: Client, path: str, contact: str, **fields: str) -> Any:
    return client.post(path, {"login": contact, **fields})


def type_in(client: Client, code: str) -> Any:
    return client.post("/code/", {"code": code})


def wrong(code: str) -> str:
    """Six digits that are not the code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def sign_in_by_code(client: Client, capsys: Capsys, phone: str) -> Any:
    ask(client, "/login/code/", phone)
    [(_to, code)] = texted(capsys)
    return type_in(client, code)


def signed_in(client: Client) -> int | None:
    user_id = client.session.get("_auth_user_id")
    return int(user_id) if user_id else None
