"""The baseline for content: titles as words weighted by rarity (TF-IDF; Salton & Buckley 1988), likeness by cosine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.sparse

from frontrow.catalog.title import Title, may_stand_in_rows

_WORD = re.compile(r"\w{2,}")


def tf_idf(titles: Sequence[Title | None]) -> scipy.sparse.csr_matrix:
    """float32[len(titles), words]: rows of length 1, or 0 where nothing is known, and of episodes, which are no
    candidates: their words would make those of long series common.

    Words are those of name and synopsis; every genre, tag and person is a word of its own. A word counts
    1 + log(times), times log((1 + titles) / (1 + titles with it)) + 1.
    """
    column: dict[str, int] = {}
    rows, columns, counts = [], [], []
    for row, title in enumerate(titles):
        for word, count in _words(title).items():
            rows.append(row)
            columns.append(column.setdefault(word, len(column)))
            counts.append(1 + np.log(count))
    shape, counted = (len(titles), max(len(column), 1)), sum(map(may_stand_in_rows, titles))
    table = scipy.sparse.csr_matrix((np.array(counts, np.float32), (rows, columns)), shape=shape)
    with_it = np.bincount(table.indices, minlength=shape[1])
    rarity = np.log((1 + counted) / (1 + with_it)) + 1
    table = table.multiply(rarity[None]).tocsr()
    length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    return scipy.sparse.csr_matrix(table.multiply(scale[:, None]), dtype=np.float32)


def _words(title: Title | None) -> Counter[str]:
    if not may_stand_in_rows(title):
        return Counter()
    words = _WORD.findall(f"{title.name} {title.synopsis or ''}".casefold())
    whole = [*title.genres, *title.tags, *(person.name for person in title.people)]
    return Counter([*words, *(each.casefold() for each in whole)])
