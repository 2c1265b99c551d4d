"""What the sequence model may be told."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec


def _said(text: str, **bounds: Any) -> msgspec.Meta:
    return msgspec.Meta(extra_json_schema={"description": text}, **bounds)


class SequenceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of `models/sequence/`: one set for every service."""

    epochs: Annotated[
        int,
        _said(
            "Passes over all histories when the sequence model is trained. 0 leaves it out: training takes a minute a "
            "million interactions instead of twenty. It needs the training extra, pip install 'frontrow[train]'.",
            ge=0, le=1000,
        ),
    ] = 12  # fmt: skip
    least_interactions: Annotated[
        int, _said("Interactions from which it is trained; with fewer it finds little that the others do not.", ge=0)
    ] = 200_000
    dimension: Annotated[int, _said("Length of a title's vector; a multiple of heads.", ge=8, le=1024)] = 128
    blocks: Annotated[int, _said("Blocks of the transformer.", ge=1, le=12)] = 2
    heads: Annotated[int, _said("Heads of its attention.", ge=1, le=16)] = 4
    widening: Annotated[int, _said("Width of a block's inner layer, in dimensions.", ge=1, le=8)] = 1
    context: Annotated[int, _said("Latest interactions of a viewer that are read.", ge=2, le=2000)] = 100
    rows: Annotated[int, _said("Rows of `context` interactions in a training step.", ge=1, le=4096)] = 32
    negatives: Annotated[
        int, _said("Titles drawn in each step that the watched one is to be told from.", ge=1, le=100_000)
    ] = 384
    sampling_power: Annotated[
        float, _said("They are drawn by how often they were watched, to this power.", ge=0, le=1)
    ] = 0.75
    learning_rate: Annotated[float, _said("Highest step of AdamW.", gt=0, le=1)] = 3e-3
    weight_decay: Annotated[float, _said("Pull of AdamW towards 0.", ge=0, le=1)] = 0.01
    dropout: Annotated[float, _said("Share of values that training leaves out.", ge=0, lt=1)] = 0.2
    content_alone: Annotated[
        float, _said("Share of titles that a training step knows by their content alone, as new ones are.", ge=0, lt=1)
    ] = 0.05

    def __post_init__(self) -> None:
        if self.dimension % self.heads:
            raise ValueError(f"dimension ({self.dimension}) must be a multiple of heads ({self.heads})")
