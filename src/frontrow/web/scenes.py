"""Motifs that show a place: skies, ridges, water, cities."""

from __future__ import annotations

from frontrow.web.pen import HEIGHT, WIDTH, Pen, circle, line, path


def _ridge(pen: Pen, base: int, rough: int, steps: int) -> str:
    """A jagged horizon from edge to edge, filled to the ground."""
    width = WIDTH / steps
    points = "".join(f"L{i * width:.0f} {base + pen.between(-rough, rough)}" for i in range(1, steps))
    return f"M0 {base + pen.between(-rough, rough)}{points}L{WIDTH} {base}V{HEIGHT}H0z"


def _swell(pen: Pen, base: int, height: int) -> str:
    """A wave from edge to edge, filled to the ground."""
    turn = pen.pick((-1, 1)) * height
    half = WIDTH // 4
    return f"M0 {base}q{half // 2} {turn} {half} 0t{half} 0t{half} 0t{half} 0V{HEIGHT}H0z"


def _stars(pen: Pen, count: int, low: int) -> str:
    dots = "".join(f"M{pen.between(6, 194)} {pen.between(8, low)}h{pen.pick((1, 1, 2))}" for _ in range(count))
    return line("sc", dots, 2)


def skyline(pen: Pen) -> str:
    """Two rows of buildings at night, some windows lit."""
    parts = [circle("a", pen.between(40, 160), pen.between(60, 110), pen.between(22, 44)), _stars(pen, 9, 120)]
    for colour, base in (("b", 150), ("k", 195)):
        x, d = 0, f"M0 {HEIGHT}"
        while x < WIDTH:
            width = pen.between(14, 36)
            d += f"V{base + pen.between(-46, 34)}h{width}"
            x += width
        parts.append(path(colour, f"{d}V{HEIGHT}z"))
    lit = "".join(f"M{6 * pen.between(1, 32)} {210 + 9 * pen.between(0, 8)}h3" for _ in range(22))
    return "".join(parts) + line("sc", lit, 4)


def rain(pen: Pen) -> str:
    """Streaks over a street lamp's cone."""
    x, y = pen.between(50, 150), pen.between(50, 90)
    cone = path("b", f"M{x} {y}L{x - 75} {HEIGHT}h150z")
    lamp = circle("c", x, y, 11) + circle("a", x, y, 6)
    drops = "".join(f"M{pen.between(0, 200)} {pen.between(0, 280)}l-7 {pen.between(18, 40)}" for _ in range(34))
    return cone + line("sa", drops, 1) + lamp


def mountains(pen: Pen) -> str:
    """Three ridges before a sun or moon."""
    sun = circle("c", pen.between(45, 155), pen.between(60, 120), pen.between(20, 40))
    far = path("a", _ridge(pen, 150, 38, pen.between(4, 6)))
    near = path("b", _ridge(pen, 195, 26, pen.between(4, 7)))
    return sun + far + near + path("k", _ridge(pen, 238, 14, 8))


def waves(pen: Pen) -> str:
    """A low sun over a swell."""
    y = pen.between(80, 140)
    sun = circle(pen.pick("ac"), pen.between(50, 150), y, pen.between(34, 58))
    sea = "".join(path(colour, _swell(pen, base, pen.between(10, 24)))
                  for colour, base in (("b", y + 34), ("a", y + 70), ("b", y + 104), ("k", y + 138)))  # fmt: skip
    return sun + sea


def sunset(pen: Pen) -> str:
    """A great sun, sliced by the horizon's haze."""
    x, y, r = pen.between(80, 120), pen.between(110, 150), pen.between(62, 84)
    slices = "".join(f"M0 {y + gap}h200v{3 + gap // 9}H0z" for gap in range(-4, r, 15))
    return circle("a", x, y, r) + circle("c", x, y - r // 6, r * 0.55) + path("k", slices) + path(
        "b", _swell(pen, y + r - 14, 12)
    )  # fmt: skip


