"""How often customers come back: the BG/NBD model of Fader, Hardie and Lee (2005).

While alive, a customer buys at random with a rate of their own; after any purchase they may leave
for good, with a chance of their own. Rates are gamma distributed over customers (r, alpha), the
chances of leaving beta distributed (a, b). Source: P. S. Fader, B. G. S. Hardie and K. L. Lee,
"“Counting Your Customers” the Easy Way: An Alternative to the Pareto/NBD Model", Marketing
Science 24 (2005), 275–284.

The conventions that give the paper's figures on its CDNOW sample: time in weeks; orders of one day
count as one purchase, and those without value count; a customer's first purchase opens their
history and is no repeat; x is the number of later days with a purchase, t_x the time from the first
to the last of them, T the time from the first to the last day of calibration. Everyone who bought
by that day is in, also those who never came back (x = 0, t_x = 0).

Where nobody seems to leave, a ends near 0 or b at the bound of the search: the model has become
its limit, the NBD, and is kept. Rates that run away (r, alpha) are refused.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln, hyp2f1

from analytics.errors import ModelNotSettled

from .fitting import FloatArray, maximise
from .histories import Histories

MODEL = "BG/NBD"
# Orders of magnitude apart, so that a search from one of them finds the hill.
STARTS = ((1.0, 1.0, 1.0, 1.0), (0.25, 4.0, 0.8, 2.5), (0.5, 10.0, 0.2, 5.0), (3.0, 30.0, 2.0, 9.0))
# a towards 0, b without end: by their places among the parameters.
NOBODY_LEAVES = frozenset({(2, -1), (3, 1)})
# The model must be able to say what it expects so far ahead.
FAR_AHEAD = np.array([1.0, 52.0, 520.0])
# The formula of expectations divides by a − 1 and by a + b − 1 + x; beside these points it is even.
TOO_NEAR = 1e-6


@dataclass(frozen=True)
class Returning:
    """A fitted BG/NBD model; time in weeks."""

    r: float
    alpha: float
    a: float
    b: float

    def expected(self, weeks: FloatArray) -> FloatArray:
        """Repeat purchases that someone new makes in so many weeks (equation 9)."""
        nothing = np.zeros_like(weeks)
        return self._purchases(weeks, frequency=nothing, age=nothing)

    def alive(self, histories: Histories) -> FloatArray:
        """The chance that each customer has not left; 1 for those who never came back.

        The model lets a customer leave only right after a repeat purchase. Computed from
        logarithms: long histories overflow otherwise.
        """
        x, age = histories.frequency, histories.age
        back = np.maximum(x, 1.0)
        gone = (
            np.log(self.a / (self.b + back - 1))
            + (self.r + x) * np.log((self.alpha + age) / (self.alpha + histories.recency))
        )  # fmt: skip
        return np.where(x > 0, expit(-gone), 1.0)

    def expected_after(self, histories: Histories, weeks: float) -> FloatArray:
        """Purchases that each customer makes in the next so many weeks (equation 10)."""
        ahead = np.full_like(histories.age, weeks)
        x, age = histories.frequency, histories.age
        return self._purchases(ahead, frequency=x, age=age) * self.alive(histories)

    def _purchases(
        self, weeks: FloatArray, *, frequency: FloatArray, age: FloatArray
    ) -> FloatArray:
        """Equation 10 for somebody alive; equation 9 is its case without a history.

        Euler's transformation of the hypergeometric function takes the powers of large
        frequencies out of it: what is left has small arguments and stays finite.
        """
        a = _away_from(self.a, 1.0)
        c = a + self.b - 1 + frequency
        c = np.where(np.abs(c) < TOO_NEAR, TOO_NEAR, c)
        share = weeks / (self.alpha + age + weeks)
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, c, share)
        return np.asarray(c / (a - 1) * (1 - (1 - share) ** (a - 1) * series), dtype=np.float64)


@dataclass(frozen=True)
class FittedReturning:
    """A BG/NBD model with the log-likelihood of its histories."""

    model: Returning
    log_likelihood: float


def fit_returning(histories: Histories) -> FittedReturning:
    """Fit by maximum likelihood; refused (ModelNotSettled) when there is no maximum."""
    found = maximise(
        lambda parameters: log_likelihood(parameters, histories),
        starts=STARTS,
        count=len(histories),
        model=MODEL,
        limits=NOBODY_LEAVES,
    )
    model = Returning(*found.parameters)
    with np.errstate(all="ignore"):
        if not np.all(np.isfinite(model.expected(FAR_AHEAD))):
            raise ModelNotSettled(model=MODEL)
    return FittedReturning(model, found.log_likelihood)


def log_likelihood(parameters: FloatArray, histories: Histories) -> tuple[float, FloatArray]:
    """The log-likelihood of all histories (equation 6) and its slope in r, alpha, a and b."""
    r, alpha, a, b = parameters
    x, last, age = (
        histories.frequency,
        np.log(alpha + histories.recency),
        np.log(alpha + histories.age),
    )
    back = np.maximum(x, 1.0)
    staying = betaln(a, b + x) - (r + x) * age
    leaving = np.where(x > 0, betaln(a + 1, b + back - 1) - (r + x) * last, -np.inf)
    both = np.logaddexp(staying, leaving)
    rates = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    total = float(np.sum(rates + both - betaln(a, b)))

    stays = np.exp(staying - both)
    leaves = 1 - stays
    by_rate = digamma(r + x) - digamma(r) + np.log(alpha) - stays * age - leaves * last
    by_scale = r / alpha - (r + x) * (stays * np.exp(-age) + leaves * np.exp(-last))
    joint = digamma(a + b) - digamma(a + b + x)
    by_leaving = joint + leaves / a
    by_staying = joint + stays * digamma(b + x) + leaves * digamma(b + back - 1) - digamma(b)
    slope = np.array([np.sum(part) for part in (by_rate, by_scale, by_leaving, by_staying)])
    return total, slope


def _away_from(number: float, point: float) -> float:
    return point + TOO_NEAR if abs(number - point) < TOO_NEAR else number
