import numpy as np
import pytest
import short_track
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import hadamard
from scipy.signal import lfilter

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.effects.automation import (
    control_points,
    drift_curve,
    energy_curve,
    kick_curve,
    presence_curve,
    throw_curve,
)
from soundflow_assets.synthesis.effects.image import autopan_hz, gain_curve, image, pan_gains
from soundflow_assets.synthesis.effects.tone import BIAS, LIFT_HZ, corner_gains, tone
from soundflow_assets.synthesis.kernels.delay import (
    ACROSS,
    CHORUS_RING,
    ECHO_HIGH_HZ,
    ECHO_LOW_HZ,
    TAPE_PAST,
    TAPE_TILE,
    chorus,
    ping_pong,
    wow_and_flutter,
)
from soundflow_assets.synthesis.kernels.filters import one_pole, svf, svf_g
from soundflow_assets.synthesis.kernels.lanes import LANES
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, soft_clip
from soundflow_assets.synthesis.kernels.mixing import CONTROL, fade_ends, place, pour
from soundflow_assets.synthesis.kernels.network import (
    DIFFUSERS,
    LINES,
    MODULATION_SAMPLES,
    RING,
    STEP,
)
from soundflow_assets.synthesis.kernels.reverb import (
    WIDTH,
    band_limit,
    line_gains,
    line_lengths,
    reverberate,
)


def noise(samples: int, level: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(1)
    return (level * rng.standard_normal((2, samples))).astype(np.float32)


def level_db(audio: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-30))


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(-150, 300),
    length=st.integers(1, 200),
    fade=st.integers(1, 40),
    channels=st.integers(1, 2),
)
def test_placing_adds_the_sound_where_it_belongs_and_nothing_elsewhere(
    start: int, length: int, fade: int, channels: int
) -> None:
    sound = noise(100)[:channels]
    out = np.zeros((2, 250), dtype=np.float32)
    place(out, sound, start, 0.5, 2.0, length, fade)
    shape = np.ones(100)
    if length < 100:
        shape[length:] = 0.0
        ramp = np.arange(min(fade, length), 0, -1) / (min(fade, length) + 1)
        shape[length - len(ramp) : length] = ramp
    expected = np.zeros((2, 250))
    for n in range(100):
        if 0 <= start + n < 250:
            expected[0, start + n] = 0.5 * shape[n] * sound[0, n]
            expected[1, start + n] = 2.0 * shape[n] * sound[-1, n]
    np.testing.assert_allclose(out, expected, atol=1e-6)


@settings(deadline=None)  # the first example compiles
@given(st.floats(-1, 1))
def test_panning_keeps_the_power(pan: float) -> None:
    left, right = pan_gains(pan)
    assert left**2 + right**2 == pytest.approx(2.0)
    assert (right > left) == (pan > 1e-9) or abs(pan) <= 1e-9


def test_a_bus_of_no_width_is_mono_and_of_full_width_is_untouched() -> None:
    points = control_points(4096)
    ones = np.ones(points, dtype=np.float32)
    narrow, wide = noise(4096), noise(4096)
    image(narrow, 0, 4096, ones, ones, 0 * ones)
    np.testing.assert_array_equal(narrow[0], narrow[1])
    image(wide, 0, 4096, ones, ones, ones)
    np.testing.assert_allclose(wide, noise(4096), atol=1e-7)


def test_the_chorus_does_not_hear_tile_borders() -> None:
    whole, tiled = noise(8192), noise(8192)
    for audio, tile in ((whole, 8192), (tiled, 1024)):
        rings = np.zeros((2, CHORUS_RING), dtype=np.float32)
        for start in range(0, 8192, tile):
            chorus(audio, start, start + tile, 0.6, rings)
    np.testing.assert_array_equal(whole, tiled)