def mesas(pen: Pen) -> str:
    """Table mountains under a hot sun."""
    sun = circle("c", pen.between(50, 150), pen.between(70, 110), pen.between(30, 46))
    parts = [sun]
    for colour, base in (("b", 150), ("a", 185)):
        x, d = 0, f"M0 {base + 40}"
        while x < WIDTH:
            foot, top, rise = pen.between(10, 26), pen.between(22, 46), pen.between(26, 62)
            d += f"h{foot}l6-{rise}h{top}l6 {rise}"
            x += foot + top + 12
        parts.append(path(colour, f"{d}H{WIDTH + 60}V{HEIGHT}H0z"))
    return "".join(parts) + path("k", _swell(pen, 246, 9))


def hills(pen: Pen) -> str:
    """Round hills, a rainbow, clouds."""
    x, y = pen.between(60, 140), 190
    bow = "".join(line(f"s{colour}", f"M{x - r} {y}a{r} {r} 0 0 1 {2 * r} 0", 13)
                  for colour, r in (("a", 92), ("c", 78), ("b", 64)))  # fmt: skip
    cloud = "".join(circle("w", cx, 70 + dy, r) for cx, dy, r in ((x - 44, 6, 13), (x - 28, 0, 17), (x - 10, 6, 12)))
    near = f"M-20 {HEIGHT}a{pen.between(90, 120)} 100 0 0 1 230 0z"
    return bow + cloud + path("b", f"M60 {HEIGHT}a120 {pen.between(100, 130)} 0 0 1 240 0z") + path("a", near)


def moon(pen: Pen) -> str:
    """A full moon behind firs."""
    x, y, r = pen.between(70, 130), pen.between(80, 115), pen.between(46, 66)
    firs = ""
    for at in range(-10, 205, 24):
        tall = pen.between(70, 140)
        firs += f"M{at} {HEIGHT}l{14}-{tall}l{14} {tall}z"
    return (
        _stars(pen, 14, 150)
        + circle("b", x, y, r + 12)
        + circle("c", x, y, r)
        + path("b", _ridge(pen, 226, 12, 6))
        + (path("k", firs))
    )


def thorns(pen: Pen) -> str:
    """Spikes that close in from both sides."""
    parts = [circle("a", 100, pen.between(110, 150), pen.between(44, 62))]
    for side, step in ((0, 1), (WIDTH, -1)):
        d = f"M{side} 0"
        y = 0
        while y < HEIGHT:
            tall = pen.between(18, 34)
            d += f"L{side + step * pen.between(46, 92)} {y + pen.between(2, tall)}L{side + step * 22} {y + tall}"
            y += tall
        parts.append(path("k", f"{d}L{side} {HEIGHT}z"))
    return parts[0] + path("b", _ridge(pen, 215, 40, 9)) + "".join(parts[1:])


def planet(pen: Pen) -> str:
    """A planet with its ring, a moon, stars."""
    x, y, r = pen.between(70, 130), pen.between(95, 140), pen.between(40, 60)
    tilt = pen.between(8, 30) * pen.pick((-1, 1))
    reach = r * 1.75
    ring = f'<g transform="rotate({tilt} {x} {y})">'
    behind = f'{ring}<ellipse class="l sc" cx="{x}" cy="{y}" rx="{reach:.0f}" ry="{r // 3}" stroke-width="5"/></g>'
    before = ring + line("sc", f"M{x - reach:.0f} {y}a{reach:.0f} {r // 3} 0 0 0 {2 * reach:.0f} 0", 5) + "</g>"
    shade = path("b", f"M{x} {y - r}a{r} {r} 0 0 1 0 {2 * r}a{r * 1.5:.0f} {r * 1.5:.0f} 0 0 0 0-{2 * r}z")
    return _stars(pen, 22, 290) + behind + circle("a", x, y, r) + shade + before + circle(
        "b", pen.between(20, 180), pen.between(20, 60), pen.between(6, 12)
    )  # fmt: skip


SCENES = {
    "skyline": skyline, "rain": rain, "mountains": mountains, "waves": waves, "sunset": sunset, "mesas": mesas,
    "hills": hills, "moon": moon, "thorns": thorns, "planet": planet,
}  # fmt: skip
