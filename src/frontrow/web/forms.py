"""Motifs of plain form: rays, rings, grids, bars."""

from __future__ import annotations

from frontrow.web.pen import HEIGHT, Pen, circle, line, path, polar, ring


def rays(pen: Pen) -> str:
    """A burst of rays around a disc."""
    x, y, count = pen.between(50, 150), pen.between(80, 150), pen.pick((9, 12, 15))
    turn, step = pen.between(0, 40), 360 / count
    burst = "".join(
        f"M{x} {y}L{polar(x, y, 330, turn + i * step)}L{polar(x, y, 330, turn + (i + 0.5) * step)}z"
        for i in range(count)
    )
    r = pen.between(34, 52)
    return path("b", burst) + circle("a", x, y, r) + circle("c", x, y, r * pen.bend(0.35, 0.7))


def confetti(pen: Pen) -> str:
    """Scraps of paper in the air."""
    marks = {"a": "", "b": "", "c": ""}
    for _ in range(30):
        x, y, size = pen.between(0, 190), pen.between(0, 290), pen.between(6, 16)
        marks[pen.pick("abc")] += pen.pick((f"M{x} {y}h{size}v{size}h-{size}z", ring(x, y, size // 2),
                                            f"M{x} {y}l{size} {size // 2}l-{size} {size // 2}z"))  # fmt: skip
    return circle("b", pen.between(60, 140), pen.between(100, 160), 62) + "".join(path(c, d) for c, d in marks.items())


def rings(pen: Pen) -> str:
    """Circles that do not share a centre."""
    x, y = pen.between(70, 130), pen.between(100, 150)
    dx, dy = pen.bend(-3.5, 3.5), pen.bend(-3.5, 3.5)
    d = "".join(ring(round(x + dx * i), round(y + dy * i), 14 * i + 8) for i in range(1, 10))
    return line("sa", d, pen.between(3, 6)) + circle("c", x, y, 13)


def keyhole(pen: Pen) -> str:
    """Light through a keyhole."""
    x, y, r = 100, pen.between(105, 130), pen.between(26, 38)
    hole = f"M{x - r // 2} {y}L{x - r} {y + 2.6 * r:.0f}H{x + r}L{x + r // 2} {y}z"
    beam = f"M{x - r} {y + 2.6 * r:.0f}L{x - 90} {HEIGHT}H{x + 90}L{x + r} {y + 2.6 * r:.0f}z"
    return circle("b", x, y, r * 2.6) + path("b", beam) + circle("c", x, y, r) + path("c", hole) + circle(
        "k", x + pen.between(-8, 8), y, r * 0.4
    )  # fmt: skip


def blinds(pen: Pen) -> str:
    """Slats of light on a wall, somebody's shadow."""
    lean, gap = pen.between(-30, 30), pen.between(17, 24)
    slats = "".join(f"M0 {y}L200 {y + lean}v{gap // 2}L0 {y + gap // 2}z" for y in range(-30, 320, gap))
    x = pen.between(60, 140)
    body = f"M{x - 58} {HEIGHT}q4-78 40-92h36q36 14 40 92z"
    hat = f"M{x - 38} 150h76v8h-76zM{x - 24} 150l5-30h38l5 30z"
    return path("b" if pen.chance(0.6) else "a", slats) + path("k", body) + circle("k", x, 176, 26) + path("k", hat)


def chevrons(pen: Pen) -> str:
    """Arrows at speed."""
    side, y = pen.pick((-1, 1)), pen.between(20, 60)
    parts = []
    for i, colour in enumerate("bacb"):
        x = (20 + 42 * i) if side > 0 else (180 - 42 * i)
        parts.append(
            path(colour, f"M{x} {y}l{side * 70} {100}l{side * -70} {100}h{side * 26}l{side * 70}-100l{side * -70}-100z")
        )
    streaks = "".join(f"M{pen.between(-20, 160)} {pen.between(10, 290)}h{pen.between(20, 70)}" for _ in range(9))
    return line("sb", streaks, 2) + "".join(parts)


def slashes(pen: Pen) -> str:
    """Cuts across the sheet."""
    x, parts = pen.between(-30, 20), []
    for colour in "bacab":
        width = pen.between(7, 34)
        parts.append(path(colour, f"M{x + 70} 0h{width}L{x + width - 20} {HEIGHT}h-{width}z"))
        x += width + pen.between(8, 22)
    return "".join(parts)


def petals(pen: Pen) -> str:
    """A flower of two colours."""
    x, y, count = pen.between(80, 120), pen.between(110, 140), pen.pick((5, 6, 8))
    reach, turn, wide = pen.between(66, 92), pen.between(0, 60), 150 / count
    outer = "".join(
        f"M{x} {y}Q{polar(x, y, reach, a - wide)} {polar(x, y, reach, a)}Q{polar(x, y, reach, a + wide)} {x} {y}z"
        for a in (turn + i * 360 / count for i in range(count))
    )
    inner = "".join(
        f"M{x} {y}Q{polar(x, y, reach * 0.6, a - wide)} {polar(x, y, reach * 0.62, a)}"
        f"Q{polar(x, y, reach * 0.6, a + wide)} {x} {y}z"
        for a in (turn + (i + 0.5) * 360 / count for i in range(count))
    )
    stem = line("sb", f"M{x} {y}q{pen.between(-30, 30)} 80 {pen.between(-24, 24)} 200", 5)
    return stem + path("a", outer) + path("b", inner) + circle("c", x, y, 13)


def twins(pen: Pen) -> str:
    """Two discs that share a part."""
    r, apart, y = pen.between(50, 66), pen.between(22, 40), pen.between(105, 150)
    one, other = 100 - apart, 100 + apart
    high = (r * r - apart * apart) ** 0.5
    lens = f"M100 {y - high:.0f}A{r} {r} 0 0 1 100 {y + high:.0f}A{r} {r} 0 0 1 100 {y - high:.0f}z"
    arcs = line("sb", ring(100, y, r + 34) + ring(100, y, r + 46), 2)
    return arcs + circle("a", one, y, r) + circle("b", other, y, r) + path("c", lens)


def contours(pen: Pen) -> str:
    """Lines of a map."""
    x, y = pen.between(60, 140), pen.between(90, 160)
    lines = ""
    for i in range(1, 11):
        r = 13 * i
        w, h = r * pen.bend(0.9, 1.15), r * pen.bend(0.7, 0.95)
        lines += f"M{x - w:.0f} {y}C{x - w:.0f} {y - h:.0f} {x + w * 0.8:.0f} {y - h * 1.2:.0f} {x + w:.0f} {y}"
        lines += f"S{x - w:.0f} {y + h * 1.1:.0f} {x - w:.0f} {y}"
    return line("sa", lines, 2) + circle("c", x, y, 7)


def halftone(pen: Pen) -> str:
    """Dots that swell towards a centre."""
    x, y, dots = pen.between(40, 160), pen.between(60, 180), ""
    for column in range(9):
        for row in range(11):
            cx, cy = 12 + column * 22, 10 + row * 22
            r = max(0.0, 10.5 - ((cx - x) ** 2 + (cy - y) ** 2) ** 0.5 / 15)
            if r >= 1.5:
                dots += ring(cx, cy, round(r, 1))
    return circle("b", x, y, pen.between(80, 110)) + path(pen.pick("ac"), dots)


def frames(pen: Pen) -> str:
    """A contact sheet, one picture marked."""
    marked = (pen.between(0, 2), pen.between(0, 2))
    parts = {"a": "", "b": ""}
    for column in range(3):
        for row in range(4):
            x, y = 14 + column * 60, 12 + row * 56
            parts[pen.pick("aabbb")] += f"M{x} {y}h52v42h-52z"
    x, y = 14 + marked[0] * 60, 12 + marked[1] * 56
    return "".join(path(c, d) for c, d in parts.items()) + line("sc", ring(x + 26, y + 21, 34), 5)


def bars(pen: Pen) -> str:
    """Levels of sound."""
    parts = {"a": "", "b": "", "c": ""}
    for i in range(11):
        tall = pen.between(3, 15)
        for step in range(tall):
            colour = "b" if step < tall * 0.5 else "a" if step < tall - 2 else "c"
            parts[colour] += f"M{8 + i * 17} {222 - step * 13}h13v9h-13z"
    return "".join(path(c, d) for c, d in parts.items())


def vinyl(pen: Pen) -> str:
    """A record, its label and a gleam."""
    x, y, r = pen.between(70, 130), pen.between(110, 150), pen.between(84, 100)
    grooves = "".join(ring(x, y, g) for g in range(46, r, 9))
    gleam = path("b", f"M{x} {y}L{polar(x, y, r, -70)}A{r} {r} 0 0 1 {polar(x, y, r, -40)}z")
    return (
        circle("k", x, y, r)
        + gleam
        + line("sb", grooves, 1)
        + circle("a", x, y, 36)
        + circle("c", x, y, 22)
        + (circle("k", x, y, 5))
    )


def lanes(pen: Pen) -> str:
    """The bend of a track and a ball."""
    x, d = pen.pick((-40, 240)), ""
    for i in range(7):
        d += ring(x, 250, 90 + 24 * i)
    ball = circle("c", pen.between(70, 130), pen.between(70, 120), pen.between(20, 32))
    return path("b", ring(x, 250, 246)) + line("sa", d, 4) + ball


def columns(pen: Pen) -> str:
    """A temple front and the sun behind it."""
    count, top = pen.pick((4, 5, 6)), pen.between(110, 130)
    sun = circle("c", pen.between(60, 140), top - 10, pen.between(40, 58))
    roof = f"M14 {top}L100 {top - 54}L186 {top}zM18 {top + 4}h164v12h-164z"
    step = 164 / count
    shafts = "".join(f"M{18 + i * step + step * 0.22:.0f} {top + 20}h{step * 0.56:.0f}v110h-{step * 0.56:.0f}z"
                     for i in range(count))  # fmt: skip
    return sun + path("b", f"M0 {top + 130}h200v{HEIGHT}H0z") + path("a", roof + shafts)


def flags(pen: Pen) -> str:
    """Broad stripes and a star."""
    upright, parts, at = pen.chance(0.5), [], 0
    for colour in "abcab":
        size = pen.between(34, 62)
        parts.append(path(colour, f"M{at} 0h{size}v{HEIGHT}h-{size}z" if upright else f"M0 {at}h200v{size}H0z"))
        at += size
    x, y, r = pen.between(70, 130), pen.between(90, 140), pen.between(36, 50)
    star = "L".join(polar(x, y, r if i % 2 == 0 else r * 0.4, -90 + 36 * i) for i in range(10))
    return "".join(parts) + circle("k", x, y, r * 1.25) + path("c", f"M{star}z")


def balloons(pen: Pen) -> str:
    """Balloons that get away."""
    parts = []
    for i, colour in enumerate("bacba"):
        x, y, r = 28 + i * 36 + pen.between(-8, 8), pen.between(50, 150), pen.between(17, 29)
        string = line("sw", f"M{x} {y + r}q{pen.between(-14, 14)} 60 {pen.between(-10, 10)} 120", 1.5)
        parts.append(f'{string}<ellipse class="{colour}" cx="{x}" cy="{y}" rx="{r}" ry="{r * 1.22:.0f}"/>')
        parts.append(path(colour, f"M{x - 5} {y + r * 1.34:.0f}h10l-5-9z"))
    return "".join(parts)


def bauhaus(pen: Pen) -> str:
    """Quarter circles and squares on a grid."""
    parts = {"a": "", "b": "", "c": ""}
    size = 66
    for column in range(3):
        for row in range(4):
            x, y, colour = 1 + column * size, row * size, pen.pick("abc")
            parts[colour] += pen.pick((
                f"M{x} {y}h{size}a{size} {size} 0 0 1-{size} {size}z",
                f"M{x} {y}a{size} {size} 0 0 1 {size} {size}h-{size}z",
                f"M{x} {y + size}a{size} {size} 0 0 1 {size}-{size}v{size}z",
                ring(x + size / 2, y + size / 2, size / 2),
                f"M{x} {y}h{size}v{size}z",
                "",
            ))  # fmt: skip
    return "".join(path(c, d) for c, d in parts.items())


def orbits(pen: Pen) -> str:
    """Paths around a star, a body on each."""
    x, y = pen.between(60, 140), pen.between(90, 160)
    radii = [34 + 27 * i for i in range(5)]
    bodies = ""
    for i, r in enumerate(radii):
        where = polar(x, y, r, pen.between(0, 359)).split()
        bodies += circle("abcac"[i], int(where[0]), int(where[1]), pen.between(4, 10))
    return line("sb", "".join(ring(x, y, r) for r in radii), 2) + circle("c", x, y, 17) + bodies


def grid(pen: Pen) -> str:
    """A plane that runs to the horizon, a sun on it."""
    y, x = pen.between(120, 150), 100
    rows = "".join(f"M0 {y + i * i * 4 + 2}h200" for i in range(1, 7))
    fan = "".join(f"M{x + (i - 5) * 9} {y}L{x + (i - 5) * 62} {HEIGHT}" for i in range(11))
    r = pen.between(44, 60)
    return (
        circle("a", x, y, r)
        + path("k", f"M0 {y}h200v{HEIGHT}H0z")
        + line("sa", f"M0 {y}h200{rows}{fan}", 1.5)
        + (circle("c", pen.between(20, 180), pen.between(18, 50), pen.between(4, 9)))
    )


def pixels(pen: Pen) -> str:
    """A creature of blocks, the same on both sides."""
    parts = {"a": "", "c": ""}
    for row in range(8):
        for column in range(4):
            if pen.chance(0.55):
                for at in (column, 7 - column):
                    parts["a" if row % 3 else "c"] += f"M{28 + at * 18} {60 + row * 18}h18v18h-18z"
    stars = "".join(f"M{pen.between(0, 24) * 8} {pen.between(0, 36) * 8}h6v6h-6z" for _ in range(14))
    return path("b", stars) + "".join(path(c, d) for c, d in parts.items())


def signal(pen: Pen) -> str:
    """Waves from a mast."""
    x, y = pen.between(80, 120), pen.between(110, 140)
    arcs = "".join(
        f"M{polar(x, y, r, turn - 45)}A{r} {r} 0 0 1 {polar(x, y, r, turn + 45)}"
        for r in range(34, 130, 24) for turn in (0, 180)
    )  # fmt: skip
    mast = path("b", f"M{x} {y}l26 {HEIGHT - y}h-52z")
    return line("sa", arcs, 9) + mast + circle("c", x, y, 16)


FORMS = {
    "rays": rays, "confetti": confetti, "rings": rings, "keyhole": keyhole, "blinds": blinds, "chevrons": chevrons,
    "slashes": slashes, "petals": petals, "twins": twins, "contours": contours, "halftone": halftone,
    "frames": frames, "bars": bars, "vinyl": vinyl, "lanes": lanes, "columns": columns, "flags": flags,
    "balloons": balloons, "bauhaus": bauhaus, "orbits": orbits, "grid": grid, "pixels": pixels, "signal": signal,
}  # fmt: skip
