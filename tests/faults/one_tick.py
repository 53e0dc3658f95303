"""One tick of beat in a process of its own: what is due goes to the queue, nobody works."""

import os

import django

if __name__ == "__main__":
    assert os.environ["DJANGO_SETTINGS_MODULE"]
    django.setup()
    from common.tasks import tick
    from config.celery import app

    app.set_current()
    tick()
