"""Every service provider against a local server that speaks its protocol, in fair and foul weather.

The foul weather is the same for all: busy, failing, silent, gone, lying, slow, cancelled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from services import (
    TOKEN,
    ModalService,
    ReplicateService,
    RunPodService,
    Service,
    serving,
)

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.brief import Brief, brief_of
from soundflow_assets.premium.intake import Sound, admitted
from soundflow_assets.premium.providers.http import LostReply
from soundflow_assets.premium.providers.interface import Permanent, Provider, Transient, Watch
from soundflow_assets.premium.providers.modal import Modal
from soundflow_assets.premium.providers.replicate import Replicate
from soundflow_assets.premium.providers.runpod import RunPod
from soundflow_assets.premium.request import make_request
from soundflow_assets.settings import load_settings

FAILED = {
    "replicate": {"status": "failed", "error": "CUDA error: device-side assert"},
    "runpod": {"status": "FAILED", "error": "CUDA error: device-side assert"},
    "modal": {"status": "failed", "error": "CUDA error: device-side assert"},
}
WAITING = {"replicate": "processing", "runpod": "IN_PROGRESS", "modal": "running"}


@dataclass
class Place:
    """A provider and the service it talks to."""

    name: str
    service: Any
    folder: Path
    settings: dict[str, str]
    make: Callable[[Any, float], Provider]

    def provider(self, **changed: str) -> Provider:
        settings = load_settings({**self.settings, **changed})
        return self.make(settings.providers, 0.02)

    def generate(self, duration: float = 12.0, watch: Watch | None = None, **changed: str) -> Sound:
        provider = self.provider(**changed)
        asked = brief(duration)
        provider.check(asked)
        [sound] = provider.generate([asked], self.folder, watch or Watch())
        return sound


def brief(duration: float = 12.0, **changes: Any) -> Brief:
    fields = {
        "track_id": "one", "category": "Study", "date": dt.date(2026, 3, 1), "duration": duration,
    }  # fmt: skip
    return brief_of(make_request(fields | changes), load_settings({}))


@pytest.fixture(params=["replicate", "runpod", "modal"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    name = str(request.param)
    kinds: dict[str, tuple[type[Service], Any]] = {
        "replicate": (ReplicateService, Replicate),
        "runpod": (RunPodService, RunPod),
        "modal": (ModalService, Modal),
    }
    service, make = kinds[name]
    with serving(service()) as running:
        settings = {
            "replicate": {
                "SOUNDFLOW_REPLICATE_URL": running.address,
                "SOUNDFLOW_REPLICATE_TOKEN": TOKEN,
                "SOUNDFLOW_REPLICATE_VERSION": "v" * 64,
            },
            "runpod": {
                "SOUNDFLOW_RUNPOD_URL": running.address,
                "SOUNDFLOW_RUNPOD_ENDPOINT": "end1",
                "SOUNDFLOW_RUNPOD_API_KEY": TOKEN,
            },
            "modal": {
                "SOUNDFLOW_MODAL_URL": running.address,
                "SOUNDFLOW_MODAL_KEY": "wk-1",
                "SOUNDFLOW_MODAL_SECRET": TOKEN,
            },
        }[name]
        settings["SOUNDFLOW_GPU_TIMEOUT_S"] = "20"
        yield Place(name, running, tmp_path, settings, make)


def test_queued_running_done(place: Place) -> None:
    sound = place.generate()
    audio, _ = admitted(sound, place.name, 12.0)
    assert audio.shape[0] == 2
    assert float(sound.facts["billed_s"]) in (4.5, 9.0)
    assert sound.generator
    assert place.service.cancelled == []


def test_a_failure_is_told_in_the_services_words_and_not_tried_again(place: Place) -> None:
    place.service.states = [place.service.states[0], FAILED[place.name]]
    with pytest.raises(Permanent, match="CUDA error: device-side assert"):
        place.generate()
    created = [call for call in place.service.calls if call[0] in ("POST", "PUT")]
    assert len([call for call in created if "cancel" not in call[1]]) == 1


def test_a_job_that_takes_too_long_is_cancelled(place: Place) -> None:
    place.service.states = [{"status": WAITING[place.name]}]
    with pytest.raises(Transient, match="not done within 1 s"):
        place.generate(SOUNDFLOW_GPU_TIMEOUT_S="1")
    assert len(place.service.cancelled) == 1


def test_what_is_busy_is_asked_again(place: Place) -> None:
    place.service.faults.extend(["503", "429", "", "502", "", "504"])
    assert place.generate().parts


def test_a_service_that_stays_busy_is_given_up(place: Place) -> None:
    place.service.faults.extend(["503"] * 500)
    with pytest.raises(Transient, match="answered 503; given up after 1 s"):
        place.generate(SOUNDFLOW_GPU_TIMEOUT_S="1")


def test_a_lost_reply_does_not_lose_a_track(place: Place) -> None:
    place.service.faults.extend(["lost"])
    assert place.generate().parts
    if place.name == "replicate":  # it was found again, not paid for twice
        assert len(place.service.made) == 1
    if place.name == "modal":
        assert len(place.service.put) == 1


def test_a_lost_reply_to_a_question_is_asked_again(place: Place) -> None:
    place.service.faults.extend(["", "lost", "lost"])
    assert place.generate().parts


def test_wrong_credentials_are_refused_without_showing_them(place: Place) -> None:
    wrong = {name: "wrong-secret" for name in place.settings if name.endswith(("KEY", "TOKEN"))}
    with pytest.raises(BadInput, match=r"refused the credentials \(401\)") as refused:
        place.generate(**wrong)
    assert "wrong-secret" not in str(refused.value)
    assert TOKEN not in str(refused.value)


def test_missing_credentials_are_named_before_anything_is_sent(place: Place) -> None:
    secret = next(name for name in place.settings if name.endswith(("KEY", "TOKEN")))
    with pytest.raises(BadInput, match=secret):
        place.generate(**{secret: ""})
    assert place.service.calls == []


def test_html_instead_of_json_is_an_error(place: Place) -> None:
    place.service.faults.extend(["html"])
    with pytest.raises(Permanent, match="expected JSON, got text/html"):
        place.generate()


def test_a_run_that_is_cancelled_cancels_its_job(place: Place) -> None:
    place.service.states = [{"status": WAITING[place.name]}]
    asked = iter([False, False, True])
    with pytest.raises(Permanent, match="was cancelled"):
        place.generate(watch=Watch(cancelled=lambda: next(asked, True)))
    assert len(place.service.cancelled) == 1


def test_an_interrupt_cancels_the_job_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster ends a run by an exception in the step: whoever pays by the second must notice."""
    place.service.states = [{"status": WAITING[place.name]}]

    def interrupted() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.generate(watch=Watch(cancelled=interrupted))
    assert len(place.service.cancelled) == 1


