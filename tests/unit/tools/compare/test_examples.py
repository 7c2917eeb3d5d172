"""Examples are collected from a folder of class folders."""

import numpy as np
import pytest

from domain.arrays import Rgb
from domain.errors import InvalidImage, InvalidRequest
from services.progress import Progress
from tools.categorize.types import FolderListing, PhotoFile
from tools.compare.examples import LabelledFolder, LazyImages, collect_files


def listing(*paths: str) -> FolderListing:
    return FolderListing(tuple(PhotoFile(path, 1, 0) for path in sorted(paths)), passed_over={".txt": 3})


def read(file: PhotoFile) -> Rgb:
    if "broken" in file.path:
        raise InvalidImage("expected a JPEG file, got half of one")
    if "secret" in file.path:
        raise PermissionError(13, "Permission denied")
    return np.full((2, 2, 3), len(file.path), np.uint8)


def collected(*paths: str, limit: int | None = None) -> LabelledFolder:
    return collect_files(listing(*paths), read, limit, 0, Progress())


def test_classes_are_folders_and_underscores_blanks() -> None:
    found = collected("sea_horse/1.jpg", "sea_horse/deep/2.jpg", "ant/1.jpg", "ant/2.jpg", "loose.jpg")
    assert found.examples.class_names == ("ant", "sea horse")
    assert found.examples.targets.tolist() == [0, 0, 1, 1]
    assert found.ignored == 4


def test_what_cannot_be_read_is_listed_and_left_out() -> None:
    found = collected("a/1.jpg", "a/2.jpg", "a/broken.jpg", "b/1.jpg", "b/2.jpg", "b/secret.jpg")
    assert [(it.path, it.reason) for it in found.problems] == [
        ("a/broken.jpg", "expected a JPEG file, got half of one"),
        ("b/secret.jpg", "could not be read: Permission denied"),
    ]
    assert len(found.examples.files) == 4


def test_a_limit_draws_the_same_each_time() -> None:
    paths = [f"{name}/{number}.jpg" for name in "ab" for number in range(9)]
    first, again = (collected(*paths, limit=3).examples.files for _ in range(2))
    assert first == again
    assert len(first) == 6


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ((), "at least 2 class folders of photographs, got 0"),
        (("a/1.jpg", "a/2.jpg"), "got 1"),
        (("a_b/1.jpg", "a_b/2.jpg", "a b/1.jpg", "a b/2.jpg"), "differ in more than case and `_`"),
        (("Cat/1.jpg", "Cat/2.jpg", "cat/1.jpg", "cat/2.jpg"), "differ in more than case and `_`"),
        (
            ("a/1.jpg", "a/2.jpg", "b/1.jpg", "c/1.jpg", "c/broken.jpg"),
            r"at least 2 readable photographs in each class folder, got fewer in b \(1\), c \(1\)",
        ),
    ],
)
def test_what_cannot_be_compared(paths: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        collected(*paths)


def test_lazy_images_give_batches_in_order() -> None:
    images = LazyImages(collected("a/1", "a/22", "b/333", "b/4444", "b/55555").examples.files, read)
    assert len(images) == 5
    assert [[int(rgb[0, 0, 0]) for rgb in batch] for batch in images.batches(2)] == [[3, 4], [5, 6], [7]]
