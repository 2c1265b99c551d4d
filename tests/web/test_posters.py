"""Posters: the same for the same title, distinct for others, legible, and made of numbers only."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.catalog.title import Title
from frontrow.web.families import FAMILIES, families_of, mood
from frontrow.web.palettes import PALETTES, contrast, palettes_css
from frontrow.web.pen import Pen
from frontrow.web.poster import FACES, LARGEST, MOTIFS, SMALLEST, portrait, poster, type_size

GENRES = ["Drama", "Crime", "Horror", "Sci-Fi", "Children", "Comedies", "International TV Shows", "Film-Noir", "War"]


def parsed(art):
    return ElementTree.fromstring(f"<svg>{art}</svg>")


@pytest.mark.parametrize("name", PALETTES)
def test_words_on_every_palette_are_legible(name):
    palette = PALETTES[name]
    assert contrast(palette.type, palette.paper) >= 7
    assert contrast(palette.type, palette.glow) >= 4.5


def test_contrast_is_that_of_wcag():
    assert contrast("ffffff", "000000") == pytest.approx(21)
    assert contrast("767676", "ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("abcdef", "abcdef") == 1


def test_every_palette_has_its_class():
    css = palettes_css()
    assert all(f".p-{name}{{" in css for name in PALETTES)


def test_families_name_what_there_is_and_all_of_it_is_used():
    assert {palette for family in FAMILIES for palette in family.palettes} == set(PALETTES)
    assert {motif for family in FAMILIES for motif in family.motifs} == set(MOTIFS)
    assert {face for family in FAMILIES for face in family.faces} == set(FACES)


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_motif_draws_within_reason(motif):
    for key in range(40):
        art = MOTIFS[motif](Pen(str(key)))
        assert 100 < len(art) < 6000
        for element in parsed(art).iter():
            assert element.tag in {"svg", "path", "circle", "ellipse", "g"}
            assert set(element.attrib) <= {"class", "d", "cx", "cy", "r", "rx", "ry", "stroke-width", "transform"}
            assert float(element.attrib.get("r", 1)) > 0
    assert len({MOTIFS[motif](Pen(str(key))) for key in range(40)}) == 40


def test_a_poster_is_a_function_of_the_title():
    title = Title(title_id="a", name="The Long Harbour", genres=["Drama"])
    assert poster("a", title.name, title) == poster("a", title.name, title)
    assert "p-" in poster("a", title.name, title).classes
    # A golden value: a change of hash, table or order would repaint every poster of every service.
    assert poster("a", title.name, title).classes == "p-dusk f-italic z19 high near flip"


def test_posters_are_distinct():
    arts = {
        poster(f"t-{n}", "Name", Title(title_id=f"t-{n}", name="Name", genres=[GENRES[n % len(GENRES)]]))
        for n in range(2000)
    }
    assert len(arts) >= 1990


@pytest.mark.parametrize(
    ("genres", "family"),
    [
        (["Drama", "Horror"], "horror"), (["Sci-Fi", "Comedy"], "space"), (["TV Dramas"], "drama"),
        (["International TV Shows"], "abstract"), ([], "abstract"), (["Children & Family Movies"], "family"),
        (["Warped"], "abstract"), (["romantic comedy"], "romance"), (["Crime TV Shows", "TV Dramas"], "noir"),
    ],
)  # fmt: skip
def test_the_family_follows_the_genres(genres, family):
    assert families_of(Title(title_id="x", name="x", genres=genres))[0].name == family


def test_kinds_without_a_story_have_their_own_look():
    assert families_of(Title(title_id="x", name="x", kind="live", genres=["Drama"]))[0].name == "live"
    assert families_of(Title(title_id="x", name="x", kind="game"))[0].name == "game"
    assert families_of(None)[0].name == "abstract"


def test_mood_is_what_the_tags_say():
    assert mood(Title(title_id="x", name="x", tags={"dark": 0.9, "feel-good": 0.1})) == pytest.approx(-0.8)
    assert mood(Title(title_id="x", name="x", tags={"uplifting": 0.5})) == 1
    assert mood(Title(title_id="x", name="x", tags={"trains": 1.0})) == mood(None) == 0


def test_a_grave_title_is_darker_than_a_light_one():
    def palettes(tag):
        made = (
            poster(f"{n}", "x", Title(title_id=f"{n}", name="x", genres=["Comedy"], tags={tag: 1})) for n in range(200)
        )
        return {each.classes.split()[0] for each in made}

    assert "p-sun" not in palettes("bleak")
    assert "p-coral" not in palettes("funny")


@given(st.text(max_size=600), st.text(min_size=1, max_size=100), st.lists(st.text(max_size=60), max_size=4))
def test_nothing_of_a_title_is_in_its_drawing(name, title_id, genres):
    made = poster(title_id, name, Title(title_id=title_id, name=name or "x", genres=genres))
    parsed(made.art)
    assert set(made.classes) <= set("abcdefghijklmnopqrstuvwxyz0123456789- ")


@given(st.text(max_size=600), st.sampled_from(sorted(FACES)))
def test_type_fits_or_is_the_smallest(name, face):
    size = type_size(name, face)
    assert SMALLEST <= size <= LARGEST
    if size > SMALLEST:  # even were all letters narrow
        assert max(map(len, name[:160].split() or [""])) * 0.65 * size * FACES[face] <= 84


@pytest.mark.parametrize("face", FACES)
def test_wide_letters_take_more_room(face):
    assert type_size("illicit", face) >= type_size("romance", face) >= type_size("mammoww", face)


def test_a_portrait_for_everybody():
    assert portrait("ana", False) == portrait("ana", False) != portrait("bo", False)
    parsed(portrait("kid", True).art)
