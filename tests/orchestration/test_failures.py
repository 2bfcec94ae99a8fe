"""Only what may pass by waiting is tried again; an interrupt ends the run."""

import dagster as dg
import pytest

from soundflow_assets.errors import BadInput, Failed, Refused
from soundflow_assets.orchestration.failures import (
    MOST_RETRIES,
    REFUSED,
    spoken_as_failures,
)
from soundflow_assets.storage.store import AccessDenied, PreconditionFailed, Unavailable


@pytest.mark.parametrize(
    "error", [Unavailable("slow"), PreconditionFailed("late"), OSError("full")]
)
def test_what_may_pass_is_tried_again_with_growing_patience(error: Exception) -> None:
    waits = []
    for attempt in range(MOST_RETRIES):
        with pytest.raises(dg.RetryRequested) as raised, spoken_as_failures(attempt):
            raise error
        waits.append(raised.value.seconds_to_wait)
    assert waits == [2.0, 4.0, 8.0]
    with pytest.raises(dg.Failure, match=str(error)), spoken_as_failures(MOST_RETRIES):
        raise error


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (BadInput("no such key"), True),
        (Refused("too loud"), True),
        (AccessDenied("wrong secret"), True),
        (Failed("not finite"), False),
    ],
)
def test_what_will_not_pass_is_said_once(error: Exception, refused: bool) -> None:
    with pytest.raises(dg.Failure, match=str(error)) as raised, spoken_as_failures(0):
        raise error
    assert not raised.value.allow_retries
    assert raised.value.metadata[REFUSED].value is refused


def test_a_defect_keeps_its_name() -> None:
    with pytest.raises(dg.Failure, match="ZeroDivisionError: ") as raised, spoken_as_failures(0):
        raise ZeroDivisionError("division by zero")
    assert not raised.value.allow_retries


def test_an_interrupt_is_nobodys_failure() -> None:
    with pytest.raises(KeyboardInterrupt), spoken_as_failures(0):
        raise KeyboardInterrupt


def test_a_step_that_recovers_has_succeeded() -> None:
    @dg.asset
    def flaky(context: dg.AssetExecutionContext) -> None:
        with spoken_as_failures(context.retry_number):
            if context.retry_number == 0:
                raise Unavailable("the bucket answers late")

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([flaky], instance=instance)
        retried = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.STEP_UP_FOR_RETRY)
    assert result.success
    assert len(retried) == 1
