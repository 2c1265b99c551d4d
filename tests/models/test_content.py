"""Vectors of titles."""

from __future__ import annotations

import numpy as np

from frontrow.catalog.title import Person, Title
from frontrow.models.content import DIMS, ContentModel

CRIME = Title(title_id="a", name="A", year=1994, genres=["Crime", "Drama"], people=[Person("Ann Lee")])
LIKE = Title(title_id="b", name="B", year=1995, genres=["crime", "drama"], tags={"heist": 0.9})
OTHER = Title(title_id="c", name="C", year=2015, genres=["Animation"], languages=["fr"])


def test_vectors_have_length_one_and_need_no_training():
    model = ContentModel()
    for title in (CRIME, LIKE, OTHER):
        vector = model.vector(title)
        assert vector.dtype == np.float32
        assert vector.shape == (DIMS,)
        assert abs(float(vector @ vector) - 1) < 1e-5


def test_what_shares_content_is_more_alike():
    model = ContentModel.fit([CRIME, LIKE, OTHER])
    a, b, c = (model.vector(title) for title in (CRIME, LIKE, OTHER))
    assert a @ b > a @ c + 0.2


def test_rare_features_count_more():
    many = [Title(title_id=str(n), name="x", genres=["Drama"]) for n in range(50)]
    some = [Title(title_id=f"s{n}", name="x", genres=["Heist"]) for n in range(2)]
    model = ContentModel.fit([*many, *some])
    both = model.vector(Title(title_id="q", name="x", genres=["Drama", "Heist"]))
    assert both @ model.vector(some[0]) > both @ model.vector(many[0])


def test_saved_and_loaded_it_gives_the_same_vectors(tmp_path):
    model = ContentModel.fit([CRIME, LIKE, OTHER])
    model.save(tmp_path)
    np.testing.assert_array_equal(ContentModel.load(tmp_path).vector(LIKE), model.vector(LIKE))


def test_a_vector_is_the_same_on_every_machine():
    vector = ContentModel().vector(Title(title_id="a", name="Heat"))
    assert [round(float(value), 4) for value in vector[:4]] == [0.0166, -0.0166, 0.0166, 0.1162]


def test_matrix_of_missing_titles_is_zero():
    matrix = ContentModel().matrix([None, CRIME])
    assert not matrix[0].any()
    assert matrix[1].any()
