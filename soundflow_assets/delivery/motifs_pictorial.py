"""Motifs of the quiet genres: records, hills, blossoms and other things one can name.

A motif draws on its `Scene` and returns nothing. It writes no text and fills its field well beyond
the middle, since thumbnails are small.
"""

from __future__ import annotations

from soundflow_assets.delivery.canvas import Colour, Point, mix
from soundflow_assets.delivery.scene import Scene
from soundflow_assets.synthesis.kernels.math import dcos, dsin


def record(scene: Scene) -> None:
    """Draw a record half out of the picture, its grooves as wide as the music is dense."""
    x, y, radius = scene.width * 0.62, scene.height * 0.58, 252
    scene.canvas.disc(x + 10, y + 12, radius, scene.palette.field, 0.25)
    dark = mix(scene.palette.c, (20, 18, 26), 0.62)
    scene.canvas.disc(x, y, radius, dark)
    for i in range(22):
        energy = scene.energy(i / 22)
        tone = mix(dark, scene.palette.b, 0.14 + 0.5 * energy)
        scene.canvas.ring(x, y, radius - 8 - i * 6.6, 1 + 2.4 * energy, tone)
    scene.canvas.disc(x, y, 92, scene.palette.a)
    scene.canvas.disc(x, y, 64, mix(scene.palette.a, scene.palette.top, 0.35))
    scene.canvas.disc(x, y, 9, scene.palette.field)
    arm = scene.draw(-16, 16)
    reach = [(70.0, 130.0), (150.0, 330.0 + arm), (x - 128, y + 62 + arm)]
    scene.canvas.line(reach, 9, scene.palette.b)
    scene.canvas.disc(70, 130, 30, scene.palette.b)
    scene.canvas.disc(70, 130, 13, scene.palette.field)


def waves(scene: Scene) -> None:
    """Draw hills of water, one behind the other, under a low sun."""
    scene.canvas.disc(
        scene.width * scene.draw(0.25, 0.75), scene.height * 0.42, 78, scene.palette.c
    )
    layers = 6
    for layer in range(layers):
        share = layer / (layers - 1)
        phase, cycles = scene.draw(0, 1), scene.draw(0.8, 1.9)
        base = scene.height * (0.46 + 0.105 * layer)
        points: list[Point] = [(0, scene.height)]
        for i in range(65):
            lift = dsin(cycles * i / 64 + phase) * (12 + 30 * scene.swell(i / 64))
            points.append((scene.width * i / 64, base - lift))
        tone = mix(scene.palette.a, scene.palette.b, share)
        tone = mix(tone, scene.palette.field, 0.55 * share)
        scene.canvas.shape([*points, (scene.width, scene.height)], tone, 0.92)


def petals(scene: Scene) -> None:
    """Draw mid-century blossoms: pointed leaves around three centres on thin stems."""
    tones = (scene.palette.a, scene.palette.b, scene.palette.c)
    shift = int(scene.rng.integers(3))
    for i, place in enumerate((0.2, 0.52, 0.82)):
        energy = scene.energy(place)
        x, y = scene.width * place, scene.height * (0.58 - 0.3 * energy + 0.05 * i)
        scene.canvas.line([(x, y), (x, scene.height)], 4, tones[(i + 2 + shift) % 3])
        leaves, reach = 8 + 2 * i, 72 + 58 * energy
        turn = scene.draw(0, 1 / leaves)
        for leaf in range(leaves):
            tone = tones[(i + shift + leaf % 2) % 3]
            _leaf(scene, (x, y), reach, turn + leaf / leaves, tone)
        scene.canvas.disc(x, y, 15, scene.palette.ink)
        scene.canvas.disc(x, y, 7, scene.palette.field)


def _leaf(scene: Scene, centre: Point, reach: float, turn: float, tone: Colour) -> None:
    along, across = (dcos(turn), dsin(turn)), (-dsin(turn), dcos(turn))
    points: list[Point] = []
    for side in (1.0, -1.0):
        for i in range(13):
            t = i / 12 if side > 0 else 1 - i / 12
            wide = side * reach * 0.17 * dsin(t / 2)
            points.append(
                (
                    centre[0] + along[0] * reach * t + across[0] * wide,
                    centre[1] + along[1] * reach * t + across[1] * wide,
                )
            )
    scene.canvas.shape(points, tone, 0.92)


def keys(scene: Scene) -> None:
    """Draw slanted blocks of unequal height, cut like a Blue Note sleeve."""
    columns = 11
    step = scene.width / columns
    slant = scene.draw(28, 64) * (1 if scene.rng.random() < 0.5 else -1)
    for i in range(-1, columns + 1):
        energy = scene.energy((i + 0.5) / columns)
        height = 70 + 300 * energy * scene.draw(0.62, 1.0)
        x, foot = i * step, scene.height
        tone = scene.palette.accent(scene.draw(0, 1))
        block = [(x, foot), (x + step * 0.8, foot)]
        block += [(x + step * 0.8 + slant, foot - height), (x + slant, foot - height - 24)]
        scene.canvas.shape(block, tone)
    x, y = scene.width * scene.draw(0.68, 0.84), scene.height * 0.3
    scene.canvas.disc(x, y, 54, scene.palette.ink)
    scene.canvas.ring(x, y, 54, 9, scene.palette.c)


def glow(scene: Scene) -> None:
    """Draw a light in haze over a still surface."""
    x, y = scene.width * scene.draw(0.36, 0.64), scene.height * scene.draw(0.46, 0.52)
    for i in range(16, 0, -1):
        radius = 34 + i * 17 * (0.75 + 0.4 * scene.energy(1 - i / 17))
        scene.canvas.disc(x, y, radius, mix(scene.palette.c, scene.palette.a, i / 16), 0.085)
    scene.canvas.disc(x, y, 50, mix(scene.palette.c, scene.palette.ink, 0.35))
    water = scene.height * 0.7
    scene.canvas.box(0, water, scene.width, scene.height, scene.palette.field, 0.42)
    for i in range(15):
        energy = scene.energy((i + 0.5) / 15)
        half = (26 + 170 * energy) * scene.draw(0.5, 1.0)
        middle = x + scene.draw(-22, 22)
        line = water + 9 + i * 8.4
        scene.canvas.box(middle - half, line, middle + half, line + 2.6, scene.palette.a, 0.75)


def staff(scene: Scene) -> None:
    """Draw five flowing lines with note heads that climb with the energy."""
    cycles, phase, lift = scene.draw(0.7, 1.1), scene.draw(0, 1), scene.draw(44, 66)

    def line_y(x: float, place: float) -> float:
        spread = 38 + 10 * dsin(0.5 * x / scene.width + phase)
        wave = dsin(cycles * x / scene.width + phase)
        return scene.height * 0.53 + (place - 2) * spread - lift * wave

    for line in range(5):
        points = [(x * 8.0, line_y(x * 8.0, line)) for x in range(-1, 82)]
        scene.canvas.line(points, 3.6, scene.palette.ink, 0.9)
    notes = 9
    for i in range(notes):
        x = scene.width * (i + 0.7) / (notes + 0.4)
        place = 4.5 - round(9 * scene.energy(i / notes) * scene.draw(0.55, 1.0)) / 2
        y, tone = line_y(x, place), scene.palette.accent((i % 3) / 3 + 0.01)
        up = place >= 2
        stem = (x + 19, y - 118) if up else (x - 19, y + 118)
        scene.canvas.line([(stem[0], y), stem], 5, tone)
        scene.canvas.disc(x, y, 21.5, tone)
