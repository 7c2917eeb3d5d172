"""Defines every setting of the service once: type, default and help. Variables begin with SEGLABEL_."""

import difflib
import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
MIB = 1024 * 1024

FORM_OVERHEAD_BYTES = 64 * 1024
"""Bytes that a multipart form may need around its file."""


def _cpu_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """Settings are read from the environment and a .env file, and are validated at start-up."""

    model_config = SettingsConfigDict(
        env_prefix="SEGLABEL_", env_file=".env", env_parse_none_str="null", extra="forbid", frozen=True
    )

    profile: str = Field(
        "embedded", description="Profile of config/models.toml whose models the service loads."
    )
    weights_dir: Path = Field(
        ROOT / "models" / "weights", description="Directory of the weights that come with the repository."
    )
    checkpoint_dir: Path = Field(
        ROOT / "checkpoints",
        description="Directory of the checkpoints that `models pull` fetches and of the graphs that "
        "`models export` writes.",
    )
    manifest: Path = Field(
        ROOT / "config" / "models.toml",
        description="File that lists the models, their files and the profiles.",
    )
    text_language: str = Field(
        "default",
        description="Language or script in which text is read, e.g. `korean`, `ru` or `arabic`. `default` "
        "keeps the profile's own reader (Chinese, English, Japanese, Latin); `models pull` fetches others.",
    )
    captioner: str = Field(
        "composed",
        description="Method that writes captions. `composed` builds sentences by rules from what the other "
        "models find; `blip-base` generates them with a model (docs/models/blip.md).",
    )
    runtime: Literal["auto", "torch", "onnx"] = Field(
        "auto",
        description="Runtime of the published checkpoints. `auto` takes torch if there is a GPU, else the "
        "ONNX graphs if `models export` has written them, else torch.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Device on which torch computes.")
    offline: bool = Field(False, description="If true, `models pull` does not download anything.")
    data_dir: Path = Field(
        ROOT / "data",
        description="Directory of all that the service keeps, such as images, jobs and the search index.",
    )
    vocabulary_dir: Path = Field(
        ROOT / "config" / "labels", description="Directory of the built-in vocabularies, one NAME.txt each."
    )
    default_vocabulary: str = Field(
        "default",
        description="Vocabulary that is used when a request sends neither `labels` nor `vocabulary`.",
    )

    taught_bytes: int = Field(
        256 * MIB,
        ge=1024,
        description="Disk budget of all versions of the taught vocabularies with their examples. POST "
        "/vocabularies answers 413 when a new version would exceed it.",
    )
    policy_dir: Path = Field(
        ROOT / "config" / "policies", description="Directory of the moderation policies, one NAME.toml each."
    )
    default_policy: str = Field(
        "default", description="Policy that is used when a request to /moderate does not name one."
    )

    host: str = Field("127.0.0.1", description="Address on which the service listens.")
    port: int = Field(5000, ge=1, le=65535, description="Port on which the service listens.")
    processes: int = Field(
        1, ge=1, description="Number of gunicorn processes. Each of them loads the models once."
    )
    request_timeout_s: int = Field(
        300,
        ge=1,
        description="If a gunicorn worker sends no heartbeat for this many seconds, it is restarted.",
    )
    header_timeout_s: float = Field(
        10.0,
        gt=0,
        description="Seconds in which a client must send the headers of a request; it gets 408 afterwards. "
        "A connection without a request is closed after the same time.",
    )
    body_timeout_s: float = Field(
        600.0,
        gt=0,
        description="Seconds in which a client must send a whole request, and in which it must read a whole "
        "answer. An upload of 50 MiB takes 420 seconds at 1 Mbit/s.",
    )
    stall_timeout_s: float = Field(
        30.0,
        gt=0,
        description="Seconds without a byte after which a client that sends a body gets 408, and one that "
        "does not read its answer is disconnected.",
    )
    max_connections: int = Field(
        2000,
        ge=16,
        description="Number of connections of a process. Further clients wait until others leave or exceed "
        "a time limit.",
    )
    buffer_bytes: int = Field(
        2048 * MIB,
        ge=MIB,
        description="Budget of the bodies and the unread answers of a process; those of more than "
        "256 KiB are temporary files. Beyond it the largest unfinished request gets 503, or the largest "
        "unread answer is dropped.",
    )
    cors_origins: str = Field(
        "",
        description="Origins, separated by commas, from which browsers may call the service; `*` allows all.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Messages below this level are not logged."
    )

    max_upload_bytes: int = Field(
        50 * MIB, ge=1024, description="Largest size of an uploaded file, in bytes."
    )
    max_image_pixels: int = Field(
        50_000_000,
        ge=256,
        description="Largest number of pixels (width x height) of an image. It is checked before the image "
        "is decoded.",
    )
    image_ttl_s: float | None = Field(
        86_400.0,
        gt=0,
        description="Seconds for which an uploaded image is kept. `null` keeps images for ever.",
    )

    decode_workers: int = Field(
        default_factory=_cpu_cores,
        ge=1,
        description="Number of threads that decode batches of prompts. The default is the number of cores.",
    )
    model_threads: int = Field(
        default_factory=_cpu_cores,
        ge=1,
        description="Number of threads in one call of a network. The default is the number of cores.",
    )
    max_running: int = Field(
        default_factory=_cpu_cores,
        ge=1,
        description="Number of requests that compute at the same time. The default is the number of cores.",
    )
    max_waiting: int = Field(
        32,
        ge=16,
        description="Number of requests that may wait. Further ones are refused with 503 and Retry-After.",
    )
    embedding_cache_bytes: int = Field(
        64 * MIB,
        ge=0,
        description="Memory budget of the segmenter's image embeddings, which make a second prompt on the "
        "same image fast.",
    )
    result_cache_bytes: int = Field(
        64 * MIB,
        ge=0,
        description="Memory budget of regions, image vectors of the labeller and text, which later requests "
        "for the same image reuse.",
    )
    overlay_cache_bytes: int = Field(32 * MIB, ge=0, description="Memory budget of drawn overlays.")
    depth_cache_bytes: int = Field(64 * MIB, ge=0, description="Memory budget of depth maps.")
    text_cache_bytes: int = Field(16 * MIB, ge=0, description="Memory budget of encoded vocabularies.")
    head_cache_bytes: int = Field(
        64 * MIB,
        ge=0,
        description="Memory budget of the few-shot heads of taught vocabularies; each head is fitted once.",
    )
    text_store_bytes: int = Field(
        256 * MIB,
        ge=0,
        description="Disk budget of encoded labels, which outlive the process. With 0, nothing is kept.",
    )
    job_workers: int = Field(
        1,
        ge=1,
        description="Number of jobs that a process runs at once. Jobs take turns with waiting requests.",
    )
    max_queued_jobs: int = Field(
        64,
        ge=16,
        description="Number of jobs that may wait. Further ones are refused with 503 and Retry-After.",
    )
    job_ttl_s: float = Field(86_400.0, gt=0, description="Seconds for which a finished job is kept.")
    job_store_bytes: int = Field(
        512 * MIB,
        ge=1024,
        description="Disk budget of the answers of jobs. Beyond it the oldest finished jobs are deleted.",
    )
    job_lease_s: float = Field(
        15.0,
        gt=0,
        description="If a process sends no heartbeat for this many seconds, its jobs are queued again.",
    )
    max_event_streams: int = Field(
        16,
        ge=1,
        description="Number of clients that may follow jobs of one process by server-sent events at once.",
    )
    overlay_font: Path | None = Field(
        None,
        description="TrueType font of the labels on overlays and charts. The default is DejaVu Sans, which "
        "matplotlib contains.",
    )

    @property
    def max_body_bytes(self) -> int:
        """Largest body of a request: an uploaded file in a multipart form."""
        return self.max_upload_bytes + FORM_OVERHEAD_BYTES

    @property
    def threads(self) -> int:
        """Number of request threads of a process: running, waiting and watching ones, and 8 for the rest."""
        return self.max_running + self.max_waiting + self.max_event_streams + 8


def load_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        ValueError: A SEGLABEL_ variable names no setting, or a value is invalid.
    """
    known = {f"SEGLABEL_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith("SEGLABEL_") and name not in known:
            hint = difflib.get_close_matches(name, known, n=1)
            raise ValueError(f"{name} is not a setting" + (f"; did you mean {hint[0]}?" if hint else ""))
    return Settings()
