"""Our errors in Dagster's terms.

Three systems retry on their own: the step's `RetryPolicy`, run retries for crashed processes, and
automation. A refusal must stop all three, otherwise a wrong key in a YAML file is composed again
and again; so refused work becomes a `Failure` that allows no retry, and everything that may pass
on another day (storage, disk, network) is left to the policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from soundflow_assets.errors import BadInput, Refused, SoundFlowError

# Storage that answers late, throttles or restarts: three more tries over about half a minute.
STORAGE_RETRIES = dg.RetryPolicy(
    max_retries=3, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)


@contextmanager
def spoken_as_failures() -> Iterator[None]:
    """Turn our errors into `dagster.Failure` with the same sentence."""
    try:
        yield
    except (BadInput, Refused) as error:
        raise dg.Failure(
            description=str(error), metadata={"refused": True}, allow_retries=False
        ) from error
    except SoundFlowError as error:
        raise dg.Failure(description=str(error), metadata={"refused": False}) from error
