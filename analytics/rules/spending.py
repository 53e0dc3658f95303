"""What a purchase is worth: the Gamma-Gamma model as Fader and Hardie (2013) write it down.

Amounts vary at random around a mean of the customer's own (shape p), and those means are spread
over customers (q, gamma). Source: P. S. Fader and B. G. S. Hardie, "The Gamma-Gamma Model of
Monetary Value" (2013), http://www.brucehardie.com/notes/025/.

The conventions that give its figures on the CDNOW sample: only customers who came back count, each
with the mean amount of their x later purchase days (the first purchase is left out; orders of one
day are added up). Whoever paid nothing on all of them has no place in the model.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from analytics.errors import SpendWithoutMean

from .fitting import FloatArray, maximise
from .histories import Histories

MODEL = "Gamma-Gamma"


@dataclass(frozen=True)
class Spending:
    """A fitted Gamma-Gamma model; amounts in units of the currency."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """What is expected of somebody of whom nothing is known."""
        return self.p * self.gamma / (self.q - 1)

    def expected(self, histories: Histories) -> FloatArray:
        """The mean amount of each customer's next purchases (equation 5).

        Between what they spent and what all do: the more purchases, the nearer to their own.
        """
        x = np.where(histories.has_spend, histories.frequency, 0.0)
        weight = self.p * x + self.q - 1
        return (self.p * self.gamma + self.p * x * histories.spend) / weight


@dataclass(frozen=True)
class FittedSpending:
    """A Gamma-Gamma model with the log-likelihood of its histories."""

    model: Spending
    log_likelihood: float


def fit_spending(histories: Histories) -> FittedSpending:
    """Fit by maximum likelihood to those who came back.

    Refused when there is no maximum (ModelNotSettled), and when the spread is so wide that no
    mean exists (SpendWithoutMean).
    """
    counted = histories.has_spend
    x, spend = histories.frequency[counted], histories.spend[counted]
    middle = float(np.median(spend))
    found = maximise(
        lambda parameters: log_likelihood(parameters, x, spend),
        starts=[(p, q, middle * q / p) for p in (1.0, 6.0, 40.0) for q in (2.0, 5.0)],
        count=len(x),
        model=MODEL,
    )
    model = Spending(*found.parameters)
    if model.q <= 1:
        raise SpendWithoutMean(q=f"{model.q:.3f}")
    return FittedSpending(model, found.log_likelihood)


def log_likelihood(
    parameters: FloatArray, x: FloatArray, spend: FloatArray
) -> tuple[float, FloatArray]:
    """The log-likelihood of mean amounts (equation 1a) and its slope in p, q and gamma."""
    p, q, gamma = parameters
    weight = p * x
    pooled = np.log(gamma + x * spend)
    total = (
        gammaln(weight + q)
        - gammaln(weight)
        - gammaln(q)
        + q * np.log(gamma)
        + (weight - 1) * np.log(spend)
        + weight * np.log(x)
        - (weight + q) * pooled
    )
    by_shape = x * (digamma(weight + q) - digamma(weight) + np.log(spend) + np.log(x) - pooled)
    by_spread = digamma(weight + q) - digamma(q) + np.log(gamma) - pooled
    by_scale = q / gamma - (weight + q) * np.exp(-pooled)
    slope = np.array([np.sum(part) for part in (by_shape, by_spread, by_scale)])
    return float(np.sum(total)), slope
