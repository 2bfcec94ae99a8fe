"""Our errors in Dagster's terms: what is tried again, and what is not.

Each system that retries on its own (a step's policy, run retries, automation) would compose a wrong
key in a YAML file again and again. So only what may pass by waiting asks for a retry: storage that
answers late, a full disk. Everything else is a `Failure` with our sentence.

Steps ask for their retries themselves instead of carrying a `RetryPolicy`, because Dagster applies
a policy to interrupts as well: a run that is terminated in the UI, or by Ctrl-C, would start its
step again instead of ending.
See https://docs.dagster.io/guides/build/ops/op-retries
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from soundflow_assets.errors import BadInput, Refused, SoundFlowError
from soundflow_assets.storage.store import PreconditionFailed, Unavailable

MOST_RETRIES = 3
FIRST_WAIT_S = 2.0  # doubled each time: a quarter of a minute in all
MAY_PASS = (Unavailable, PreconditionFailed, OSError)

# Metadata of a failure that a gate or a check of the input brought about: exit code 2, not 1.
REFUSED = "refused"


@contextmanager
def spoken_as_failures(attempt: int = MOST_RETRIES) -> Iterator[None]:
    """Turn errors into failures, and into requests for a retry where waiting may help.

    Parameters
    ----------
    attempt
        How often the step has been retried; `MOST_RETRIES` for a step that is not to be.
    """
    try:
        yield
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:
        failure = _failure(error)
        if isinstance(error, MAY_PASS) and attempt < MOST_RETRIES:
            wait_s = FIRST_WAIT_S * 2**attempt
            raise dg.RetryRequested(MOST_RETRIES, wait_s) from failure
        raise failure from error


def _failure(error: Exception) -> dg.Failure:
    spoken = isinstance(error, SoundFlowError | OSError)
    return dg.Failure(
        description=str(error) if spoken else f"{type(error).__name__}: {error}",
        metadata={REFUSED: isinstance(error, BadInput | Refused)},
        allow_retries=False,
    )
