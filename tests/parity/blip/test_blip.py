"""Tests that BLIP behind our port equals transformers' own implementation."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from skimage import data
from transformers import BertTokenizer, BlipForConditionalGeneration
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

from domain.arrays import Rgb
from models.blip.captioner import BlipCaptioner, WordPieceDecoder, preprocess_for_blip
from models.blip.torch import MAX_LENGTH_TOKENS, MIN_LENGTH_TOKENS, NUM_BEAMS, TorchBlip, build_blip
from models.store.verify import file_sha256
from tests.parity.blip.checkpoints import (
    LAYERS,
    NAMES,
    PUBLISHED_LAYERS,
    published_config,
    random_weights,
    shapes,
    vocabulary,
)
from tests.parity.installation import Installation, serving

PUBLISHED_BYTES = 989_820_849
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
MODEL = "blip-base"


@pytest.fixture(scope="module", params=["coffee", "astronaut"])
def photograph(request: pytest.FixtureRequest) -> Rgb:
    return np.ascontiguousarray(getattr(data, request.param)())


def test_pixels_are_those_of_transformers(photograph: Rgb) -> None:
    processor = BlipImageProcessorPil()
    theirs = processor(photograph, return_tensors="np")["pixel_values"]
    np.testing.assert_allclose(preprocess_for_blip(photograph, 384), theirs, rtol=0, atol=1e-5)


def test_the_sentences_are_those_of_transformers(
    photograph: Rgb,
    network: TorchBlip,
    captioner: BlipCaptioner,
    reference: BlipForConditionalGeneration,
    published: Path,
) -> None:
    found: Any = reference.generate(
        torch.from_numpy(BlipImageProcessorPil()(photograph, return_tensors="np")["pixel_values"]),
        num_beams=NUM_BEAMS,
        num_return_sequences=2,
        max_length=MAX_LENGTH_TOKENS,
        min_length=MIN_LENGTH_TOKENS,
        return_dict_in_generate=True,
        output_scores=True,
    )
    ours = network.generate(preprocess_for_blip(photograph, network.side), 2)
    assert [ids for ids, _ in ours] == found.sequences.tolist()
    np.testing.assert_allclose([score for _, score in ours], found.sequences_scores, atol=1e-4)
    tokenizer = BertTokenizer.from_pretrained(published, local_files_only=True)
    texts = [
        tokenizer.decode(
            [token for token in row if token < 30522],
            skip_special_tokens=True,
            clean_up_tokenization_spaces=True,
        )
        for row in found.sequences
    ]
    captions = captioner.caption(photograph, 2)
    assert [one.text for one in captions] == texts
    assert all(len(one.text.split()) >= 2 for one in captions)
    assert [one.confidence for one in captions] == pytest.approx([math.exp(score) for _, score in ours])
    assert captions[0].score >= captions[1].score


def test_two_photographs_get_two_sentences(captioner: BlipCaptioner) -> None:
    texts = {
        captioner.caption(np.ascontiguousarray(picture), 1)[0].text
        for picture in (data.coffee(), data.chelsea())
    }
    assert len(texts) == 2
    assert len(captioner.caption(np.ascontiguousarray(data.coffee()), 20)) == NUM_BEAMS


def test_the_vocabulary_is_the_published_one(files: Path) -> None:
    assert file_sha256(files / NAMES["vocabulary"]) == VOCABULARY_SHA256
    words = WordPieceDecoder(vocabulary().split("\n")[:-1])
    ids = [
        30522,
        *(vocabulary().split("\n").index(piece) for piece in ("a", "dog", "##s", "[SEP]", "'", "s")),
    ]
    assert words.text(ids) == "a dogs's"


def test_the_whole_network_is_as_large_as_the_published_file() -> None:
    content = 4 * sum(math.prod(shape) for shape in shapes(PUBLISHED_LAYERS).values())
    assert content < PUBLISHED_BYTES < 1.0001 * content


@pytest.mark.parametrize("harm", ["missing", "unknown", "other shape", "no tensors"])
def test_another_checkpoint_is_refused(files: Path, tmp_path: Path, harm: str) -> None:
    weights: dict[str, object] = dict(random_weights())
    if harm == "missing":
        del weights["vision_model.post_layernorm.bias"]
    if harm == "unknown":
        weights["vision_model.register_tokens"] = torch.zeros(1, 4, 768)
    if harm == "other shape":
        weights["vision_model.post_layernorm.bias"] = torch.zeros(512)
    path = tmp_path / "other.bin"
    torch.save({"model": weights} if harm == "no tensors" else weights, path)
    no_tensors = "expected a dictionary of tensors by name"
    problem = no_tensors if harm == "no tensors" else "1 tensors are missing, not known"
    with pytest.raises(ValueError, match=problem):
        build_blip(files / NAMES["config"], path, torch.device("cpu"))


def test_from_a_hub_to_a_caption(files: Path, tmp_path: Path) -> None:
    with serving(files) as hub:
        user = Installation.of(tmp_path, "embedded", hub.manifest([MODEL]))
        user.settings["captioner"] = MODEL
        before = user.command("caption", "examples/cat.jpg")
        assert before.returncode == 1
        assert f"python cli.py models pull {MODEL}" in before.stderr
        assert user.command("models", "pull", MODEL).returncode == 0
    verified = user.command("models", "verify", MODEL)
    assert (verified.returncode, verified.stdout.count("is right")) == (0, 3)
    out = tmp_path / "answer.json"
    run = user.command("caption", "examples/cat.jpg", "--candidates", "2", "--json", str(out), offline="true")
    assert run.returncode == 0, run.stderr
    answer = json.loads(out.read_text(encoding="utf-8"))
    assert answer["method"] == "generated"
    assert set(answer["models"]) == {"captioner"}
    assert answer["models"]["captioner"]["name"] == MODEL
    assert answer["caption"] == answer["candidates"][0]["caption"]
    assert len(answer["candidates"]) == 2


def test_the_reduced_network_differs_in_its_layers_only() -> None:
    whole, ours = published_config(PUBLISHED_LAYERS), published_config(LAYERS)
    for half in ("text_config", "vision_config"):
        assert {name for name in whole[half] if whole[half][name] != ours[half][name]} == {
            "num_hidden_layers"
        }
