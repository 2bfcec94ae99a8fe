import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import short_track

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Hit, Score
from soundflow_assets.errors import Failed
from soundflow_assets.plans.ambience import bed_loudness_lu
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import Bed, TrackPlan
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.synthesis.dry import lay_beds, lay_hits, tuned_kit
from soundflow_assets.synthesis.kernels.loudness import CELL, loudness_of
from soundflow_assets.synthesis.stems import (
    FX_LU,
    MIX_LUFS,
    render_stems,
    require_finite,
    stem_roles,
)

RAIN = (Bed(name="rain", gain_db=0.0),)


def stems_of(plan: TrackPlan, score: Score | None = None) -> dict[str, np.ndarray]:
    score = score or short_track.score(plan.duration_s)
    return {stem.role: stem.audio.copy() for stem in render_stems(plan, score)}


def with_parts(*parts: dict[str, Any], **changes: Any) -> TrackPlan:
    return short_track.plan(spec=short_track.spec(parts=list(parts)), **changes)


def synth(**changes: int) -> dict[str, int]:
    return {"cutoff": 50, "resonance": 50, "drive": 50, "space": 50} | changes


@pytest.fixture(scope="module")
def plain() -> dict[str, np.ndarray]:
    return stems_of(short_track.plan(beds=RAIN))


def spectrum(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    power = (np.abs(np.fft.rfft(audio.sum(axis=0).astype(np.float64))) ** 2).astype(np.float64)
    return np.fft.rfftfreq(audio.shape[1], 1 / SAMPLE_RATE), power


def centroid(audio: np.ndarray) -> float:
    hertz, power = spectrum(audio)
    return float((hertz * power).sum() / power.sum())


def band_db(audio: np.ndarray, low: float, high: float) -> float:
    hertz, power = spectrum(audio)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].sum()))


def test_stems_come_in_one_fixed_order(plain: dict[str, np.ndarray]) -> None:
    assert list(plain) == ["drums", "bass", "chords", "pad", "delay", "reverb", "bed"]
    plan = short_track.plan(beds=RAIN)
    assert stem_roles(plan, short_track.score()) == tuple(plain)


def test_every_stem_is_as_long_as_the_track_and_stereo(plain: dict[str, np.ndarray]) -> None:
    for audio in plain.values():
        assert audio.shape == (2, 12 * SAMPLE_RATE)
        assert audio.dtype == np.float32
    for role in ("chords", "pad", "reverb", "bed"):
        assert np.abs(plain[role][0] - plain[role][1]).max() > 1e-4, role


def test_a_stem_is_as_loud_as_it_says_and_as_the_genre_asks() -> None:
    plan, score = short_track.plan(beds=RAIN), short_track.score()
    asked = {"drums": -5.0, "bass": -7.0, "chords": -8.0, "pad": -12.0}
    for stem in render_stems(plan, score):
        assert loudness_of(stem.audio) == pytest.approx(stem.loudness_lufs, abs=0.05)
        if stem.role in asked:
            assert stem.loudness_lufs == pytest.approx(MIX_LUFS + asked[stem.role], abs=0.05)


@pytest.mark.parametrize(
    ("layer", "role"), [("drums", "drums"), ("bass", "bass"), ("music", "chords"), ("pad", "pad")]
)
def test_a_layer_weight_is_a_gain_and_zero_is_mute(
    layer: str, role: str, plain: dict[str, np.ndarray]
) -> None:
    weights = {"drums": 70, "bass": 70, "music": 70, "pad": 70}
    half = stems_of(short_track.plan(layers=weights | {layer: 35}))
    assert loudness_of(half[role]) - loudness_of(plain[role]) == pytest.approx(-6.02, abs=0.1)
    muted = stems_of(short_track.plan(layers=weights | {layer: 0}))
    assert role not in muted
    assert set(muted) == {*plain} - {role, "bed"} - ({"delay"} if role == "chords" else set())


def test_cutoff_makes_darker_and_brighter() -> None:
    dark, plain, bright = (
        centroid(stems_of(short_track.plan(synth=synth(cutoff=cutoff)))["chords"])
        for cutoff in (0, 50, 100)
    )
    assert dark < 0.9 * plain
    assert bright > 1.1 * plain


def swept_chords(resonance: int) -> np.ndarray:
    sweep = {"low_hz": 900.0, "high_hz": 900.0, "drift_octaves": 0.0}
    parts = (short_track.part("bass"), short_track.part("chords", sweep=sweep), PAD)
    return stems_of(with_parts(*parts, synth=synth(resonance=resonance)))["chords"]


PAD = short_track.part("pad")


