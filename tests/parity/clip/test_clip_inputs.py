"""What the networks are given equals what open_clip gives them: pixels to the last bit, token ids."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import open_clip
import pytest
from PIL import Image
from skimage import data

from models.clip.export import write_clip_tokenizer
from models.clip.meta import ClipMeta
from models.clip.preprocess import MAX_ASPECT_RATIO, preprocess_crop
from models.clip.tokenizer import ClipTokenizer
from models.clip.torch import OpenClipTokenizer

SIZES = [
    (224, 224),
    (1, 1),
    (2, 3),
    (300, 451),
    (451, 300),
    (223, 225),
    (1000, 640),
    (31, 224),
    (7, 100),
    (900, 60),
]
PLAIN = ClipMeta(
    224, open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD, "shortest", "bicubic", 100.0, 77
)
CONFIGURED = [
    PLAIN,
    replace(PLAIN, size=336),
    replace(PLAIN, size=256, resize_mode="squash", mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
    replace(PLAIN, size=256, interpolation="bilinear", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)),
]
TEXTS = [
    "a photo of a dog.",
    "DON'T they're I'll we've she'd I'm it's O'Neill's 's",
    "naïve café Ünïcödé e\u0301 é İstanbul STRASSE ß ΟΔΟΣ",
    "猫 ねこ قط बिल्ली кошка",
    "🙂 👩‍👩‍👧 🇩🇪",
    "🙂" * 100,
    "12 345 ½ ² 1,000.50",
    "!!! ... ?! #tag @you -- __init__ a_b-c+d=e; screen/monitor (tv)",
    "a&amp;b &lt;b&gt; &quot;x&quot; &amp;amp; &eacute;",
    "<b>bold &amp; x</b>",
    "“curly” ‘quotes’ ʼn",
    "ﬁne ﬂow Ĳssel ĳs ŉ Ǆ",
    "ＦＵＬＬ　ｗｉｄｔｈ！",
    "tab\tnew\nline\u00a0space\u200bzero \ufeffmark\x07bell",
    "",
    "   ",
    "word " * 200,
    "x" * 500,
]


@pytest.mark.parametrize("meta", CONFIGURED)
def test_pixels_are_equal_to_the_last_bit(meta: ClipMeta) -> None:
    transform = open_clip.image_transform(
        meta.size, False, meta.mean, meta.std, meta.resize_mode, meta.interpolation
    )
    source = Image.fromarray(data.astronaut())
    for height, width in SIZES:
        rgb = np.asarray(source.resize((width, height)))
        np.testing.assert_array_equal(preprocess_crop(rgb, meta), transform(Image.fromarray(rgb)).numpy())


@pytest.mark.parametrize("shape", [(5, 5 * MAX_ASPECT_RATIO + 40), (500, 9), (400, 3)])
def test_a_very_long_crop_is_equal_to_two_grey_levels(shape: tuple[int, int]) -> None:
    rgb = np.asarray(Image.fromarray(data.astronaut()).resize(shape[::-1]))
    expected = open_clip.image_transform(224, False)(Image.fromarray(rgb)).numpy()
    difference = np.abs(preprocess_crop(rgb, PLAIN) - expected)
    assert difference.max() < 2.5 / 255 / min(PLAIN.std)
    assert difference.mean() < 0.25 / 255 / min(PLAIN.std)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> ClipTokenizer:
    path: Path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    write_clip_tokenizer(path)
    return ClipTokenizer(path, 77)


def test_token_ids(tokenizer: ClipTokenizer) -> None:
    np.testing.assert_array_equal(tokenizer(TEXTS), OpenClipTokenizer(77)(TEXTS))


def test_token_ids_of_random_mixtures(tokenizer: ClipTokenizer) -> None:
    rng, reference = random.Random(0), OpenClipTokenizer(77)
    letters = "abc XYZ 'sdt 0129 .,!?-_/#&;<> éñ猫ねبк🙂’“ﬁＡ"
    texts = ["".join(rng.choices(letters, k=rng.randrange(60))) for _ in range(2_000)]
    np.testing.assert_array_equal(tokenizer(texts), reference(texts))