def test_nothing_listens_at_the_address(place: Place) -> None:
    address = next(name for name in place.settings if name.endswith("_URL"))
    with pytest.raises(Transient, match="cannot be reached"):
        place.generate(**{address: "http://127.0.0.1:9", "SOUNDFLOW_GPU_TIMEOUT_S": "1"})


@pytest.mark.parametrize("place", ["runpod", "modal"], indirect=True)
def test_a_large_result_comes_by_address(place: Place) -> None:
    place.service.by_url = True
    assert admitted(place.generate(), place.name, 12.0)[0].shape[0] == 2
    assert ("GET", "/files/large.flac") in place.service.calls


@pytest.mark.parametrize("place", ["runpod", "modal"], indirect=True)
@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"error": "model: out of memory"}, "the worker failed: model: out of memory"),
        ({"audio_base64": "no base64!"}, "its sound is not base64"),
        ({}, "neither audio_url nor audio_base64"),
        ("done", "expected an object"),
        ({"audio_url": "http://10.0.0.1/x.flac"}, "address is not https"),
    ],
)
def test_a_result_that_is_none_is_an_error(place: Place, result: Any, said: str) -> None:
    over = place.service.states[-1]
    name = "output" if place.name == "runpod" else "result"
    place.service.states = [{**over, name: result}]
    with pytest.raises(Permanent, match=said):
        place.generate()


@pytest.mark.parametrize("place", ["runpod", "modal"], indirect=True)
def test_a_folder_of_this_machine_is_no_model_for_another(place: Place, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "musicgen"}')
    with pytest.raises(BadInput, match="takes models by their hub id"):
        place.provider().check(brief(model=str(tmp_path)))


@pytest.mark.parametrize("place", ["replicate"], indirect=True)
def test_a_long_track_is_a_chain_of_continuations(place: Place) -> None:
    place.service.as_list = True
    sound = place.generate(42.0)
    whole, seams = admitted(sound, "replicate", 42.0)
    inputs = [body["input"] for body in place.service.bodies]
    assert [one.get("continuation", False) for one in inputs] == [False] + [True] * (
        len(inputs) - 1
    )
    assert all(one["duration"] <= 30 for one in inputs)
    assert inputs[1]["input_audio"].startswith("data:audio/wav;base64,")
    assert len({one["seed"] for one in inputs}) == len(inputs)
    assert len(seams) == len(inputs) - 1
    assert whole.shape[1] >= 42 * 44100


@pytest.mark.parametrize("place", ["replicate"], indirect=True)
def test_a_model_that_replicate_does_not_have_is_refused(place: Place) -> None:
    with pytest.raises(BadInput, match="replicate does not offer 'musicgen-stereo-medium'"):
        place.provider().check(brief(model="musicgen-stereo-medium"))


@pytest.mark.parametrize("place", ["runpod"], indirect=True)
def test_every_job_has_a_limit_of_what_it_may_cost(place: Place) -> None:
    place.generate()
    assert place.service.bodies[0]["policy"] == {"executionTimeout": 20000}
    assert place.service.bodies[0]["input"]["duration_s"] == 12.0


def test_a_lost_reply_is_a_transient_failure() -> None:
    assert issubclass(LostReply, Transient)
