"""What training and serving of models may be told."""

from __future__ import annotations

from typing import Annotated

import msgspec

from frontrow.models.sequence.settings import SequenceSettings


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the models room. One set serves every horizon and catalogue; blends are learned, not set."""

    max_bytes: Annotated[
        int,
        msgspec.Meta(
            ge=1_000_000,
            extra_json_schema={
                "description": "Bytes that fitting one dense linear model may hold, all copies counted. Where the "
                "titles do not fit, the most watched take part; the others are covered by the other sources."
            },
        ),
    ] = 500_000_000
    linear_regularization: Annotated[
        float,
        msgspec.Meta(
            gt=0, le=1e9, extra_json_schema={"description": "Ridge of the liked-together model (EASE), in viewers."}
        ),
    ] = 1000.0
    watched_regularization: Annotated[
        float,
        msgspec.Meta(
            gt=0, le=1e9, extra_json_schema={"description": "Ridge of the watched-together model, in viewers."}
        ),
    ] = 300.0
    follow_regularization: Annotated[
        float,
        msgspec.Meta(gt=0, le=1e9, extra_json_schema={"description": "Ridge of the what-follows model, in moments."}),
    ] = 150.0
    follow_decay: Annotated[
        float,
        msgspec.Meta(
            gt=0,
            lt=1,
            extra_json_schema={"description": "What-follows: each step back in the history counts this much less."},
        ),
    ] = 0.8
    follow_ahead: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            lt=1,
            extra_json_schema={"description": "What-follows: each step further ahead is worth this much less to hit."},
        ),
    ] = 0.5
    max_moments: Annotated[
        int,
        msgspec.Meta(ge=1, extra_json_schema={"description": "What-follows: at most this many moments, the latest."}),
    ] = 3_000_000
    transition_neighbours: Annotated[
        int,
        msgspec.Meta(ge=1, le=1000, extra_json_schema={"description": "Transitions kept for each title."}),
    ] = 100
    context_pairs: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            extra_json_schema={
                "description": "What suits a moment (hour, weekday, device) is learned from at most so many pairs of "
                "plays, the latest; 0: pages do not follow the moment."
            },
        ),
    ] = 400_000
    context_fields: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            extra_json_schema={
                "description": "Fields of `context` that may be learned from: those that requests say too. "
                '"*": any; []: pages follow the hour, the weekday and the device alone.'
            },
        ),
    ] = ("*",)
    max_history: Annotated[
        int,
        msgspec.Meta(
            ge=1, le=5000, extra_json_schema={"description": "Latest interactions that are read of a viewer."}
        ),
    ] = 500
    validation_viewers: Annotated[
        int,
        msgspec.Meta(ge=10, extra_json_schema={"description": "Viewers asked, for each horizon, to learn its blend."}),
    ] = 1_500
    ranker: Annotated[
        bool,
        msgspec.Meta(extra_json_schema={"description": "Learn a ranker that orders the best of the blend anew."}),
    ] = True
    keep_versions: Annotated[
        int,
        msgspec.Meta(ge=1, extra_json_schema={"description": "Published versions kept, the current one included."}),
    ] = 3
    sequence: SequenceSettings = SequenceSettings()
