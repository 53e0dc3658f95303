"""For the last administrator who lost the authenticator app."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.models import User
from members.services.logins import remove_second_step


class Command(BaseCommand):
    """Take the second step off a login, by user name: whoever runs this owns the machine anyway."""

    help = "Take the second step off a login whose owner has lost it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="user name, or an operator's or a member's e-mail")

    def handle(self, *args: Any, login: str, **options: Any) -> None:
        user = User.objects.for_login(login)
        if user is None:
            raise CommandError(f"Nobody signs in as {login}.")
        if not remove_second_step(user=user):
            raise CommandError(f"{user.username} signs in without a second step.")
        self.stdout.write(f"{user.username} signs in without a second step from now on.")
