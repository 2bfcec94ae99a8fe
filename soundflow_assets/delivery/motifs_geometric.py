"""Motifs of the club genres: rings, grids, beams and other strict figures.

A motif draws on its `Scene` and returns nothing. It writes no text and fills its field well beyond
the middle, since thumbnails are small.
"""

from __future__ import annotations

from soundflow_assets.delivery.canvas import Point, mix
from soundflow_assets.delivery.scene import Scene
from soundflow_assets.synthesis.kernels.math import dcos, dsin


def ripples(scene: Scene) -> None:
    """Draw rings spreading from a point, broad where the track is strong."""
    x, y = scene.width * scene.draw(0.6, 0.74), scene.height * scene.draw(0.5, 0.62)
    rings = 10
    for i in range(rings, 0, -1):
        energy = scene.energy(i / (rings + 1))
        tone = mix(scene.palette.a, scene.palette.b, i / rings)
        scene.canvas.ring(x, y, 26 + i * 36, 4 + 22 * energy, tone, 0.85 - 0.055 * i)
    scene.canvas.disc(x, y, 40, scene.palette.c)


def arches(scene: Scene) -> None:
    """Draw a row of nested arches, one doorway per beat of the bar."""
    columns, gap = 4, scene.width / 4
    tones = (scene.palette.a, scene.palette.b, scene.palette.c)
    shift = int(scene.rng.integers(3))
    for column in range(columns):
        x = gap * (column + 0.5)
        rise = 110 + 170 * scene.energy((column + 0.5) / columns)
        for layer in range(4):
            radius = gap * (0.47 - 0.105 * layer)
            tone = tones[(column + layer + shift) % 3] if layer < 3 else scene.palette.field
            top = scene.height - rise + layer * 26
            scene.canvas.disc(x, top, radius, tone)
            scene.canvas.box(x - radius, top, x + radius, scene.height, tone)


def grid(scene: Scene) -> None:
    """Draw a sequencer: sixteen columns of squares, grown where something happens."""
    columns, rows = 16, 9
    cell = scene.width / columns
    top = scene.height - rows * cell - 8
    accents = scene.rng.random((rows, columns))
    for row in range(rows):
        period = int(scene.rng.choice([2, 3, 4, 4, 8]))
        for column in range(columns):
            energy = scene.energy((column + 0.5) / columns)
            struck = column % period == 0 or accents[row, column] < 0.1 + 0.25 * energy
            half = cell * ((0.2 + 0.24 * energy) if struck else 0.06)
            x, y = (column + 0.5) * cell, top + (row + 0.5) * cell
            tone = scene.palette.accent(row / rows) if struck else scene.palette.ink
            scene.canvas.box(x - half, y - half, x + half, y + half, tone, 1 if struck else 0.4)


def sunset(scene: Scene) -> None:
    """Draw a striped sun over a plane of lines running to the horizon."""
    horizon = scene.height * 0.66
    x, radius = scene.width * scene.draw(0.42, 0.58), 150
    scene.canvas.disc(x, horizon - 46, radius, scene.palette.c)
    slats = 7
    for i in range(slats):
        y = horizon - 46 - radius * 0.35 + i * radius * 0.2
        share = y / scene.height
        tone = mix(scene.palette.top, scene.palette.bottom, share)
        scene.canvas.box(0, y, scene.width, y + 3 + 2.2 * i, tone)
    scene.canvas.box(0, horizon, scene.width, scene.height, scene.palette.field)
    for i in range(-14, 15):
        foot = (x + i * 120, scene.height + 40)
        scene.canvas.line([(x + i * 14, horizon), foot], 2, scene.palette.b, 0.9)
    y, step = horizon, 5.0
    while y < scene.height:
        scene.canvas.box(0, y, scene.width, y + 2, scene.palette.b)
        y, step = y + step, step * 1.42
    _skyline(scene, horizon)


def _skyline(scene: Scene, horizon: float) -> None:
    peaks: list[Point] = [(0, horizon)]
    for i in range(17):
        lift = 18 + 70 * scene.energy(i / 16) * (0.5 if i % 2 else 1.0)
        peaks.append((scene.width * i / 16, horizon - lift))
    scene.canvas.shape([*peaks, (scene.width, horizon)], scene.palette.a, 0.55)


