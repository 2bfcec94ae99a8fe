"""Our errors in Dagster's terms.

Three systems retry on their own: the step's `RetryPolicy`, run retries for crashed processes, and
automation. Each would compose a wrong key in a YAML file again and again. So only what may pass by
waiting (storage that answers late, a full disk) is left to the policy; everything else becomes a
`Failure` that allows no retry.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from soundflow_assets.errors import BadInput, Refused, SoundFlowError
from soundflow_assets.storage.store import PreconditionFailed, Unavailable

# Three more tries over about a quarter of a minute.
STORAGE_RETRIES = dg.RetryPolicy(
    max_retries=3, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
MAY_PASS = (Unavailable, PreconditionFailed, OSError)

# Metadata of a failure that a gate or a check of the input brought about: exit code 2, not 1.
REFUSED = "refused"


@contextmanager
def spoken_as_failures() -> Iterator[None]:
    """Turn errors into `dagster.Failure` with the same sentence."""
    try:
        yield
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:
        spoken = isinstance(error, (SoundFlowError, OSError))
        raise dg.Failure(
            description=str(error) if spoken else f"{type(error).__name__}: {error}",
            metadata={REFUSED: isinstance(error, (BadInput, Refused))},
            allow_retries=isinstance(error, MAY_PASS),
        ) from error