def slow_chorus(row: np.ndarray, amount: float, shift: float) -> np.ndarray:
    """One side of the chorus, each tap read on the line between two samples."""
    n = np.arange(len(row))
    out = (1.0 - 0.35 * amount) * row
    for centre_ms, hertz, seat in ((12.0, 0.27, shift), (17.0, 0.41, -shift)):
        swing = np.sin(2 * np.pi * (hertz * n / SAMPLE_RATE + seat))
        late = (centre_ms + 1.6 * swing) * SAMPLE_RATE / 1000.0
        out += 0.5 * amount * np.interp(n - late, n, row, left=0.0)
    return out


@pytest.mark.parametrize("samples", [5, 8192, 60_003])
def test_the_chorus_is_two_moving_taps_a_side(samples: int) -> None:
    audio = lfilter([0.2], [1, -0.8], noise(samples)).astype(np.float32)
    audio[:, :1] = 0.0  # between silence and the first sample the tap's line begins earlier
    expected = [slow_chorus(row.astype(np.float64), 0.6, 0.25 * c) for c, row in enumerate(audio)]
    chorus(audio, 0, samples, 0.6, np.zeros((2, CHORUS_RING), dtype=np.float32))
    assert np.abs(audio - expected).max() < 0.01 * np.abs(expected).max()
    assert np.sqrt(np.mean((audio - expected) ** 2)) < 1e-3 * np.sqrt(np.mean(np.square(expected)))


