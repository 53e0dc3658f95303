"""Who works on a file: one claim at a time, and nobody writes without it."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from common import clock
from common.jobs.owners import dead_among, this_owner
from loyalty.errors import ImportUnderWay
from loyalty.models import PurchaseImport

from .formats import Format
from .reading import fingerprint

# A holder that has not been heard of for this long is taken for dead.
SILENCE = timedelta(minutes=15)


@transaction.atomic
def open_import(path: Path, form: Format) -> PurchaseImport:
    """The unfinished import of this very file, or a new one; claimed by the caller.

    Refused while somebody else works on it, be it another thread of this process: they lose
    their claim only when their process is gone from this host, or silent for SILENCE.
    """
    digest = fingerprint(path)
    run, _is_new = PurchaseImport.objects.select_for_update().get_or_create(
        source=form.name,
        sha256=digest,
        status__in=PurchaseImport.UNFINISHED,
        defaults={"file_name": path.name, "status": PurchaseImport.Status.STAGING},
    )
    is_heard_of = run.touched_at > clock.now() - SILENCE
    if run.token and is_heard_of and not dead_among([run.owner]):
        raise ImportUnderWay(file=path.name)
    token, owner, now = uuid4(), this_owner(), clock.now()
    # SQLite has no row locks: the claim that we saw is compared once more.
    seen = PurchaseImport.objects.filter(pk=run.pk, token=run.token)
    if not seen.update(token=token, owner=owner, touched_at=now):
        raise ImportUnderWay(file=path.name)
    run.token, run.owner, run.touched_at = token, owner, now
    return run


def hold(run: PurchaseImport) -> None:
    """Say that we still work on the file, inside the transaction of what we are about to write.

    Until its commit nobody can take the claim. Raises ImportUnderWay when somebody has.
    """
    now = clock.now()
    if not PurchaseImport.objects.filter(pk=run.pk, token=run.token).update(touched_at=now):
        raise ImportUnderWay(file=run.file_name)
    run.touched_at = now


def release(run: PurchaseImport) -> None:
    """Give the file back, so that the next attempt need not wait; nothing if it is not ours."""
    PurchaseImport.objects.filter(pk=run.pk, token=run.token).update(token=None, owner="")
