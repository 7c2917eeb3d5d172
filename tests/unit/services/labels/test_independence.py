"""A region is labelled alike, to the last bit, whatever the other regions of its request are."""

import numpy as np
import pytest

from services.labels.few_shot import FewShotHead
from services.labels.vectors import LabelVectors


@pytest.mark.parametrize(("dims", "labels"), [(3, 2), (64, 55), (514, 80)])
def test_rows_do_not_depend_on_their_number(dims: int, labels: int) -> None:
    random = np.random.default_rng(dims)
    texts, regions = (random.standard_normal((count, dims), np.float32) for count in (labels, 100))
    known = LabelVectors(texts, np.arange(labels))
    head = FewShotHead(random.standard_normal((labels, dims), np.float32), np.arange(labels))
    for count in (1, 2, 3, 7, 16, 64, 100):
        first = regions[:count]
        assert np.array_equal(known.similarities(first), known.similarities(regions)[:count])
        assert np.array_equal(head.added_logits(first, labels), head.added_logits(regions, labels)[:count])