def test_resonance_lifts_what_lies_at_the_cutoff() -> None:
    flat, peaked = swept_chords(50), swept_chords(100)
    lift = [
        (band_db(peaked, low, high) - band_db(peaked, 180, 400))
        - (band_db(flat, low, high) - band_db(flat, 180, 400))
        for low, high in ((750, 1080), (2500, 5000))
    ]
    assert lift[0] > 6.0
    assert lift[0] > lift[1] + 3.0


def test_energy_opens_a_swept_filter_but_leaves_the_loudness_alone() -> None:
    sweep = {"low_hz": 300.0, "high_hz": 5000.0, "drift_octaves": 0.0}
    parts = (short_track.part("bass"), short_track.part("chords", sweep=sweep), PAD)
    plan = with_parts(*parts)
    low, high = (
        stems_of(plan, short_track.score(energies=(energy, energy)))["chords"]
        for energy in (0.1, 0.9)
    )
    assert centroid(high) > 1.3 * centroid(low)
    assert loudness_of(high) == pytest.approx(loudness_of(low), abs=0.1)


def test_drive_adds_harmonics() -> None:
    shares = []
    for drive in (0, 50, 100):
        bass = stems_of(short_track.plan(synth=synth(drive=drive)))["bass"]
        shares.append(band_db(bass, 90, 2000) - band_db(bass, 30, 90))
    assert shares[0] < shares[1] - 0.2
    assert shares[1] < shares[2] - 3.0


def test_space_is_heard_in_the_returns_and_zero_is_dry() -> None:
    returns = {
        space: stems_of(short_track.plan(synth=synth(space=space))) for space in (0, 50, 100)
    }
    assert not {"reverb", "delay"} & set(returns[0])
    for role in ("reverb", "delay"):
        wetter = loudness_of(returns[100][role]) - loudness_of(returns[50][role])
        assert wetter == pytest.approx(5.0, abs=0.6)
    np.testing.assert_array_equal(returns[0]["chords"], returns[100]["chords"])


