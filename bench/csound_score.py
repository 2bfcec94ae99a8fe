"""A track's score for csound, with an orchestra of about the layers that our engine plays.

Three detuned saws through a swept state-variable filter for pads and chords, a filtered saw with a
sine an octave below for basses, pulses for everything else, synthesised drums, a stereo delay, an
eight-line reverb and filtered noise for a bed. No loudness, no limiter: csound has neither.
"""

from __future__ import annotations

from soundflow_assets.composition.score import Hit, Score
from soundflow_assets.plans.model import TrackPlan

ORCHESTRA = """
sr = 44100
ksmps = 32
nchnls = 2
0dbfs = 1
seed 1
gadl init 0
gadr init 0
garl init 0
garr init 0
gaml init 0
gamr init 0

opcode Out, 0, aaii
  al, ar, idelay, ireverb xin
  gaml += al
  gamr += ar
  gadl += al * idelay
  gadr += ar * idelay
  garl += al * ireverb
  garr += ar * ireverb
endop

instr 1 ; pad
  icps = cpsmidinn(p4)
  kenv linsegr 0, 0.4, 1, 0.8, 0
  a1 vco2 0.1, icps * 0.996
  a2 vco2 0.1, icps
  a3 vco2 0.1, icps * 1.004
  kcut lfo 500, 0.1
  a1, ahp, abp svfilter a1 + a2, 1600 + kcut, 1
  a3, ahp, abp svfilter a3 + a2, 1600 + kcut, 1
  Out a1 * kenv * p5, a3 * kenv * p5, 0, 0.4
endin

instr 2 ; bass
  icps = cpsmidinn(p4)
  kenv linsegr 0, 0.005, 1, 0.2, 0.7, 0.05, 0
  a1 vco2 0.2, icps
  a2 poscil 0.25, icps
  kcut expon 1400, 0.3, 300
  a1 moogladder a1, kcut, 0.2
  a1 = (a1 + a2) * kenv * p5
  Out a1, a1, 0, 0
endin

instr 3 ; pluck, keys, lead
  icps = cpsmidinn(p4)
  kenv expsegr 0.001, 0.003, 1, 0.6, 0.2, 0.2, 0.001
  a1 vco2 0.15, icps, 2, 0.4
  a2 vco2 0.1, icps * 2.003, 2, 0.3
  a1, ahp, abp svfilter a1 + a2, 3200, 1
  Out a1 * kenv * p5, a1 * kenv * p5 * 0.9, 0.3, 0.25
endin

instr 10 ; kick
  kcps expseg 170, 0.05, 55, 0.3, 48
  kenv expseg 1, 0.35, 0.001
  a1 poscil 0.6 * kenv * p5, kcps
  Out a1, a1, 0, 0
endin

instr 11 ; snare, clap
  kenv expseg 1, 0.18, 0.001
  a1 noise 0.35, 0
  a1 butterbp a1, 1800, 2400
  a2 poscil 0.2, 190
  a1 = (a1 + a2) * kenv * p5
  Out a1, a1, 0, 0.2
endin

instr 12 ; hats, shakers, the rest
  kenv expseg 1, 0.07, 0.001
  a1 noise 0.25, 0
  a1 butterhp a1, 7000
  Out a1 * kenv * p5, a1 * kenv * p5 * 0.8, 0, 0.05
endin

instr 90 ; bed
  al noise 0.02, 0
  ar noise 0.02, 0
  al butterbp al, 1200, 1800
  ar butterbp ar, 1200, 1800
  gaml += al
  gamr += ar
endin

instr 99 ; delay, reverb, sum
  afl init 0
  afr init 0
  afl delay gadl + afr * 0.4, p4
  afr delay gadr + afl * 0.4, p4
  arl, arr reverbsc garl + afl * 0.2, garr + afr * 0.2, 0.82, 9000
  outs gaml + afl + arl, gamr + afr + arr
  gadl = 0
  gadr = 0
  garl = 0
  garr = 0
  gaml = 0
  gamr = 0
endin
"""
INSTRUMENTS = {"pad": 1, "bass": 2, "music": 3}
LOUDEST = 0.5


def csound_document(plan: TrackPlan, score: Score) -> str:
    """Return the score as a csd: notes by layer, hits by kind, bed and effects from the top."""
    layers = {part.role: part.layer for part in plan.spec.parts}
    lines = [f"i 99 0 {score.duration_s:.6f} {0.75 * 60.0 / score.bpm:.6f}"]
    if plan.beds:
        lines.append(f"i 90 0 {score.duration_s:.6f}")
    for part in score.parts:
        number = INSTRUMENTS[layers[part.role]]
        lines += [
            f"i {number} {note.onset_s:.6f} {note.duration_s:.6f} {note.pitch} "
            f"{LOUDEST * note.velocity / 127:.4f}"
            for note in part.notes
        ]
    lines += [
        f"i {_drum(hit)} {hit.onset_s:.6f} 0.4 0 {LOUDEST * hit.velocity / 127:.4f}"
        for hit in score.hits
    ]
    return (
        "<CsoundSynthesizer>\n<CsInstruments>\n"
        f"{ORCHESTRA}\n</CsInstruments>\n<CsScore>\n" + "\n".join(lines) + "\ne\n"
        "</CsScore>\n</CsoundSynthesizer>\n"
    )


def _drum(hit: Hit) -> int:
    if "kick" in hit.sound:
        return 10
    return 11 if any(name in hit.sound for name in ("snare", "clap", "rim")) else 12