def beams(scene: Scene) -> None:
    """Draw light from one point on the horizon, each beam as bright as its moment."""
    x, y = scene.width * scene.draw(0.42, 0.58), scene.height * 0.8
    count = 21
    for i in range(count):
        energy = scene.energy((i + 0.5) / count)
        turn = 0.5 + (i + 0.5) / count * 0.5
        half = 0.0042 + 0.007 * energy
        tone = scene.palette.accent((i % 3) / 3 + 0.01)
        far = 760
        tips = [(x + far * dcos(t), y + far * dsin(t)) for t in (turn - half, turn + half)]
        scene.canvas.shape([(x, y), *tips], tone, 0.3 + 0.65 * energy)
    for radius, tone in ((70, scene.palette.a), (48, scene.palette.b), (26, scene.palette.ink)):
        scene.canvas.disc(x, y, radius, tone)
    scene.canvas.box(0, y, scene.width, scene.height, scene.palette.field)
    for i in range(5):
        half = 210 - 38 * i
        scene.canvas.box(x - half, y + 14 + 14 * i, x + half, y + 18 + 14 * i, scene.palette.c, 0.8)


def chevrons(scene: Scene) -> None:
    """Draw arrowheads rising from the foot of the picture, the strongest on top."""
    x, count = scene.width * 0.5, 9
    for i in range(count):
        energy = scene.energy(i / count)
        top = scene.height * 0.96 - i * 42
        half, thick = 300 - 21 * i, 14 + 22 * energy
        tone = mix(scene.palette.a, scene.palette.b, i / (count - 1))
        outer = [(x - half, top + half * 0.5), (x, top), (x + half, top + half * 0.5)]
        inner = [(px, py + thick) for px, py in reversed(outer)]
        scene.canvas.shape([*outer, *inner], tone, 0.95)
    sparks = scene.rng.random((26, 3))
    for place, lift, size in sparks:
        tone = scene.palette.c
        scene.canvas.disc(
            scene.width * float(place), scene.height * float(lift), 1.5 + 3.5 * float(size), tone
        )


def mirror_ball(scene: Scene) -> None:
    """Draw a ball of facets hanging in the picture, with its reflections around."""
    x, y, radius = scene.width * scene.draw(0.46, 0.56), scene.height * 0.53, 158.0
    for _ in range(34):
        size = scene.draw(5, 13)
        place = (scene.draw(0, scene.width), scene.draw(20, scene.height))
        scene.canvas.disc(*place, size, scene.palette.accent(scene.draw(0, 1)), 0.5)
    scene.canvas.line([(x, 0), (x, y - radius)], 3, scene.palette.ink)
    scene.canvas.disc(x, y, radius, scene.palette.field)
    rows = 13
    for row in range(rows):
        low, high = (dsin((edge / rows - 0.5) / 2) * radius for edge in (row + 0.08, row + 0.92))
        across = radius * dcos(((row + 0.5) / rows - 0.5) / 2)
        facets = 15
        for i in range(facets):
            left, right = (dsin((e / facets - 0.5) / 2) * across for e in (i + 0.08, i + 0.92))
            energy = scene.energy(((i + row * 3) % 40) / 40)
            tone = scene.palette.accent(scene.draw(0, 1))
            tone = mix(tone, scene.palette.ink, 0.7 * energy * scene.draw(0, 1))
            scene.canvas.box(x + left, y + low, x + right, y + high, tone)


def bass_waves(scene: Scene) -> None:
    """Draw thick slow waves, swelling with the energy, one across the other."""
    tones = (scene.palette.b, scene.palette.a, scene.palette.c)
    for layer, tone in enumerate(tones):
        cycles, phase = scene.draw(1.1, 2.4), scene.draw(0, 1)
        middle = scene.height * (0.42 + 0.16 * layer)
        upper: list[Point] = []
        lower: list[Point] = []
        for i in range(97):
            energy = scene.swell(i / 96)
            y = middle + dsin(cycles * i / 96 + phase) * (34 + 62 * energy)
            thick = 9 + 40 * energy * (0.6 + 0.4 * dsin(2 * cycles * i / 96 + phase))
            upper.append((scene.width * i / 96, y - thick))
            lower.append((scene.width * i / 96, y + thick))
        scene.canvas.shape([*upper, *reversed(lower)], tone, 0.86)
