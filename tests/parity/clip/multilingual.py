"""CLIP with an XLM-RoBERTa text tower as LAION published it, with random weights and a small vocabulary."""

from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer
from transformers import XLMRobertaConfig

ARCHITECTURE = "xlm-roberta-base-ViT-B-32"
TAG = "laion5b_s13b_b90k"

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""The first ids of XLM-RoBERTa, in order."""

CORPUS = (
    "a photo of a cat, a dog, a cup of coffee and something on a texture with a blurry background",
    "ein Foto von einer Katze, einem Hund und einer Tasse Kaffee",
    "une photo d'un chat, d'un chien et d'une tasse de café",
    "una foto de un gato, un perro y una taza de café",
    "фотография кошки, собаки и чашки кофе",
    "صورة قطة وكلب وفنجان قهوة",
    "一张猫和狗和一杯咖啡的照片",
    "猫と犬とコーヒーの写真",
    "고양이와 개와 커피 한 잔의 사진",
    "बिल्ली, कुत्ता और एक कप कॉफ़ी की तस्वीर",
)


def write_tokenizer(path: Path) -> None:
    """Write a tokenizer.json like XLM-RoBERTa's: unigrams after marked spaces, with start and end."""
    tokenizer = Tokenizer(Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", "always")]
    )
    tokenizer.decoder = decoders.Metaspace("▁", "always")
    trainer = UnigramTrainer(
        vocab_size=400, special_tokens=[*SPECIAL, "<mask>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    start, end = SPECIAL[0], SPECIAL[2]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}", special_tokens=[(start, 0), (end, 2)]
    )
    tokenizer.save(str(path))


def write_reference(directory: Path, **size: int) -> None:
    """Write what open_clip requests of transformers, so that nothing is downloaded.

    Args:
        directory: Gets config.json and tokenizer.json.
        size: Members of the configuration that differ from XLM-RoBERTa base.
    """
    write_tokenizer(directory / "tokenizer.json")
    words = Tokenizer.from_file(str(directory / "tokenizer.json")).get_vocab_size()
    base = {"max_position_embeddings": 514, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
    XLMRobertaConfig(**{"vocab_size": words, **base, **size}).save_pretrained(directory)


def build_reference(directory: Path) -> Any:
    """Return open_clip's own model, with transformers' text tower of what `write_reference` wrote."""
    config = open_clip.get_model_config(ARCHITECTURE)
    text = {**config["text_cfg"], "hf_model_name": str(directory), "hf_model_pretrained": False}
    return open_clip.CustomTextCLIP(config["embed_dim"], config["vision_cfg"], text).eval()


def write_checkpoint(directory: Path, path: Path) -> None:
    """Write random weights of the reference in `directory`, in the layout of the published file."""
    torch.manual_seed(0)
    model = build_reference(directory)
    with torch.no_grad():
        # Untrained towers give nearly equal vectors; these weights make them more sensitive.
        model.visual.conv1.weight.mul_(10)
        model.visual.transformer.resblocks[-1].attn.out_proj.weight.mul_(30)
        for layer in model.text.transformer.encoder.layer:
            layer.attention.self.query.weight.mul_(10)
            layer.attention.self.value.weight.mul_(10)
        model.logit_scale.fill_(np.log(100))
    # transformers stored these numbers among the weights when LAION saved the file.
    numbers = {"text.transformer.embeddings.position_ids": torch.arange(514)[None]}
    torch.save({**model.state_dict(), **numbers}, path)