def slow_tone(
    row: np.ndarray, drive: float, highpass_hz: float, cutoff: np.ndarray, k: float, lift: float
) -> np.ndarray:
    """One channel through saturator, shelf, high-pass and low-pass, a sample at a time."""
    out = row.astype(np.float64)
    state = [0.0] * 5
    for n, sample in enumerate(out):
        x = float(np.float32((soft_clip(sample * drive + BIAS) - soft_clip(BIAS)) / drive))
        low, state[4] = one_pole(x, state[4], svf_g(LIFT_HZ))
        x += lift * (x - low)
        low, band, state[0], state[1] = svf(x, state[0], state[1], svf_g(highpass_hz), ROOT_TWO)
        x -= ROOT_TWO * band + low
        g = svf_g(2.0 ** float(cutoff[n // CONTROL]))
        out[n], _, state[2], state[3] = svf(x, state[2], state[3], g, k)
    return out


@pytest.mark.parametrize("samples", [40, 5000, 70_001])
def test_four_cuts_side_by_side_sound_as_one_run_over_the_whole(samples: int) -> None:
    start, points = 32768, control_points(32768 + samples)
    audio = np.concatenate([np.zeros((2, start), np.float32), noise(samples)], axis=1)
    cutoff = np.linspace(9, 13, points).astype(np.float32)
    expected = [slow_tone(row[start:], 2.0, 60.0, cutoff[start // CONTROL :], 0.7, 0.5)
                for row in audio]  # fmt: skip
    tone(audio, start, start + samples, 2.0, 60.0, corner_gains(cutoff), 0.7, 0.5)
    assert np.abs(audio[:, start:] - expected).max() < 1e-6
    assert not audio[:, :start].any()


@pytest.mark.parametrize("hertz", [300.0, 1000.0, 4000.0])
def test_the_low_pass_stands_where_its_curve_says(hertz: float) -> None:
    audio = np.zeros((2, 16384), dtype=np.float32)
    audio[:, 0] = 1.0
    cutoff = np.full(control_points(16384), np.log2(hertz), dtype=np.float32)
    tone(audio, 0, 16384, 0.0, 20.0, corner_gains(cutoff), np.sqrt(2.0), 0.0)
    response = np.abs(np.fft.rfft(audio[0]))
    at_corner = response[round(hertz / SAMPLE_RATE * 16384)]
    assert 20 * np.log10(at_corner) == pytest.approx(-3.0, abs=0.2)
    assert 20 * np.log10(response[round(4 * hertz / SAMPLE_RATE * 16384)]) < -22


def test_saturation_adds_odd_and_even_harmonics() -> None:
    t = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    audio = np.tile((0.3 * np.sin(2 * np.pi * 441 * t)).astype(np.float32), (2, 1))
    open_filter = np.full(control_points(SAMPLE_RATE), 14.2, dtype=np.float32)
    tone(audio, 0, SAMPLE_RATE, 3.0, 20.0, corner_gains(open_filter), 1.4, 0.0)
    spectrum = np.abs(np.fft.rfft(audio[0, -22050:]))
    first, second, third = (20 * np.log10(spectrum[round(k * 220.5)]) for k in (1, 2, 3))
    assert -45 < second - first < -15
    assert -40 < third - first < -10


def test_a_kick_ducks_as_deep_as_asked_and_lets_go_before_the_next() -> None:
    score = short_track.score()
    points = control_points(round(12 * SAMPLE_RATE))
    duck = kick_curve(score, points)
    gain = gain_curve(np.ones(points, dtype=np.float32), duck, 6.0, 0.0, 4.0, 0.0)
    per_s = SAMPLE_RATE / CONTROL
    after_kick = gain[round(2.004 * per_s)]
    assert 20 * np.log10(after_kick) == pytest.approx(-6.0, abs=0.3)
    assert duck[round((2.0 + 0.003 + 0.65 * 0.5) * per_s)] == pytest.approx(0.05, abs=0.01)
    assert duck[0] == 0.0


def test_a_ghost_kick_does_not_duck() -> None:
    score = short_track.score()
    quiet = tuple(
        hit if hit.sound != "kick" else type(hit)(hit.beat, hit.onset_s, "kick", 30)
        for hit in score.hits
    )
    assert not kick_curve(short_track.replace(score, hits=quiet), 1000).any()


def test_energy_leans_towards_the_next_section_and_arrives_within_half_a_bar() -> None:
    score = short_track.score(energies=(0.2, 0.8))
    border = score.sections[1].start_s
    energy = energy_curve(score, control_points(round(12 * SAMPLE_RATE)))
    at = lambda seconds: float(energy[round(seconds * SAMPLE_RATE / CONTROL)])  # noqa: E731
    assert at(1.0) == pytest.approx(0.2, abs=1e-3)
    assert at(border) == pytest.approx(0.5, abs=0.01)
    assert at(border + 1.01) == pytest.approx(0.8, abs=1e-3)


def test_drift_stays_within_bounds_and_does_not_repeat_within_a_track() -> None:
    drift = drift_curve(control_points(120 * SAMPLE_RATE), 0, 0.3).astype(np.float64)
    assert np.abs(drift).max() <= 1.0
    coarse = drift[::200]
    lags = [np.corrcoef(coarse[:-lag], coarse[lag:])[0, 1] for lag in range(40, 350)]
    assert max(lags) < 0.98


def test_a_role_fades_only_where_the_form_says_fade() -> None:
    score = short_track.score()
    first, second = score.sections
    leaving = short_track.replace(second, roles=("drums", "bass", "chords"))
    points = control_points(round(12 * SAMPLE_RATE))
    cut = short_track.replace(score, sections=(first, leaving))
    assert presence_curve(cut, "pad", points).min() == 1.0
    faded = short_track.replace(
        score, sections=(short_track.replace(first, transition="fade"), leaving)
    )
    pad = presence_curve(faded, "pad", points)
    border = round(first.end_s * SAMPLE_RATE / CONTROL)
    assert pad[0] == 1.0
    assert pad[border + 2] == pytest.approx(0.12, abs=0.01)
    assert np.all(np.diff(pad[: border + 1]) <= 1e-6)
    assert presence_curve(faded, "bass", points).min() == 1.0


def test_the_delay_is_thrown_at_the_end_of_a_section_only() -> None:
    score = short_track.score()
    throw = throw_curve(score, control_points(round(12 * SAMPLE_RATE)))
    border = score.sections[0].end_s
    per_s = SAMPLE_RATE / CONTROL
    assert throw[round((border - 0.5) * per_s)] == 3.0
    assert throw[round((border - 1.5) * per_s)] == throw[round((border + 0.1) * per_s)] == 1.0


def test_autopan_belongs_to_the_tempo() -> None:
    for bpm in (60, 85, 124, 174):
        division = autopan_hz(bpm) / (bpm / 60)
        assert division in (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
        assert 3.0 < autopan_hz(bpm) < 6.5


def test_echoes_step_from_side_to_side_in_tempo() -> None:
    send = np.zeros(50_000, dtype=np.float32)
    send[100] = 1.0
    out = np.empty((2, 50_000), dtype=np.float32)
    ping_pong(send, out, 10_000, 0.4)
    energy = np.array(
        [[np.sum(row[k * 10_000 : (k + 1) * 10_000] ** 2.0) for k in range(5)] for row in out]
    )
    assert energy[0, 1] > 0 and energy[1, 2] > 0 and energy[0, 3] > 0
    assert energy[1, 1] < 1e-12 and energy[0, 2] < 1e-6 * energy[1, 2]
    assert energy[1, 2] < ACROSS**2 * energy[0, 1]
    assert energy[0, 3] < 0.4**2 * energy[1, 2]


@pytest.mark.parametrize("samples", [700, 9_000, 9_005])
def test_echoes_are_what_their_filters_leave_of_the_one_before(samples: int) -> None:
    send, length, feedback = noise(samples)[0], 1001, 0.6
    out = np.full((2, samples), np.nan, dtype=np.float32)
    ping_pong(send, out, length, feedback)
    rings, expected = np.zeros((2, samples + length)), np.zeros((2, samples))
    low, high = svf_g(ECHO_LOW_HZ), svf_g(ECHO_HIGH_HZ)
    state = np.zeros((2, 2))
    for n in range(samples):
        expected[:, n] = rings[:, n]
        for side, x in enumerate((send[n] + feedback * rings[1, n], ACROSS * rings[0, n])):
            y, state[side, 0] = one_pole(x, state[side, 0], high)
            z, state[side, 1] = one_pole(y, state[side, 1], low)
            rings[side, n + length] = y - z
    np.testing.assert_allclose(out, expected, atol=1e-6)


@pytest.mark.parametrize("t60_s", [0.8, 2.4])
def test_the_room_falls_by_sixty_decibels_in_its_t60(t60_s: float) -> None:
    samples = round((t60_s + 0.5) * SAMPLE_RATE)
    send = np.zeros(samples, dtype=np.float32)
    send[: SAMPLE_RATE // 50] = noise(SAMPLE_RATE // 50)[0]
    out = np.empty((2, samples), dtype=np.float32)
    reverberate(send, out, t60_s, 882, 16000.0, 1.0)
    early = level_db(out[:, round(0.15 * SAMPLE_RATE) : round(0.25 * SAMPLE_RATE)])
    later_s = 0.15 + 0.5 * t60_s
    late = level_db(out[:, round(later_s * SAMPLE_RATE) : round((later_s + 0.1) * SAMPLE_RATE)])
    # The modulation and the damping take a little more than the lines' own gain.
    assert early - late == pytest.approx(30.0, abs=6.0)


@pytest.mark.parametrize("t60_s", [0.5, 2.4, 3.6, 5.5])
def test_a_room_has_the_resonances_its_length_needs(t60_s: float) -> None:
    lengths = line_lengths(t60_s)
    # Schroeder 1962: 0.15 per Hz and second; a network has its lines' seconds per Hz.
    assert lengths.sum() / SAMPLE_RATE >= 0.15 * t60_s
    assert len(set(lengths)) == len(lengths)
    assert lengths.max() + 64 < RING


def slow_room(send: np.ndarray, t60_s: float, predelay: int, damping_hz: float) -> np.ndarray:
    """The network a sample at a time, in double precision, with scipy's Hadamard matrix."""
    samples, lengths, gains = len(send), line_lengths(t60_s), np.empty(LINES)
    level = 0.5 * line_gains(t60_s, damping_hz, lengths, gains)
    damp = 1.0 - np.exp(-2 * np.pi * damping_hz / SAMPLE_RATE)
    matrix = hadamard(LINES) / np.sqrt(LINES)
    heard = np.concatenate([np.zeros(predelay), send])[:samples]
    for length in DIFFUSERS:
        now, smeared = np.zeros(samples), np.zeros(samples)
        for n in range(samples):
            old = now[n - length] if n >= length else 0.0
            now[n] = heard[n] + 0.6 * old
            smeared[n] = old - 0.6 * now[n]
        heard = smeared
    lines, memory, out = np.zeros((LINES, samples)), np.zeros(LINES), np.empty((2, samples))
    one, other = matrix[1] * np.sqrt(LINES), matrix[2] * np.sqrt(LINES)
    sides = np.array([(1 + WIDTH) * one + (1 - WIDTH) * other,
                      (1 + WIDTH) * other + (1 - WIDTH) * one])  # fmt: skip
    sides *= level / np.sqrt((1 + WIDTH) ** 2 + (1 - WIDTH) ** 2)
    for n in range(samples):
        for i in range(LINES):
            at, share = n - lengths[i], 0.0
            if i < 4:  # read early, between two samples, which are chosen for eight
                grid, rate = n // STEP * STEP, 0.31 + 0.17 * i
                now, then = (
                    MODULATION_SAMPLES
                    * (1 + np.sin(2 * np.pi * (rate * t / SAMPLE_RATE + 0.23 * i)))
                    for t in (grid, grid + STEP)
                )
                step, eighth = (then - now) / STEP, n // LANES * LANES
                whole = int(now + step * (eighth - grid))
                at, share = at + whole, now + step * (n - grid) - whole
            here, after = (lines[i, m] if m >= 0 else 0.0 for m in (at, at + 1))
            read = here + share * (after - here)
            memory[i] = (1 - damp) * memory[i] + damp * read
        kept = memory * gains
        out[:, n] = sides @ kept
        lines[:, n] = matrix @ kept + heard[n] / np.sqrt(LINES)
    return out


def test_the_room_is_the_network_it_says_it_is() -> None:
    send = noise(9000)[0].copy()
    limited = send.copy()
    band_limit(limited, 250.0, 7000.0)
    expected = slow_room(limited.astype(np.float64), 1.2, 100, 5000.0)
    out = np.empty((2, 9000), dtype=np.float32)
    reverberate(send, out, 1.2, 100, 5000.0, 1.0)
    assert np.abs(out - expected).max() < 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("samples", [50, 30_000])
def test_the_band_of_the_room_is_cut_in_sixteen_without_a_trace(samples: int) -> None:
    send = noise(samples)[0].copy()
    expected, state = np.empty(samples), [0.0] * 4
    for n, sample in enumerate(send.astype(np.float64)):
        low, band, state[0], state[1] = svf(sample, state[0], state[1], svf_g(250.0), ROOT_TWO)
        x = sample - ROOT_TWO * band - low
        expected[n], _, state[2], state[3] = svf(x, state[2], state[3], svf_g(7000.0), ROOT_TWO)
    band_limit(send, 250.0, 7000.0)
    assert np.abs(send - expected).max() < 1e-7


def test_the_room_is_silent_before_its_predelay_wide_and_near_the_level_of_its_send() -> None:
    samples = 4 * SAMPLE_RATE
    send = noise(samples)[0].copy()
    sent = level_db(send)
    out = np.empty((2, samples), dtype=np.float32)
    reverberate(send, out, 1.5, 1500, 7000.0, 1.0)
    assert np.abs(out[:, :1500]).max() < 1e-12
    settled = out[:, 2 * SAMPLE_RATE :]
    assert 0.2 < np.corrcoef(settled)[0, 1] < 0.5  # a seat in the hall: wide, and mono-safe
    assert -14 < level_db(settled) - sent < 0  # white noise loses most to the return's band
    spectrum = np.abs(np.fft.rfft(settled[0])) ** 2
    hertz = np.fft.rfftfreq(settled.shape[1], 1 / SAMPLE_RATE)
    inside = spectrum[(hertz > 500) & (hertz < 4000)].mean()
    assert spectrum[hertz < 80].mean() < 0.02 * inside
    assert spectrum[hertz > 14000].mean() < 0.02 * inside


def test_tape_moves_pitch_by_no_more_than_its_cents() -> None:
    seconds = 4
    t = np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE
    audio = np.tile((0.5 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32), (2, 1))
    wow_and_flutter(audio, 1.0, 0, np.zeros((2, TAPE_PAST), dtype=np.float32))
    tone_up = audio[0, 2000:].astype(np.float64)
    rising = np.flatnonzero((tone_up[:-1] < 0) & (tone_up[1:] >= 0))
    exact = rising - tone_up[rising] / (tone_up[rising + 1] - tone_up[rising])
    hertz = SAMPLE_RATE * 20 / (exact[20:] - exact[:-20])
    cents = 1200 * np.log2(hertz / 1000)
    assert 5 < cents.max() < 9.5
    assert -9.5 < cents.min() < -5


@pytest.mark.parametrize("amount", [0.1, 1.0])
def test_tape_reads_a_cubic_through_the_samples_around_a_moving_delay(amount: float) -> None:
    samples = 3 * TAPE_TILE + 77
    audio = noise(samples)
    n = np.arange(samples)
    knots = np.arange(0, samples + CONTROL, CONTROL)
    cents = np.log(2.0) / 1200.0 / (2.0 * np.pi) * SAMPLE_RATE * amount
    wow, flutter = 7.0 * cents / 0.55, 2.0 * cents / 7.0
    seconds = knots / SAMPLE_RATE
    delays = 3.0 + wow + flutter
    delays = delays + wow * np.sin(2 * np.pi * (0.55 * seconds - 0.25))
    delays = delays + flutter * np.sin(2 * np.pi * 7.0 * seconds)
    delay = np.interp(n, knots, delays)
    whole = delay.astype(int)
    t = delay - whole
    padded = np.pad(audio.astype(float), ((0, 0), (TAPE_PAST, 8)))
    a, b, c, d = (padded[:, TAPE_PAST + n - whole + k] for k in (1, 0, -1, -2))
    curve = 2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)
    expected = b + 0.5 * t * (c - a + t * curve)
    past = np.zeros((2, TAPE_PAST), dtype=np.float32)
    wow_and_flutter(audio, amount, 0, past)
    np.testing.assert_allclose(audio, expected, atol=2e-7)
    np.testing.assert_array_equal(past, padded[:, samples : samples + TAPE_PAST])


@pytest.mark.parametrize("swells", [False, True])
def test_pouring_adds_a_stem_to_the_mix_and_its_mid_signal_to_the_sends(swells: bool) -> None:
    audio, points = noise(1000), control_points(1000)
    rev, dly = np.zeros(1000, dtype=np.float32), np.zeros(1000, dtype=np.float32)
    half, out = np.full(points, 0.5, dtype=np.float32), np.ones((2, 1000), dtype=np.float32)
    swell = np.linspace(0.7, 1.3, points) if swells else np.empty(0)
    level = np.interp(np.arange(1000) / CONTROL, np.arange(points), swell) if swells else 1.0
    pour(audio, 0.25, swell, out, rev, half, dly, 2 * half)
    scaled = 0.25 * noise(1000)
    np.testing.assert_allclose(out, 1.0 + level * scaled, atol=1e-6)
    np.testing.assert_allclose(rev, 0.5 * scaled.mean(axis=0), atol=1e-7)
    np.testing.assert_allclose(dly, scaled.mean(axis=0), atol=1e-7)
    assert not audio.any()


def test_ends_are_faded_smoothly_to_exact_silence() -> None:
    audio = np.ones((2, 10_000), dtype=np.float32)
    fade_ends(audio, 800, 6_000, 9_500)
    assert audio[0, 0] == 0.0
    assert np.all(audio[:, 800:6000] == 1.0)
    assert np.all(audio[:, 9500:] == 0.0)
    assert np.abs(np.diff(audio[0])).max() < 0.003
    stretches = [np.ones((2, 2_500), dtype=np.float32) for _ in range(4)]
    for number, stretch in enumerate(stretches):
        fade_ends(stretch, 800, 6_000, 9_500, 2_500 * number)
    np.testing.assert_array_equal(np.concatenate(stretches, axis=1), audio)
