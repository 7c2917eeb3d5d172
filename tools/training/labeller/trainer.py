"""Fits heads to examples, and computes cosines with labels by them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.labeller.dataset import Examples
from tools.training.labeller.export_image import imagenet_names
from tools.training.labeller.fit import Material, fit
from tools.training.labeller.heads import ImageHead, TextHead, bonus, weighted_cosines
from tools.training.labeller.names import LabelTexts, texts_of
from tools.training.labeller.scenes import Scenes
from tools.training.labeller.sentences import Sentences
from tools.training.labeller.vocabulary import TEMPLATE, EvaluationVocabulary

SOURCE_WEIGHT = {
    "coco_train": 2.0, "coco_train+jitter": 2.0, "coco_train+varied": 0.8, "coco_person": 0.7,
    "coco_person+jitter": 0.3, "coco_person+varied": 0.4, "voc2012_aug": 1.0, "voc2012_aug+varied": 0.5,
    "labelmefacade": 0.7, "caltech101": 0.5, "voc_stuff": 1.5, "flickr_stuff": 1.5, "coco_stuff": 3.0,
    "coco_stuff+varied": 0.8, "coco_segments": 1.0,
}  # fmt: skip
"""Relative frequency with which the examples of a source are drawn."""

RARITY = 0.4
"""Exponent of the number of examples of a label, by which the frequency is divided."""

SMALL_PART = 0.2
"""Least IoU of a part with its object at which it has the label of the object."""


class Trainer:
    """Fits heads to different examples with the same sentences, captions and scenes.

    Args:
        sentences: Encodes texts.
        classifier: ImageNet weight [1000, 1280] and bias [1000] of the trunk.
        captioned: Whole images with captions as their labels; each has the same number of captions.
        scenes: Features of whole images, among them those with captions.
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
        self._captioned = scenes.rows(captioned)[:, 0]
        captions = [text.lower() for joined in captioned.label.tolist() for text in joined.split("\n")]
        self._captions = sentences(captions).view(len(captioned), -1, self._imagenet.shape[1])

    def heads(self, examples: Examples, steps: int) -> tuple[ImageHead, TextHead]:
        """Return heads fitted in `steps` steps to the examples with a label."""
        shown = examples.take(labelled(examples))
        labels = LabelTexts(sorted(set(shown.label.tolist())), self._sentences)
        target = torch.tensor([labels.labels.index(label) for label in shown.label.tolist()])
        material = Material(
            torch.tensor(shown.features), self._scenes.rows(shown), target, draw_weight(shown, target),
            labels, self._scenes.features, self._captioned, self._captions, self._imagenet, self._classifier,
        )  # fmt: skip
        return fit(material, steps)

    def known(self, examples: Examples) -> Tensor:
        """Return sentence vectors [K, 384] of the labels that heads fitted to the examples know."""
        labels = sorted(set(examples.label[labelled(examples)].tolist()))
        return self._sentences([TEMPLATE.format(text) for label in labels for text in texts_of(label)])

    @torch.no_grad()
    def bonus(self, vocabulary: EvaluationVocabulary, known: Tensor) -> Tensor:
        """Return the novelty bonus of every text of the vocabulary, float32 [T]."""
        return bonus(self._sentences(vocabulary.prompts), known)[:, 0]

    @torch.no_grad()
    def cosines(
        self, heads: tuple[ImageHead, TextHead], examples: Examples, vocabulary: EvaluationVocabulary
    ) -> Tensor:
        """Return weighted cosines [N, L] of examples and labels."""
        image, text = heads
        plain = self._sentences(vocabulary.prompts)
        vectors = image.aligned(torch.tensor(examples.features), self._scenes.plain(examples))
        conse = torch.tensor(examples.conse)
        return vocabulary.best_text(weighted_cosines(vectors, conse, text.aligned(plain), plain))

    def unseen_cosines(
        self,
        examples: Examples,
        vocabularies: list[EvaluationVocabulary],
        rng: np.random.Generator,
        steps: int,
    ) -> Tensor:
        """Return weighted cosines [N, L] with the labels of all vocabularies side by side.

        They come from two pairs of heads, each fitted in `steps` steps to one half of the images and applied
        to the other half.
        """
        half = np.isin(examples.key, rng.permutation(np.unique(examples.key))[::2])
        cosines = torch.zeros(len(examples), sum(len(v.labels) for v in vocabularies))
        for part in (half, ~half):
            heads, rest = self.heads(examples.take(~part), steps), examples.take(part)
            cosines[torch.tensor(part)] = torch.cat([self.cosines(heads, rest, v) for v in vocabularies], 1)
        return cosines


def labelled(examples: Examples) -> NDArray[np.bool_]:
    """Return bool [N], true for examples that show enough of what their label says."""
    whole = np.isin(examples.kind, ["object", "stuff", "photo"])
    shown: NDArray[np.bool_] = whole | ((examples.kind == "part") & (examples.iou >= SMALL_PART))
    return shown


def draw_weight(examples: Examples, target: Tensor) -> Tensor:
    """Return the relative frequency with which each example is drawn, float32 [N].

    It depends on the source, and is higher where the target is rare.
    """
    weight = torch.tensor([SOURCE_WEIGHT[source] for source in examples.source.tolist()])
    return weight / torch.bincount(target)[target].pow(RARITY)
