"""Lifetime models agree with the papers, and with the integrals that their formulas solve."""

from dataclasses import astuple

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import beta, gamma

from analytics.errors import ModelNotSettled, SpendWithoutMean, TooFewCustomers, TooFewReturned
from analytics.lifetime import fit_lifetime
from analytics.rules import returning, spending
from analytics.rules.histories import FEWEST_CUSTOMERS, FEWEST_RETURNED, Histories, histories_of
from analytics.rules.returning import Returning, fit_returning
from analytics.rules.spending import Spending, fit_spending

from .cdnow import histories, needs_cdnow

CDNOW = Returning(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)
SPENT = Spending(p=6.25, q=3.744, gamma=15.44)


def one(later: int, last_day: int, days: int, spend: float = 0.0) -> Histories:
    return histories_of([(later, last_day, days, spend)])


@needs_cdnow
def test_find_the_parameters_of_the_paper_on_cdnow() -> None:
    found = fit_lifetime(histories())
    assert astuple(found.returning.model) == pytest.approx(
        (0.2426, 4.4136, 0.7929, 2.4259), abs=5e-5
    )
    assert found.returning.log_likelihood == pytest.approx(-9582.43, abs=0.005)
    assert astuple(found.spending.model) == pytest.approx((6.25, 3.744, 15.44), abs=5e-3)
    assert (found.customers, found.returned) == (2_357, 946)
    # Fader and Hardie (2013): a randomly chosen customer's mean is 35.2.
    assert found.spending.model.mean == pytest.approx(35.17, abs=0.005)


@needs_cdnow
@pytest.mark.parametrize("start", returning.STARTS)
def test_find_them_from_every_start(
    start: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "STARTS", (start,))
    found = fit_returning(histories())
    assert found.log_likelihood == pytest.approx(-9582.4292, abs=1e-3)


@needs_cdnow
def test_slopes_are_those_of_the_likelihoods() -> None:
    at = np.array([0.3, 5.0, 0.6, 2.0])
    _, slope = returning.log_likelihood(at, histories())
    numeric = approx_fprime(at, lambda p: returning.log_likelihood(p, histories())[0], 1e-7)
    assert slope == pytest.approx(numeric, rel=1e-4)
    x, spend = np.array([1.0, 4.0]), np.array([20.0, 35.0])
    at = np.array([5.0, 3.0, 12.0])
    _, slope = spending.log_likelihood(at, x, spend)
    numeric = approx_fprime(at, lambda p: spending.log_likelihood(p, x, spend)[0], 1e-7)
    assert slope == pytest.approx(numeric, rel=1e-4)


def test_expect_what_the_paper_does_of_one_customer() -> None:
    # The paper's customer 0001: x = 2, t_x = 30.43, T = 38.86; 1.226 purchases in 39 weeks.
    customer = one(2, 213, 272)
    assert CDNOW.expected_after(customer, 39)[0] == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize("weeks", [1.0, 39.0, 400.0])
def test_expected_purchases_are_the_integral_over_rates_and_chances(weeks: float) -> None:
    model = Returning(r=1.5, alpha=6.0, a=1.2, b=2.4)

    def purchases(chance: float) -> float:
        # Over all rates, 1 − exp(−rate · chance · weeks) has this mean; in parts, by the chance.
        came_back = 1 - (model.alpha / (model.alpha + chance * weeks)) ** model.r
        return float(came_back / chance * beta.pdf(chance, model.a, model.b))

    expected, _ = quad(purchases, 0, 1, epsabs=1e-10)
    assert model.expected(np.array([weeks]))[0] == pytest.approx(expected, rel=1e-6)


def test_alive_is_the_share_of_the_likelihood_in_which_they_stayed() -> None:
    model, x, last, age = Returning(r=1.5, alpha=6.0, a=1.2, b=2.4), 3, 20.0, 32.0

    def stayed(chance: float) -> float:
        return float((1 - chance) ** x * beta.pdf(chance, model.a, model.b))

    def left(chance: float) -> float:
        return float(chance * (1 - chance) ** (x - 1) * beta.pdf(chance, model.a, model.b))

    def buying(until: float) -> float:
        return quad(
            lambda rate: rate**x * np.exp(-rate * until) * gamma.pdf(rate, 1.5, scale=1 / 6), 0, 50
        )[0]

    alive = quad(stayed, 0, 1)[0] * buying(age)
    gone = quad(left, 0, 1)[0] * buying(last)
    found = model.alive(one(x, int(last * 7), int(age * 7)))[0]
    assert found == pytest.approx(alive / (alive + gone), rel=1e-6)


