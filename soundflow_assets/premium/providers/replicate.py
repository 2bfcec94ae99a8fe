"""replicate.com: MusicGen as others host it, by its HTTP interface.

The hosted model makes 30 s at a time and continues a sound it is given, so a long track is a chain:
each prediction hears the last seconds of the one before. What it returns as continuation begins
with the sound it was given; that stretch is the overlap in which parts are crossfaded.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.intake import Sound, read_sound
from soundflow_assets.premium.providers.http import LostReply, Service
from soundflow_assets.premium.providers.interface import Permanent, Watch
from soundflow_assets.settings import Providers

# Names of ours to those of the hosted model (replicate/cog-musicgen, predict.py).
OFFERED = {
    "musicgen-stereo-large": "stereo-large",
    "musicgen-stereo-melody": "stereo-melody-large",
}
LONGEST_S = 30
HEARD_S = 10  # what a continuation is given
OVERLAP_S = 1.0  # of those, what is crossfaded
LOOK_EVERY_S = 2.0
_OVER = ("succeeded", "failed", "canceled", "aborted")


class Replicate:
    """Generates on replicate.com."""

    def __init__(self, settings: Providers, look_every_s: float = LOOK_EVERY_S) -> None:
        """Take the token and the model's version from the settings."""
        self._settings = settings
        self._look_every_s = look_every_s

    def check(self, brief: Brief) -> None:
        """Refuse models that are not offered there, and missing credentials."""
        if brief.model.name not in OFFERED:
            raise BadInput(
                f"model: replicate does not offer {brief.model.name!r}; "
                f"allowed: {', '.join(OFFERED)}"
            )
        if self._settings.replicate_token is None:
            raise BadInput("gpu_provider: replicate: SOUNDFLOW_REPLICATE_TOKEN is not set")
        if self._settings.replicate_version is None:
            raise BadInput(
                "gpu_provider: replicate: SOUNDFLOW_REPLICATE_VERSION is not set; it is the id "
                "under 'Versions' on replicate.com/meta/musicgen"
            )

    def generate(self, briefs: Sequence[Brief], folder: Path, watch: Watch) -> list[Sound]:
        """Generate one after the other; each is a chain already."""
        return [self._chain(brief, folder, watch) for brief in briefs]

    def _chain(self, brief: Brief, folder: Path, watch: Watch) -> Sound:
        service = self._service()
        parts: list[Audio] = []
        rate, got_s, billed_s = 0, 0.0, 0.0
        while got_s < brief.request.duration:
            left = brief.request.duration - got_s
            heard = None
            if parts:
                heard = folder / f"{brief.track_id}-heard-{len(parts)}.wav"
                _write_wav(heard, parts[-1][:, -HEARD_S * rate :], rate)
                left += HEARD_S
            seconds = min(LONGEST_S, int(-(-left // 1)) + 1)
            prediction = self._predicted(
                service, brief, _inputs(brief, seconds, len(parts), heard), watch
            )
            metrics = prediction.get("metrics")
            billed_s += float((metrics or {}).get("predict_time") or 0.0)
            path = service.fetch(_address(service, prediction), folder / f"{brief.track_id}-part")
            sound = read_sound(path, "replicate")
            if rate and sound.sample_rate != rate:
                raise Permanent("replicate: parts of one track came at different sample rates")
            rate, audio = sound.sample_rate, sound.parts[0]
            if parts:
                # Of what it was given back, only the crossfade is kept.
                audio = audio[:, round((HEARD_S - OVERLAP_S) * rate) :]
            if audio.shape[1] < 2 * OVERLAP_S * rate:
                raise Permanent("replicate: a part came back too short to be continued")
            parts.append(audio)
            # Finding the best place to join may cost a little of each part.
            got_s += audio.shape[1] / rate - (OVERLAP_S + 0.05 if len(parts) > 1 else 0.0)
            watch.tell(brief.track_id, min(1.0, got_s / brief.request.duration))
        return Sound(
            tuple(parts),
            rate,
            overlap_s=OVERLAP_S,
            model_revision=str(self._settings.replicate_version),
            generator="replicate.com meta/musicgen",
            facts={"billed_s": round(billed_s, 2), "predictions": len(parts)},
        )

    def _predicted(
        self, service: Service, brief: Brief, inputs: dict[str, Any], watch: Watch
    ) -> dict[str, Any]:
        """Create a prediction and wait for its end; cancel it when the run is."""
        prediction = self._created(service, inputs, watch)
        path = f"/v1/predictions/{prediction.get('id')}"
        try:
            while prediction.get("status") not in _OVER:
                if watch.cancelled():
                    raise Permanent("replicate: the run was cancelled")
                service.pause(self._look_every_s)
                prediction = service.get(path)
        except BaseException:
            service.cancel("POST", f"{path}/cancel")
            raise
        if prediction["status"] != "succeeded":
            reason = service.shown(prediction.get("error") or "no reason given")
            raise Permanent(f"replicate: the prediction {prediction['status']}: {reason}")
        return prediction

    def _created(self, service: Service, inputs: dict[str, Any], watch: Watch) -> dict[str, Any]:
        body = {"version": self._settings.replicate_version, "input": inputs}
        try:
            return service.create("/v1/predictions", body)
        except LostReply as lost:
            # It may be running, and being paid for: look for it before asking again.
            watch.log(str(lost))
            for found in service.get("/v1/predictions").get("results") or []:
                same = (found.get("input") or {}).get("seed") == inputs["seed"]
                if same and found.get("status") not in ("failed", "canceled", "aborted"):
                    return dict(found)
            return service.create("/v1/predictions", body)

    def _service(self) -> Service:
        token = self._settings.replicate_token
        if token is None:
            raise BadInput("gpu_provider: replicate: SOUNDFLOW_REPLICATE_TOKEN is not set")
        return Service(
            "replicate",
            self._settings.replicate_url,
            {"Authorization": f"Bearer {token.get_secret_value()}"},
            self._settings.timeout_s,
            time.sleep,
        )


def _inputs(brief: Brief, seconds: int, number: int, heard: Path | None) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "prompt": brief.rendered.text,
        "model_version": OFFERED[brief.model.name],
        "duration": seconds,
        "output_format": "wav",
        "normalization_strategy": "peak",
        "classifier_free_guidance": 3,
        "top_k": 250,
        # Unique enough to find the prediction again by it.
        "seed": seed_of("replicate", brief.seed, number) & 0x7FFFFFFF,
    }
    if heard is not None:
        import base64

        data = base64.b64encode(heard.read_bytes()).decode()
        inputs["input_audio"] = f"data:audio/wav;base64,{data}"
        inputs["continuation"] = True
    return inputs


def _address(service: Service, prediction: dict[str, Any]) -> str:
    output = prediction.get("output")
    if isinstance(output, list):
        output = output[0] if output else None
    if not isinstance(output, str) or "://" not in output:
        raise Permanent(f"replicate: no address in its output: {service.shown(output)!r}")
    return output


def _write_wav(path: Path, audio: Audio, rate: int) -> None:
    import wave

    pcm = np.clip(np.rint(audio.T * 32767.0), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(audio.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
