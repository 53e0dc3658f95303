"""The steps of a night as they are configured."""

from common.jobs.steps import nightly_steps


def test_notices_and_forecasts_are_run_again_for_their_own_night_only() -> None:
    """They tell of what is to come from a night: told anew of an older one it would be untrue."""
    telling = [step for step in nightly_steps() if step.name.startswith(("notify_", "forecast_"))]
    assert [step.name for step in telling if not step.is_latest_only] == []
    assert len(telling) == 4
