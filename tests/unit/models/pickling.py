"""Check that the arguments and results of the port `Decoder` are plain data."""

import pickle

import numpy as np

from domain.arrays import Rgb
from domain.masks import Candidates, Embedding, Prompt
from domain.ports.models import Segmenter


def assert_decoding_survives_pickling(segmenter: Segmenter, rgb: Rgb) -> None:
    """Decode here, and from pickled arguments to a pickled result, and compare the arrays."""
    height, width = rgb.shape[:2]
    box = Prompt(np.empty((0, 2)), np.empty(0, np.int64), np.array([2.0, 2.0, width / 2, height / 2]))
    embedding, prompts = segmenter.encode(rgb), [Prompt.point(width / 3, height / 2), box]
    here = segmenter.decode(embedding, prompts, 0.1)
    there: Embedding
    there, received = pickle.loads(pickle.dumps((embedding, prompts)))
    assert all(type(array) is np.ndarray and not array.flags.writeable for array in there.arrays.values())
    answer: Candidates = pickle.loads(pickle.dumps(segmenter.decode(there, received, 0.1)))
    for name in ("logits", "prompt_index", "quality", "stability"):
        assert getattr(answer, name).dtype == getattr(here, name).dtype
        assert np.array_equal(getattr(answer, name), getattr(here, name))
