"""Find the maximum of a likelihood, or refuse to call something else one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from analytics.errors import ModelNotSettled

FloatArray = NDArray[np.float64]
# The log-likelihood at some parameters, and its slope in each of them.
Likelihood = Callable[[FloatArray], tuple[float, FloatArray]]

Limits = frozenset[tuple[int, int]]

# Parameters are positive and searched by their logarithms; past these bounds, a parameter has run
# away because the data say nothing about it.
LOG_BOUND = 14.0
# How flat the mean log-likelihood must be at its maximum, by any parameter's logarithm.
FLAT = 1e-5
# Ends of searches whose mean log-likelihoods differ by less are one maximum; the flattest counts.
SAME = 1e-9


@dataclass(frozen=True)
class Maximum:
    """Where a likelihood is greatest, and how great."""

    parameters: tuple[float, ...]
    log_likelihood: float


def maximise(
    likelihood: Likelihood,
    *,
    starts: Iterable[tuple[float, ...]],
    count: int,
    model: str,
    limits: Limits = frozenset(),
) -> Maximum:
    """The greatest maximum found from several starts.

    `count` is how many customers the likelihood is of. Refused (ModelNotSettled) when the best
    end of the searches is not flat, or lies where a parameter has run away; `limits` names, by
    place and direction (-1, 1), where running away still leaves a model that means something.
    """

    def loss(logs: FloatArray) -> tuple[float, FloatArray]:
        parameters = np.exp(logs)
        total, slope = likelihood(parameters)
        return -total / count, -slope * parameters / count

    ends = [_descend(loss, np.log(np.asarray(start))) for start in starts]
    least = min(loss(logs)[0] for logs in ends)
    near = [logs for logs in ends if loss(logs)[0] <= least + SAME]
    best = min(near, key=lambda logs: _steepness(loss, logs, limits), default=None)
    if best is None or not _steepness(loss, best, limits) < FLAT:
        raise ModelNotSettled(model=model)
    parameters = np.exp(best)
    return Maximum(
        parameters=tuple(float(parameter) for parameter in parameters),
        log_likelihood=float(likelihood(parameters)[0]),
    )


def _descend(loss: Likelihood, start: FloatArray) -> FloatArray:
    # Not L-BFGS-B: its linear algebra wakes a thread for every core, to wait on three numbers.
    found = minimize(
        loss,
        start,
        jac=True,
        method="SLSQP",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * len(start),
        options={"maxiter": 300, "ftol": 1e-15},
    )
    return np.asarray(found.x, dtype=np.float64)


def _steepness(loss: Likelihood, logs: FloatArray, limits: Limits) -> float:
    """The steepest slope left at the end of a search; infinite where a parameter has run away.

    What may run away and stands at its bound is flat when it would only go further.
    """
    value, slope = loss(logs)
    if not np.isfinite(value):
        return np.inf
    steepest = 0.0
    for place, (log, steep) in enumerate(zip(logs, slope, strict=True)):
        has_run_away = abs(log) >= LOG_BOUND
        if has_run_away and (place, int(np.sign(log))) not in limits:
            return np.inf
        goes_on = has_run_away and steep * log <= 0
        steepest = max(steepest, 0.0 if goes_on else abs(float(steep)))
    return steepest
