"""Training the sequence model: interrupted and taken up again, ended in time, and what it keeps to itself."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from frontrow.core.clock import DAY
from frontrow.core.random import stream
from frontrow.features.interactions import Interactions
from frontrow.models.sequence.checkpoint import clear
from frontrow.models.sequence.fit import fit_sequence
from frontrow.models.sequence.held import Held
from frontrow.models.sequence.model import SequenceModel
from frontrow.models.sequence.rows import Histories
from frontrow.models.sequence.settings import SequenceSettings

TITLES = 30
SETTINGS = SequenceSettings(epochs=4, dimension=16, context=16, rows=4, negatives=TITLES, learning_rate=1e-2)
CONTENT = stream(1, "content").normal(size=(TITLES + 1, 128)).astype(np.float32) / 11


def chance(viewers: int = 240, plays: int = 20, seed: int = 0) -> Interactions:
    """Nothing follows from anything."""
    title = stream(seed, "chance").integers(TITLES, size=viewers * plays).astype(np.int32)
    at = np.tile(np.arange(plays, dtype=np.int64) * DAY, viewers)
    none = np.full(len(title), -1, np.int16)
    profile = np.repeat(np.arange(viewers, dtype=np.int64), plays)
    return Interactions(profile, title, at, np.ones(len(title), np.float32), none, none, none.astype(np.int8), ())


class Interrupt(Exception):
    """As if somebody pressed Ctrl-C."""


def interrupt_in(epoch: int):
    def told(share: float, text: str) -> None:
        if f"epoch {epoch} of" in text:
            raise Interrupt

    return told


def same(first: SequenceModel, second: SequenceModel) -> bool:
    arrays = [(first.vectors, second.vectors), (first.bias, second.bias)]
    arrays += [(first.weights[name], second.weights[name]) for name in first.weights]
    return all(one.tobytes() == other.tobytes() for one, other in arrays)


@pytest.fixture(scope="module")
def whole() -> SequenceModel:
    return fit_sequence(chance(), CONTENT, SETTINGS, seed=2)


@pytest.mark.parametrize("epoch", [1, 3])
def test_interrupted_and_taken_up_it_gives_the_same_model(tmp_path, whole, epoch):
    with pytest.raises(Interrupt):
        fit_sequence(chance(), CONTENT, SETTINGS, 2, interrupt_in(epoch), unfinished=tmp_path)
    told = []
    again = fit_sequence(chance(), CONTENT, SETTINGS, 2, lambda share, text: told.append(text), unfinished=tmp_path)
    assert same(again, whole)
    epochs = {text.split()[2] for text in told if " epoch " in text}
    assert epochs == {str(number) for number in range(epoch, SETTINGS.epochs + 1)}
    assert [text for text in told if "before" in text] == (
        [f"sequences: {epoch - 1} of {SETTINGS.epochs} epochs were done before"] if epoch > 1 else []
    )
    done = []
    assert same(
        fit_sequence(chance(), CONTENT, SETTINGS, 2, lambda *told: done.append(told), unfinished=tmp_path), whole
    )
    assert [text for _, text in done if " epoch " in text] == []  # what was finished is not trained again
    assert len(done) == 1
    clear(tmp_path)
    assert not tmp_path.exists()


@pytest.mark.parametrize("change", ["seed", "settings", "log", "content"])
def test_what_another_training_left_is_not_taken_up(tmp_path, change):
    first = (chance(), CONTENT, SETTINGS, 2)
    fit_sequence(*first, unfinished=tmp_path)
    other = {
        "seed": (*first[:3], 3),
        "settings": (*first[:2], msgspec.structs.replace(SETTINGS, dropout=0.1), 2),
        "log": (chance(viewers=239), *first[1:]),
        "content": (first[0], CONTENT * 2, *first[2:]),
    }[change]
    assert same(fit_sequence(*other, unfinished=tmp_path), fit_sequence(*other))


@pytest.mark.parametrize("damage", [b"", b"PK nothing", "cut"])
def test_what_cannot_be_read_is_trained_anew(tmp_path, whole, damage):
    with pytest.raises(Interrupt):
        fit_sequence(chance(), CONTENT, SETTINGS, 2, interrupt_in(3), unfinished=tmp_path)
    (left,) = tmp_path.iterdir()
    left.write_bytes(left.read_bytes()[:-300] if damage == "cut" else damage)
    assert same(fit_sequence(chance(), CONTENT, SETTINGS, 2, unfinished=tmp_path), whole)


def test_it_ends_where_nothing_better_is_found():
    """In a log of pure chance every epoch after the first few only learns it by heart."""
    epochs = set()
    many = msgspec.structs.replace(SETTINGS, epochs=60)
    fit_sequence(chance(), CONTENT, many, 0, lambda share, text: epochs.add(int(text.split()[2])))
    assert max(epochs) < 40


def test_what_is_held_out_is_neither_read_nor_asked():
    log = chance()
    held = Held(Histories(log, np.zeros(len(log), np.int32)), SETTINGS.context, 2)
    assert len(held) == 24
    title = log.title.copy()
    title[held.places] = TITLES  # which nobody else watched
    one = msgspec.structs.replace(SETTINGS, epochs=1)
    assert same(fit_sequence(log, CONTENT, one, 2), fit_sequence(replace(log, title=title), CONTENT, one, 2))


def test_few_viewers_are_all_learned_from():
    log = chance(viewers=40)
    assert len(Held(Histories(log, np.zeros(len(log), np.int32)), SETTINGS.context, 2)) == 0
