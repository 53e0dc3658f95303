"""Composition root: settings, URLs, API, Celery and the nightly order."""

from .celery import app as celery_app

__all__ = ["celery_app"]
