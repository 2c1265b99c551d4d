"""MovieLens names, as they stand in its files."""

from __future__ import annotations

import pytest

from frontrow.importers.movielens_names import split_name


@pytest.mark.parametrize(
    ("text", "name", "year"),
    [
        ("Toy Story (1995)", "Toy Story", 1995),
        ("Matrix, The (1999)", "The Matrix", 1999),
        ("Beautiful Mind, A (2001)", "A Beautiful Mind", 2001),
        ("Avventura, L' (1960)", "L'Avventura", 1960),
        ("Boot, Das (1981)", "Das Boot", 1981),
        ("Boot, Das (Boat, The) (1981)", "Das Boot (The Boat)", 1981),
        ("Shanghai Triad (Yao a yao yao dao waipo qiao) (1995)", "Shanghai Triad (Yao a yao yao dao waipo qiao)", 1995),
        ("Death Note (2006–2007)", "Death Note", 2006),
        ("Big Bang Theory, The (2007-)", "The Big Bang Theory", 2007),
        ("Babylon 5", "Babylon 5", None),
        ("unknown", "unknown", None),
        ("2001: A Space Odyssey (1968) ", "2001: A Space Odyssey", 1968),
        ("(1999)", "(1999)", None),
        ("Me, Myself & Irene (2000)", "Me, Myself & Irene", 2000),
        ("Dr. No (007) (1962)", "Dr. No (007)", 1962),
    ],
)
def test_name_and_year(text, name, year):
    assert split_name(text) == (name, year)
