"""Fits heads to any choice of examples, and scores labels with them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.labeller.dataset import Examples
from tools.training.labeller.export_image import imagenet_names
from tools.training.labeller.fit import STEPS, Material, fit
from tools.training.labeller.heads import ImageHead, TextHead, bonus, weighted_cosines
from tools.training.labeller.names import Names, texts_of
from tools.training.labeller.scenes import Scenes
from tools.training.labeller.sentences import Sentences
from tools.training.labeller.vocabulary import TEMPLATE, JudgedVocabulary

SOURCE_WEIGHT = {
    "coco_train": 2.0, "coco_train+jitter": 2.0, "coco_train+varied": 0.8, "coco_person": 0.7,
    "coco_person+jitter": 0.3, "coco_person+varied": 0.4, "voc2012_aug": 1.0, "voc2012_aug+varied": 0.5,
    "labelmefacade": 0.7, "caltech101": 0.5, "voc_stuff": 1.5, "flickr_stuff": 1.5, "coco_stuff": 3.0,
    "coco_stuff+varied": 0.8, "coco_segments": 1.0,
}  # fmt: skip
RARITY = 0.4
HALF_STEPS = 600
"""Of the fits to half of the photographs, whose heads are not kept."""
SMALL_PART = 0.2


class Trainer:
    """Everything that stays the same from one fit to the next.

    Args:
        sentences: The text tower.
        classifier: ImageNet weight [1000, 1280] and bias [1000] of the trunk.
        captioned: Whole photographs, their captions as names.
        scenes: Whole photographs, the captioned ones among them.
    """

    def __init__(
        self,
        sentences: Sentences,
        classifier: tuple[Tensor, Tensor],
        captioned: Examples,
        scenes: Scenes,
    ) -> None:
        self._sentences = sentences
        self._classifier = classifier
        self._scenes = scenes
        self._imagenet = sentences([TEMPLATE.format(name) for name in imagenet_names()])
        self._captioned = scenes.looks(captioned)[:, 0]
        captions = [text.lower() for name in captioned.name.tolist() for text in name.split("\n")]
        self._captions = sentences(captions).view(len(captioned), -1, self._imagenet.shape[1])

    def heads(self, examples: Examples, steps: int = STEPS) -> tuple[ImageHead, TextHead]:
        """Heads fitted to the named ones among the examples."""
        shown = examples.take(named(examples))
        names = Names(sorted(set(shown.name.tolist())), self._sentences)
        target = torch.tensor([names.names.index(name) for name in shown.name.tolist()])
        material = Material(
            torch.tensor(shown.features), self._scenes.looks(shown), target, draw_weight(shown, target),
            names, self._scenes.features, self._captioned, self._captions, self._imagenet, self._classifier,
        )  # fmt: skip
        return fit(material, steps)

    def known(self, examples: Examples) -> Tensor:
        """Sentence vectors [K, 384] of the names that heads fitted to the examples know."""
        names = sorted(set(examples.name[named(examples)].tolist()))
        return self._sentences([TEMPLATE.format(text) for name in names for text in texts_of(name)])

    @torch.no_grad()
    def bonus(self, vocabulary: JudgedVocabulary, known: Tensor) -> Tensor:
        """What every text of the vocabulary gets for being new, [T]."""
        return bonus(self._sentences(vocabulary.prompts), known)[:, 0]

    @torch.no_grad()
    def cosines(
        self, heads: tuple[ImageHead, TextHead], examples: Examples, vocabulary: JudgedVocabulary
    ) -> Tensor:
        """Weighted cosines [N, L] of examples and labels."""
        image, text = heads
        plain = self._sentences(vocabulary.prompts)
        vectors = image.aligned(torch.tensor(examples.features), self._scenes.plain(examples))
        conse = torch.tensor(examples.conse)
        return vocabulary.best_text(weighted_cosines(vectors, conse, text.aligned(plain), plain))

    def unseen_cosines(
        self, examples: Examples, vocabularies: list[JudgedVocabulary], rng: np.random.Generator
    ) -> Tensor:
        """The same for all vocabularies side by side, from heads fitted without the example's half."""
        half = np.isin(examples.photo, rng.permutation(np.unique(examples.photo))[::2])
        cosines = torch.zeros(len(examples), sum(len(v.labels) for v in vocabularies))
        for part in (half, ~half):
            heads, rest = self.heads(examples.take(~part), HALF_STEPS), examples.take(part)
            cosines[torch.tensor(part)] = torch.cat([self.cosines(heads, rest, v) for v in vocabularies], 1)
        return cosines


def named(examples: Examples) -> NDArray[np.bool_]:
    """Whether each example shows enough of what its name says."""
    whole = np.isin(examples.kind, ["object", "stuff", "photo"])
    shown: NDArray[np.bool_] = whole | ((examples.kind == "part") & (examples.iou >= SMALL_PART))
    return shown


def draw_weight(examples: Examples, target: Tensor) -> Tensor:
    """How often each example is drawn: by source, and more where its target is rare."""
    weight = torch.tensor([SOURCE_WEIGHT[source] for source in examples.source.tolist()])
    return weight / torch.bincount(target)[target].pow(RARITY)
