"""Experiments, stated and versioned; and the flags that apps read of them."""

from __future__ import annotations

import msgspec

from frontrow.api.preconditions import condition, tag
from frontrow.api.route import Call, Reply
from frontrow.experiments.design.design import Design
from frontrow.experiments.ofrep import Reply as FlagReply
from frontrow.experiments.ofrep import evaluate_flag, evaluate_flags, names_tag

JSON = "application/json"
_encode = msgspec.json.Encoder().encode


class Experiments(msgspec.Struct, gc=False):
    """All experiments, in order of id."""

    experiments: list[Design]


def list_experiments(call: Call) -> Experiments:
    """All of them."""
    return Experiments([design for _, design in call.service.register.all()])


def get_experiment(call: Call) -> Reply:
    """One, with its tag."""
    version, design = call.service.register.find(call.ids[0])
    etag = tag(version)
    if (known := call.headers.get("if-none-match")) is not None and names_tag(known, etag):
        return Reply(b"", "", {"ETag": etag}, 304)
    return Reply(_encode(design), JSON, {"ETag": etag})


def put_experiment(call: Call) -> Reply:
    """States, starts or stops one; in force on every worker when answered."""
    version, design = call.service.register.put(call.ids[0], call.asked, condition(call.headers))
    return Reply(_encode(design), JSON, {"ETag": tag(version)})


def delete_experiment(call: Call) -> Reply:
    """Removes one that does not run."""
    call.service.register.delete(call.ids[0], condition(call.headers))
    return Reply(b"", "")


def flag(call: Call) -> Reply:
    """One flag for one viewer."""
    return _reply(evaluate_flag(call.service.flags(), call.ids[0], call.asked))


def flags(call: Call) -> Reply:
    """All flags for one viewer."""
    return _reply(evaluate_flags(call.service.flags(), call.asked, call.headers.get("if-none-match")))


def _reply(found: FlagReply) -> Reply:
    headers = {} if found.etag is None else {"ETag": found.etag}
    return Reply(found.encode(), JSON if found.body is not None else "", headers, found.status)
