"""The classifier: images of any kind, labels, probabilities, charts."""

import numpy as np
import pytest
from PIL import Image
from skimage import data

from config.settings import Settings
from services.classify.service import ZeroShotClassifier
from services.images.photo import photo_from_image
from services.progress import Progress
from services.vocabularies.parse import vocabulary_from_list
from tests.conftest import fake_services
from tools.benchmarks.damage import blurred, scaled


@pytest.fixture
def classifier(settings: Settings) -> ZeroShotClassifier:
    return fake_services(settings).classifier


def plain(red: int, green: int, blue: int) -> np.ndarray:  # type: ignore[type-arg]
    rgb = np.full((40, 60, 3), (red, green, blue), np.uint8)
    rgb[16:24, 26:34] = 0  # an image of one colour shows nothing
    return rgb


def test_one_picture_gives_one_answer_and_a_list_a_list(classifier: ZeroShotClassifier) -> None:
    names = ["red", "green"]
    one = classifier.classify(plain(250, 0, 0), names)
    assert one.label == "red"
    assert [score.label for score in one.scores] == names
    assert sum(score.confidence for score in one.scores) + one.unknown == pytest.approx(1)
    several = classifier.classify([plain(250, 0, 0), Image.fromarray(plain(0, 250, 0))], names, plot=True)
    assert [found.label for found in several] == ["red", "green"]
    assert all(found.plot and found.plot.startswith(b"\x89PNG") for found in several)
    assert classifier.classify([], names) == []


def test_default_names(classifier: ZeroShotClassifier) -> None:
    assert len(classifier.classify(plain(1, 2, 3)).scores) == 55


def test_images_of_all_kinds(classifier: ZeroShotClassifier) -> None:
    upside_down = Image.fromarray(plain(0, 250, 0))
    upside_down.getexif()[0x0112] = 6
    images = [plain(9, 9, 9)[..., 0], Image.new("RGBA", (30, 20), (250, 0, 0, 0)), upside_down]
    photos = [photo_from_image(image) for image in images]
    assert [(photo.width, photo.height) for photo in photos] == [(60, 40), (30, 20), (40, 60)]
    assert len(classifier.classify(images, ["red"])) == 3
    for wrong in (np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(ValueError, match="expected a PIL image"):
            classifier.classify(wrong, ["red"])


def test_a_prediction_has_probabilities_of_the_labels_and_the_reject_class(
    classifier: ZeroShotClassifier,
) -> None:
    vocabulary = vocabulary_from_list(["red", "blue"])
    photos = [photo_from_image(image) for image in (plain(250, 0, 0), plain(0, 0, 250))]
    rows = np.stack(
        [classifier.prediction(photo, vocabulary, False, Progress()).probabilities for photo in photos]
    )
    assert rows.shape == (2, 3)
    assert rows.sum(axis=1) == pytest.approx([1, 1])
    assert rows[:, :2].argmax(axis=1).tolist() == [0, 1]


def test_robust_sees_through_damage_and_leaves_the_plain_answer_as_it_was(settings: Settings) -> None:
    sharp, names = scaled(data.astronaut(), 256), ["red", "green", "blue"]
    soft = blurred(sharp, 4)
    one, other = fake_services(settings).classifier, fake_services(settings).classifier
    before = one.classify(soft, names)
    robust = other.classify(soft, names, robust=True)
    assert other.classify(soft, names) == before == one.classify(soft, names)
    assert before.quality is None
    assert robust.quality is not None
    assert robust.quality.blur == pytest.approx(4.1, rel=0.1)
    assert robust.scores != before.scores
    assert sum(score.confidence for score in robust.scores) + robust.unknown == pytest.approx(1)
    clean = other.classify([sharp], names, robust=True)[0]
    assert clean.scores == other.classify(sharp, names).scores
