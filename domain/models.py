"""Facts about models: identity, defaults, weight files and specifications."""

import hashlib
from dataclasses import dataclass
from typing import Literal

View = Literal["crop", "context", "blur", "twice", "attention"]
"""View of a region that a labeller can be given."""


@dataclass(frozen=True)
class ModelInfo:
    """Identity of a model.

    Attributes:
        name: Name in the manifest, e.g. "contour-lite0".
        sha256: Digest of its weight file; with several files the digest of their digests in order.
    """

    name: str
    sha256: str


@dataclass(frozen=True)
class SegmenterDefaults:
    """Defaults that depend on the segmenter.

    Attributes:
        quality_threshold: Lowest predicted IoU of the candidates of a grid, 0..1.
        stability_threshold: Lowest stability score of the candidates of a grid, 0..1.
        prompts_per_batch: Number of prompts that one `decode` call should get.
    """

    quality_threshold: float
    stability_threshold: float
    prompts_per_batch: int


@dataclass(frozen=True)
class TextPrompting:
    """Templates of a dual encoder for labels, and the view of a region that suits it.

    Attributes:
        templates: Prompt templates with one "{}" each; the vectors of all of them are averaged.
        view: Default view of a region.
        batch_size: Number of crops that one `encode_images` call should get.
        single_threaded: Whether a call uses one core, so that a worker pool should make several calls at
            once.
        multilingual: Whether labels are read in any language, so that none has to be translated to English.
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
    """Weight file of a model.

    Attributes:
        role: Use of the file in the adapter, e.g. "edges".
        name: Name of the file in the weights directory.
        bytes: Exact size; None where the publisher states none and the hash alone proves the file.
        sha256: Hexadecimal digest of the bytes.
        licence: SPDX identifier of the licence.
        origin: Origin of the file in words.
        url: URL of the file; None for files kept in the repository or in a package.
        package: Installed package and folder that hold the file, e.g. "rapidocr/models".
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
    """Model of the manifest.

    Attributes:
        name: Name of the model in answers.
        adapter: Key of the model's code in the registry.
        files: Weight files.
        architecture: Network of that code, where it has several, e.g. "sam2.1_hiera_t", "ViT-B-32".
        tag: Training of the architecture, e.g. "openai".
        languages: Languages and scripts by which a text reader is chosen, in lower case.
        direction: Writing direction of a text reader, left to right or right to left.
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
        """Name and digest; with several files the digest of their digests in order."""
        digests = [file.sha256 for file in self.files]
        joined = hashlib.sha256("".join(digests).encode()).hexdigest()
        return ModelInfo(self.name, digests[0] if len(digests) == 1 else joined)

    def has(self, role: str) -> bool:
        """Return whether the model has a file of that role."""
        return any(file.role == role for file in self.files)

    def file(self, role: str) -> WeightFile:
        """Return the file of that role.

        Raises:
            KeyError: The manifest gives the model none.
        """
        for file in self.files:
            if file.role == role:
                return file
        raise KeyError(f"model {self.name} has no file with role {role!r}")