def test_only_what_ducks_is_ducked_by_the_kick(plain: dict[str, np.ndarray]) -> None:
    parts = (short_track.part("bass"), short_track.part("chords"))
    free = stems_of(with_parts(*parts, short_track.part("pad", duck_db=0.0)))

    def depth_db(role: str) -> float:
        # The share of a beat's first tenth and of its last in the same part with and without duck.
        def balance(audio: np.ndarray) -> float:
            beat = round(0.5 * SAMPLE_RATE)
            beats = audio[:, : 18 * beat].reshape(2, 18, beat)[:, 2:]
            early = np.mean(beats[..., 150 : beat // 50] ** 2)
            return float(10 * np.log10(early / np.mean(beats[..., -beat // 10 :] ** 2)))

        return balance(plain[role]) - balance(free[role])

    assert depth_db("pad") == pytest.approx(-5.7, abs=0.5)
    assert depth_db("chords") == pytest.approx(0.0, abs=0.01)


def bed_against_music_lu(stems: dict[str, np.ndarray]) -> float:
    music = sum(audio for role, audio in stems.items() if role != "bed")
    assert isinstance(music, np.ndarray)
    return loudness_of(stems["bed"]) - loudness_of(music)


@pytest.mark.parametrize(
    ("ambience", "against_lu"), [(10, -30.0), (30, -22.0), (60, -12.0), (80, -5.0), (100, 2.0)]
)
def test_beds_stand_against_the_music_as_the_ambience_says(
    ambience: int, against_lu: float
) -> None:
    beds = (*RAIN, Bed(name="forest", gain_db=-3.0))
    plan = short_track.plan(beds=beds, bed_loudness_lu=bed_loudness_lu(ambience))
    assert bed_against_music_lu(stems_of(plan)) == pytest.approx(against_lu, abs=1.5)


@pytest.mark.slow
@pytest.mark.parametrize("category", ["Study", "Relax", "Nature", "Flow State"])
def test_a_minute_of_every_category_has_its_beds_at_the_level_of_its_ambience(
    category: str,
) -> None:
    plan = free_plan(load_configs(), dt.date(2025, 1, 15), category, 60.0)
    found = bed_against_music_lu(stems_of(plan, compose(plan)))
    assert found == pytest.approx(bed_loudness_lu(plan.ambience_level), abs=2.0)


@pytest.mark.parametrize("key", ["C", "F#m", "Bb"])
def test_beds_with_a_pitch_sound_the_tonic(key: str) -> None:
    tonic = {"C": 0, "F#m": 6, "Bb": 10}[key]
    plan = short_track.plan(key=key, beds=(Bed(name="hum", gain_db=0.0),))
    out = np.zeros((2, 8 * SAMPLE_RATE), np.float32)
    lay_beds(plan, plan.beds, out)
    hertz, power = spectrum(out)
    strongest = hertz[int(np.argmax(power))]
    pitch = 69 + 12 * np.log2(strongest / 440.0)
    assert (pitch - tonic + 6) % 12 - 6 == pytest.approx(0.0, abs=0.05)


def test_beds_keep_their_balance_among_themselves() -> None:
    beds = (Bed(name="rain", gain_db=0.0), Bed(name="white", gain_db=-60.0))
    both, rain = (stems_of(short_track.plan(beds=wanted))["bed"] for wanted in (beds, RAIN))
    np.testing.assert_allclose(both, rain, atol=2e-4)


def test_a_track_of_beds_alone_sounds() -> None:
    layers = {"drums": 0, "bass": 0, "music": 0, "pad": 0}
    assert list(stems_of(short_track.plan(layers=layers, beds=RAIN))) == ["bed"]


def test_effect_sounds_have_a_stem_of_their_own() -> None:
    score = short_track.score()
    risen = short_track.replace(score, hits=(*score.hits, Hit(8.0, 4.0, "riser", 100, 2.0)))
    stems = stems_of(short_track.plan(), risen)
    assert list(stems)[:5] == ["drums", "bass", "chords", "pad", "fx"]
    assert loudness_of(stems["fx"]) == pytest.approx(MIX_LUFS + FX_LU, abs=0.1)
    assert not stems["fx"][:, : 4 * SAMPLE_RATE].any()


def dry_hits(hits: Sequence[Hit]) -> np.ndarray:
    out = np.zeros((2, SAMPLE_RATE), dtype=np.float32)
    lay_hits(hits, short_track.KIT, {}, out)
    return out


def test_a_closed_hat_damps_an_open_one_without_a_click() -> None:
    ringing = Hit(0.0, 0.0, "hat_open", 100)
    free = dry_hits([ringing])
    choked = dry_hits([ringing, Hit(0.5, 0.1, "hat_closed", 100)]) - dry_hits(
        [Hit(0.5, 0.1, "hat_closed", 100)]
    )
    until = round(0.1 * SAMPLE_RATE)
    np.testing.assert_allclose(choked[:, :until], free[:, :until], atol=1e-6)
    assert np.abs(free[:, until + 600 : until + 4000]).max() > 0.01
    assert np.abs(choked[:, until + 600 :]).max() < 1e-6


@pytest.mark.parametrize("key", ["Am", "C", "F#", "Ebm"])
def test_the_kick_is_tuned_to_the_root_or_the_fifth(key: str) -> None:
    plan = short_track.plan(key=key)
    pitch = 69 + 12 * np.log2(tuned_kit(plan)["kick"]["tune_hz"] / 440)
    tonic = {"Am": 9, "C": 0, "F#": 6, "Ebm": 3}[key]
    assert round(pitch) % 12 in (tonic, (tonic + 7) % 12)
    assert pitch == pytest.approx(round(pitch), abs=1e-6)


def test_drums_that_leave_at_a_fade_are_faded() -> None:
    score = short_track.score()
    second = short_track.replace(score.sections[1], roles=("bass", "chords", "pad"))
    played = tuple(hit for hit in score.hits if hit.onset_s < second.start_s)

    def last_beat_db(transition: str) -> float:
        first = short_track.replace(score.sections[0], transition=transition)
        changed = short_track.replace(score, sections=(first, second), hits=played)
        drums = stems_of(short_track.plan(), changed)["drums"]
        beat = SAMPLE_RATE // 2
        end = round(first.end_s * SAMPLE_RATE)
        powers = [np.mean(drums[:, at : at + beat] ** 2) for at in (beat, end - beat)]
        return float(10 * np.log10(powers[1] / powers[0]))

    assert last_beat_db("none") == pytest.approx(0.0, abs=1.0)
    assert last_beat_db("fade") < -5.0


def test_the_same_plan_gives_the_same_bytes() -> None:
    plan, score = short_track.plan(beds=RAIN), short_track.score()
    first, second = (
        [hashlib.sha256(stem.audio.tobytes()).hexdigest() for stem in render_stems(plan, score)]
        for _ in range(2)
    )
    assert first == second


def test_a_sound_that_is_not_finite_is_named_with_its_section() -> None:
    values = np.ones(100)
    values[50] = np.nan
    with pytest.raises(Failed, match=r"'pad'.*5\.0 s.*section1"):
        require_finite(short_track.plan(), short_track.score(), "stem 'pad'", values, CELL)


def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    for _ in render_stems(short_track.plan(), short_track.score(), seen.append):
        pass
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
