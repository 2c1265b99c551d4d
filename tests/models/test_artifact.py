"""Publishing: checked, at once, never half; a broken version is refused and the old one stays."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from frontrow.core.errors import FrontrowError
from frontrow.core.horizon import NEXT
from frontrow.models.artifact import UNREADABLE, Artifact, current_version, publish, published
from frontrow.models.content import ContentModel
from frontrow.models.dense import TitleMatrix
from frontrow.models.learning.train import fit_models
from frontrow.models.models import Models
from frontrow.models.names import FEATURES
from frontrow.models.query import Query
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings
from worlds import START, training, world

INSIDE = world()
DATA = training(INSIDE, 30)
MODELS = fit_models(DATA).models
CANARY = Query(INSIDE.title[:5], INSIDE.at[:5], INSIDE.weight[:5], DATA.until)
STATED = {"until": DATA.until, "seed": 0, "quick": False, "counts": {"titles": 30}, "validation": {"next": 0.5}}


def put(folder: Path, models: Models = MODELS, at: int = START) -> str:
    return publish(folder, models, STATED, at, [CANARY])


def spoilt(value: float) -> Models:
    weights = MODELS.linear.weights.copy()
    weights[2, 3] = value
    return replace(MODELS, linear=TitleMatrix(MODELS.linear.titles, MODELS.linear.place, weights))


def test_what_is_published_is_read_back(tmp_path):
    version = put(tmp_path)
    artifact = Artifact.load(tmp_path)
    assert artifact.version == version == current_version(tmp_path) == artifact.models.version
    assert artifact.manifest.until == DATA.until
    np.testing.assert_array_equal(artifact.models.follow.weights, MODELS.follow.weights)
    np.testing.assert_allclose(artifact.models.blend.weights(NEXT), MODELS.blend.weights(NEXT))
    assert [each["current"] for each in published(tmp_path)] == [True]


def test_a_sequence_model_is_published_and_read_back(tmp_path):
    small = SequenceSettings(epochs=1, least_interactions=0, dimension=16, context=16, rows=8, negatives=20)
    models = fit_models(DATA, ModelSettings(sequence=small)).models
    put(tmp_path, models)
    found = Artifact.load(tmp_path).models.sequence
    np.testing.assert_array_equal(
        found.score(CANARY, DATA.content, 30), models.sequence.score(CANARY, DATA.content, 30)
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_model_with_values_that_are_not_finite_is_refused(tmp_path, value):
    version = put(tmp_path)
    with pytest.raises(FrontrowError, match="1 values that are not finite"):
        put(tmp_path, spoilt(value), START + 10**6)
    assert current_version(tmp_path) == version
    assert [each["version"] for each in published(tmp_path)] == [version]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([version, "current"])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_part_is_forgotten(tmp_path, value):
    blend, weights = MODELS.blend, np.full(len(FEATURES), value, np.float32)
    spoilt = {
        "blend by_horizon session": replace(
            MODELS, blend=replace(blend, by_horizon=blend.by_horizon | {"session": weights})
        ),
        "blend newcomers session 1": replace(MODELS, blend=replace(blend, newcomers={"session": {1: weights}})),
        "blend unseen": replace(MODELS, blend=replace(blend, unseen=weights)),
        "blend levels 0": replace(MODELS, blend=replace(blend, levels=(float(value), 0.0))),
        "content rarity": replace(MODELS, content=ContentModel({1: float(value)})),
        "content default": replace(MODELS, content=ContentModel({}, float(value))),
        "context strength 1": replace(MODELS, context=replace(MODELS.context, strength=(1.0, float(value)))),
        "succession usual": replace(MODELS, succession=replace(MODELS.succession, usual=float(value))),
    }
    for name, models in spoilt.items():
        with pytest.raises(
            FrontrowError, match=rf"the new model is refused: {name} holds \d+ values that are not finite"
        ):
            put(tmp_path, models)
    assert current_version(tmp_path) is None


def test_somebody_whose_titles_nobody_else_watched_stops_no_publication(tmp_path):
    alone = Query(np.array([29], np.int32), INSIDE.at[:1], INSIDE.weight[:1], DATA.until)
    unmet = replace(MODELS, linear=without(MODELS.linear, 29), watched=without(MODELS.watched, 29),
                    follow=without(MODELS.follow, 29), transitions=replace(MODELS.transitions, follower=np.full_like(
                        MODELS.transitions.follower, -1)))  # fmt: skip
    assert publish(tmp_path, unmet, STATED, START, [alone, CANARY])
    assert publish(tmp_path, unmet, STATED, START, [alone])


def without(model: TitleMatrix, title: int) -> TitleMatrix:
    kept = model.titles != title
    return TitleMatrix.of(model.titles[kept], 30, model.weights[np.ix_(kept, kept)])


def test_a_model_that_says_the_same_of_all_titles_is_refused(tmp_path):
    def flat(model: TitleMatrix) -> TitleMatrix:
        return TitleMatrix(model.titles, model.place, np.zeros_like(model.weights))

    transitions = replace(MODELS.transitions, strength=np.zeros_like(MODELS.transitions.strength))
    models = replace(
        MODELS, linear=flat(MODELS.linear), watched=flat(MODELS.watched), follow=flat(MODELS.follow),
        transitions=transitions,
    )  # fmt: skip
    with pytest.raises(FrontrowError, match="same score"):
        put(tmp_path, models)
    assert current_version(tmp_path) is None


def test_a_changed_missing_or_foreign_file_is_noticed(tmp_path):
    version = put(tmp_path)
    path = tmp_path / version / "follow" / "weights.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:-4] + b"\0\0\0\1")
    with pytest.raises(FrontrowError, match="is not what was published"):
        Artifact.load(tmp_path)
    path.unlink()
    with pytest.raises(FrontrowError, match="is missing"):
        Artifact.load(tmp_path)
    manifest = tmp_path / version / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"format": 1', b'"format": 99'))
    with pytest.raises(FrontrowError, match="format 99"):
        Artifact.load(tmp_path)
    manifest.write_text("{")
    with pytest.raises(FrontrowError, match="manifest"):
        Artifact.load(tmp_path)


def test_without_a_publication_there_is_none(tmp_path):
    assert current_version(tmp_path / "models") is None
    with pytest.raises(FrontrowError, match="no published model"):
        Artifact.load(tmp_path / "models")


@pytest.mark.parametrize("text", ["", "../elsewhere", "\xff", "a\0b"])
def test_a_spoilt_pointer_is_refused_not_taken_for_none(tmp_path, text):
    put(tmp_path)
    (tmp_path / "current").write_text(text, "latin-1")
    assert current_version(tmp_path) == UNREADABLE
    with pytest.raises(FrontrowError, match=UNREADABLE):
        Artifact.load(tmp_path)


def test_old_versions_go_but_the_current_stays(tmp_path):
    versions = [put(tmp_path, at=START + second * 10**6) for second in range(5)]
    assert [each["version"] for each in published(tmp_path)] == versions[:1:-1]
    assert Artifact.load(tmp_path).version == versions[-1]


def test_a_version_made_in_the_same_second_gets_another_name(tmp_path):
    assert put(tmp_path) != put(tmp_path)


def test_a_killed_publication_leaves_nothing_visible_and_is_cleared(tmp_path):
    version = put(tmp_path)
    left = tmp_path / f"20990101T000000-001.unfinished.{_dead_process()}"
    left.mkdir()
    (left / "manifest.json").write_text("{}")
    assert Artifact.load(tmp_path).version == version
    put(tmp_path)
    assert not left.exists()


def test_a_mapped_version_survives_its_removal(tmp_path):
    artifact = None
    for second in range(5):
        put(tmp_path, at=START + second * 10**6)
        artifact = artifact or Artifact.load(tmp_path)
    assert artifact is not None
    np.testing.assert_array_equal(artifact.models.linear.weights, MODELS.linear.weights)


def _dead_process() -> int:
    child = subprocess.Popen(["/bin/true"])
    child.wait()
    return child.pid
