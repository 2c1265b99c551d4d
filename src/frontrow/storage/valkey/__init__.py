"""State that several servers share, in Valkey (docs/adr/0016).

`scripts` is all that is ever run there; `link` calls it, within bounds; `publisher` and `courier` are the side of the
server that ingests, `reads` and what builds on it that of the servers that only read.
"""
