"""Production starts with every secret and address, or not at all."""

import os
import subprocess
import sys

import pytest

from config.environment import BASE_DIR

COMPLETE = {
    "SECRET_KEY": "a-secret-only-for-this-test-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgresql://regulars:test@127.0.0.1:5432/regulars",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "ALLOWED_HOSTS": "shop.example",
    "TRUSTED_PROXY_COUNT": "1",
}


def start(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A new process with production settings and only these variables of ours."""
    # An empty variable also keeps a developer's own .env out.
    ours = dict.fromkeys(COMPLETE, "") | variables
    environment = {**os.environ, **ours, "DJANGO_SETTINGS_MODULE": "config.settings.prod"}
    # The suite's own browser tests need it; no production does.
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def read(expression: str, **variables: str) -> str:
    code = f"from django.conf import settings; print({expression})"
    done = start("-c", code, **{**COMPLETE, **variables})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", COMPLETE)
def test_stops_without(name: str) -> None:
    present = {key: value for key, value in COMPLETE.items() if key != name}
    done = start("manage.py", "check", **present)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: "
        f"Production does not start without {name}:"
        " set it in the environment (.env.example explains each variable)."
    )


def test_names_all_that_is_missing_at_once() -> None:
    done = start("-c", "from django.conf import settings; settings.DEBUG")
    assert (
        "without SECRET_KEY, DATABASE_URL, REDIS_URL, ALLOWED_HOSTS, TRUSTED_PROXY_COUNT:"
        in done.stderr.splitlines()[-1]
    )


def test_passes_the_deployment_check() -> None:
    done = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", **COMPLETE)
    assert done.returncode == 0, done.stderr


def test_waits_five_seconds_for_a_connection_of_the_pool() -> None:
    assert read("settings.DATABASES['default']['OPTIONS']['pool']['timeout']") == "5"


def test_believes_the_proxy_about_https_only_when_there_is_one() -> None:
    expression = "settings.SECURE_PROXY_SSL_HEADER"
    assert read(expression) == "('HTTP_X_FORWARDED_PROTO', 'https')"
    assert read(expression, TRUSTED_PROXY_COUNT="0") == "None"


def test_never_shows_a_traceback_to_a_visitor() -> None:
    assert read("settings.DEBUG", DEBUG="true") == "False"


def test_asks_operators_for_a_second_step_unless_told_otherwise() -> None:
    assert read("settings.OPERATOR_SECOND_STEP") == "True"
    assert read("settings.OPERATOR_SECOND_STEP", OPERATOR_SECOND_STEP="false") == "False"


def test_knows_wechat_only_with_an_app_there() -> None:
    apps = "settings.SOCIALACCOUNT_PROVIDERS['weixin']['APPS']"
    assert read(apps) == "[]"
    assert "'client_id': 'wx1'" in read(apps, WEIXIN_APP_ID="wx1", WEIXIN_APP_SECRET="s")


def test_gives_no_range_to_two_workers_and_no_killer_back() -> None:
    """Late acknowledgement, one message at a time, a queue more patient than the longest range."""
    names = "ACKS_LATE", "REJECT_ON_WORKER_LOST"
    asked = [f"settings.CELERY_TASK_{name}" for name in names]
    asked.append("settings.CELERY_WORKER_PREFETCH_MULTIPLIER")
    asked.append("settings.CELERY_BROKER_TRANSPORT_OPTIONS['visibility_timeout']")
    assert read(f"({', '.join(asked)})") == "(True, False, 1, 3600)"
    timeout = asked[-1]
    assert read(timeout, NIGHTLY_STALE_AFTER_SECONDS="7200") == "14400"
