"""What a model says about itself."""

import hashlib
from dataclasses import dataclass
from typing import Literal

View = Literal["crop", "context", "blur", "twice", "attention"]
"""How a region can be shown to a labeller."""


@dataclass(frozen=True)
class ModelInfo:
    """Which model answered.

    Attributes:
        name: As in the manifest, e.g. "contour-lite0".
        sha256: Of its weight file; of the files' digests in order where there are several.
    """

    name: str
    sha256: str


@dataclass(frozen=True)
class SegmenterDefaults:
    """Values that suit one segmenter and not another.

    Attributes:
        quality_threshold: Grid candidates below it are dropped, 0..1.
        stability_threshold: Likewise for stability, 0..1.
        prompts_per_batch: How many prompts one `decode` call should get.
    """

    quality_threshold: float
    stability_threshold: float
    prompts_per_batch: int


@dataclass(frozen=True)
class TextPrompting:
    """How an encoder wants names written, and which view of a region suits it.

    Attributes:
        templates: Each with one "{}"; the vectors of all of them are averaged.
        view: Name of the default region view.
        batch_size: How many crops one `encode_images` call should get.
        single_threaded: Whether a call uses one core, so that a worker pool should make several at once.
        multilingual: Whether names are read in any language, so that none has to be put into English first.
    """

    templates: tuple[str, ...]
    view: View
    batch_size: int
    single_threaded: bool = False
    multilingual: bool = False

    def __post_init__(self) -> None:
        if not self.templates or any(t.count("{}") != 1 for t in self.templates):
            raise ValueError(f"expected templates with one {{}} each, got {self.templates}")


@dataclass(frozen=True)
class WeightFile:
    """One file of a model.

    Attributes:
        role: What the adapter uses it for, e.g. "edges".
        name: File name in the weights directory.
        bytes: Exact size; None where its publisher states none, and the hash alone proves it.
        sha256: Hex digest of its bytes.
        licence: SPDX identifier.
        origin: Where it comes from, in words.
        url: Where it can be fetched; None for files kept in the repository or in a package.
        package: The installed package, with its folder, that carries it, e.g. "rapidocr/models".
    """

    role: str
    name: str
    bytes: int | None
    sha256: str
    licence: str
    origin: str
    url: str | None = None
    package: str | None = None


@dataclass(frozen=True)
class ModelSpec:
    """One model of the manifest.

    Attributes:
        name: What answers call it.
        adapter: Key of the registry: which code runs it.
        files: Its files.
        architecture: Which network of that code, where it has several, e.g. "sam2.1_hiera_t", "ViT-B-32".
        tag: Which training of the architecture, e.g. "openai".
        languages: Of a text reader: the languages and scripts it is chosen by, in lower case.
        direction: Of a text reader: how its writing runs, left to right or right to left.
    """

    name: str
    adapter: str
    files: tuple[WeightFile, ...]
    architecture: str = ""
    tag: str = ""
    languages: tuple[str, ...] = ()
    direction: Literal["ltr", "rtl"] = "ltr"

    @property
    def info(self) -> ModelInfo:
        """Name and hash; of several files the hash of their digests in order."""
        digests = [file.sha256 for file in self.files]
        joined = hashlib.sha256("".join(digests).encode()).hexdigest()
        return ModelInfo(self.name, digests[0] if len(digests) == 1 else joined)

    def has(self, role: str) -> bool:
        """Whether the model has a file of that role."""
        return any(file.role == role for file in self.files)

    def file(self, role: str) -> WeightFile:
        """The file of that role.

        Raises:
            KeyError: The manifest gives the model none.
        """
        for file in self.files:
            if file.role == role:
                return file
        raise KeyError(f"model {self.name} has no file with role {role!r}")