def test_whoever_never_came_back_is_alive() -> None:
    assert CDNOW.alive(one(0, 0, 700))[0] == 1.0


@pytest.mark.parametrize("a", [1 - 1e-9, 1.0, 1 + 1e-9])
def test_expectations_are_even_where_the_formula_divides_by_nothing(a: float) -> None:
    def expected(a: float) -> float:
        return float(Returning(r=0.5, alpha=5, a=a, b=2).expected(np.array([52.0]))[0])

    assert expected(a) == pytest.approx((expected(0.999) + expected(1.001)) / 2, rel=1e-5)


def test_long_histories_stay_finite() -> None:
    often = one(3_000, 3_649, 3_650, 12.0)
    assert 0.99 < CDNOW.alive(often)[0] <= 1
    assert 250 < CDNOW.expected_after(often, 52)[0] < 300
    assert 0 <= CDNOW.expected_after(one(900, 700, 3_650), 52)[0] < 1e-50


def test_expected_spend_lies_between_everybodys_and_their_own() -> None:
    unknown, seldom, often = one(0, 0, 70), one(1, 7, 70, 100.0), one(50, 69, 70, 100.0)
    assert SPENT.expected(unknown)[0] == pytest.approx(6.25 * 15.44 / 2.744)
    # Fader and Hardie (2013), equation 5: ((q − 1) mean + p x spend) / (p x + q − 1).
    assert SPENT.expected(seldom)[0] == pytest.approx((96.5 + 625) / (6.25 + 2.744))
    assert 98 < SPENT.expected(often)[0] < 100


def test_keep_the_limit_in_which_nobody_leaves() -> None:
    chance = np.random.default_rng(7)
    rows = []
    for rate in chance.gamma(1.5, 0.2, size=400):
        days = np.cumsum(chance.exponential(7 / rate, size=200))
        later = np.unique(days[days < 700].astype(int) + 1)
        rows.append((len(later), int(later[-1]) if len(later) else 0, 700, 10.0))
    model = fit_returning(histories_of(rows)).model
    assert model.a / (model.a + model.b) < 0.002
    assert model.r == pytest.approx(1.5, rel=0.15)
    assert model.alive(one(5, 690, 700))[0] > 0.999
    # Without leaving, purchases go on at the mean rate for ever.
    assert model.expected(np.array([100.0]))[0] == pytest.approx(
        100 * model.r / model.alpha, rel=0.05
    )


def test_refuse_too_few_customers() -> None:
    rows = [(1, 7, 70, 10.0)] * (FEWEST_CUSTOMERS - 1)
    with pytest.raises(TooFewCustomers, match="these are of 49"):
        fit_lifetime(histories_of(rows))
    with pytest.raises(TooFewCustomers):
        fit_lifetime(histories_of([]))


def test_refuse_when_too_few_came_back_and_paid() -> None:
    rows = [(1, 7, 70, 10.0)] * (FEWEST_RETURNED - 1) + [(2, 9, 70, 0.0), (0, 0, 50, 0.0)] * 40
    with pytest.raises(TooFewReturned, match="these are 19"):
        fit_lifetime(histories_of(rows))


def test_refuse_when_everybody_is_the_same() -> None:
    with pytest.raises(ModelNotSettled, match="do not settle the parameters of the BG/NBD model"):
        fit_returning(histories_of([(10, 693, 700, 20.0)] * 100))
    with pytest.raises(ModelNotSettled, match="Gamma-Gamma"):
        fit_spending(histories_of([(10, 693, 700, 20.0)] * 100))


def test_refuse_spend_that_has_no_mean() -> None:
    wild = [(3, 60, 70, float(10.0 ** (step / 12))) for step in range(100)]
    with pytest.raises(SpendWithoutMean, match="it must be above 1"):
        fit_spending(histories_of(wild))
