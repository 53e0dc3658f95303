from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from common.append_only import check_triggers, install_triggers
from common.checks import check_programme, check_queue


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = _("Operations")

    def ready(self) -> None:
        # Sent once per app after all migrations of all apps: once is enough.
        post_migrate.connect(put_triggers_back, sender=self)
        register(check_programme)
        register(check_queue)
        register(check_triggers, Tags.database)


def put_triggers_back(*, using: str, **kwargs: Any) -> None:
    """Protect append-only tables again after migrations that may have rebuilt them."""
    install_triggers(connections[using])
