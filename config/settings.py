"""Every setting of the service, once: type, default and help. Environment prefix SEGLABEL_."""

import difflib
import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
MIB = 1024 * 1024


def _cpu_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """Read from the environment and a .env file; checked at start-up."""

    model_config = SettingsConfigDict(
        env_prefix="SEGLABEL_", env_file=".env", env_parse_none_str="null", extra="forbid", frozen=True
    )

    profile: str = Field("embedded", description="Which models answer: a profile of config/models.toml.")
    weights_dir: Path = Field(ROOT / "models" / "weights", description="Directory of the model files.")
    checkpoint_dir: Path = Field(
        ROOT / "checkpoints", description="Directory of what `models pull` fetches and `models export` makes."
    )
    manifest: Path = Field(
        ROOT / "config" / "models.toml", description="Which models and profiles there are."
    )
    text_language: str = Field(
        "default",
        description="Language or script that text is read in, e.g. `korean`, `ru`, `arabic`; `default`: what "
        "the profile's reader knows (Chinese, English, Japanese, Latin). `models pull` fetches others.",
    )
    captioner: str = Field(
        "composed",
        description="What writes captions: `composed`, by rules from what the other models find; or a model "
        "that generates them, `blip-base` (docs/models/blip.md).",
    )
    runtime: Literal["auto", "torch", "onnx"] = Field(
        "auto",
        description="What runs the published checkpoints. auto: torch with a GPU; else ONNX graphs where "
        "`models export` made them; else torch.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where torch computes.")
    offline: bool = Field(False, description="Forbid every download.")
    data_dir: Path = Field(ROOT / "data", description="Directory where uploaded images are kept.")
    vocabulary_dir: Path = Field(
        ROOT / "config" / "labels", description="Directory of NAME.txt vocabularies."
    )
    default_vocabulary: str = Field("default", description="Vocabulary used when a request names none.")

    taught_bytes: int = Field(
        256 * MIB,
        ge=1024,
        description="Disk for taught vocabularies with their examples, all versions; beyond it POST "
        "/vocabularies is refused with 413.",
    )
    policy_dir: Path = Field(ROOT / "config" / "policies", description="Directory of NAME.toml policies.")
    default_policy: str = Field("default", description="Policy used when /moderate names none.")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(5000, ge=1, le=65535, description="Port to listen on.")
    processes: int = Field(1, ge=1, description="Gunicorn processes; each loads the models once.")
    request_timeout_s: int = Field(
        300, ge=1, description="A gunicorn worker silent for this long is restarted."
    )
    cors_origins: str = Field("", description="Origins that browsers may call from, comma-separated, or `*`.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")

    max_upload_bytes: int = Field(50 * MIB, ge=1024, description="Largest uploaded file, in bytes.")
    max_image_pixels: int = Field(
        50_000_000, ge=256, description="Largest width x height, checked undecoded."
    )
    image_ttl_s: float | None = Field(
        86_400.0, gt=0, description="Seconds an uploaded image is kept; `null` keeps it for ever."
    )

    decode_workers: int = Field(
        default_factory=_cpu_cores,
        ge=1,
        description="Threads that decode batches of prompts. Default: the cores.",
    )
    model_threads: int = Field(
        default_factory=_cpu_cores, ge=1, description="Threads inside one network call. Default: the cores."
    )
    max_running: int = Field(
        default_factory=_cpu_cores, ge=1, description="Segmentations computed at once. Default: the cores."
    )
    max_waiting: int = Field(
        32, ge=16, description="Segmentations that may wait; one more is refused with 503 and Retry-After."
    )
    embedding_cache_bytes: int = Field(
        64 * MIB, ge=0, description="Memory for encoded images, so that a second prompt is fast."
    )
    result_cache_bytes: int = Field(
        64 * MIB,
        ge=0,
        description="Memory for regions, what the labeller saw of them, and text, so that other requests for "
        "the same photograph use them again.",
    )
    overlay_cache_bytes: int = Field(32 * MIB, ge=0, description="Memory for drawn overlays.")
    depth_cache_bytes: int = Field(64 * MIB, ge=0, description="Memory for depth maps.")
    text_cache_bytes: int = Field(16 * MIB, ge=0, description="Memory for encoded vocabularies.")
    head_cache_bytes: int = Field(
        64 * MIB,
        ge=0,
        description="Memory for what examples add to taught vocabularies, so that it is fitted once.",
    )
    text_store_bytes: int = Field(
        256 * MIB, ge=0, description="Disk for encoded labels, which outlive the process; 0 keeps none."
    )
    job_workers: int = Field(
        1, ge=1, description="Jobs a process runs at once; they take turns with the requests that wait."
    )
    max_queued_jobs: int = Field(
        64, ge=16, description="Jobs that may wait; one more is refused with 503 and Retry-After."
    )
    job_ttl_s: float = Field(86_400.0, gt=0, description="Seconds a finished job is kept.")
    job_store_bytes: int = Field(
        512 * MIB, ge=1024, description="Disk for the answers of jobs; the oldest finished jobs go first."
    )
    job_lease_s: float = Field(
        15.0, gt=0, description="A process silent for so long has lost its jobs; another takes them."
    )
    max_event_streams: int = Field(
        16, ge=1, description="Clients of a process that may watch jobs by server-sent events."
    )
    overlay_font: Path | None = Field(
        None, description="TrueType font for names on overlays and charts; unset: DejaVu Sans of matplotlib."
    )

    @property
    def threads(self) -> int:
        """Request threads of a process: whoever runs, waits or watches, and some for the rest."""
        return self.max_running + self.max_waiting + self.max_event_streams + 8


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        ValueError: A SEGLABEL_ variable has no setting, or a value cannot be used.
    """
    known = {f"SEGLABEL_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith("SEGLABEL_") and name not in known:
            hint = difflib.get_close_matches(name, known, n=1)
            raise ValueError(f"{name} is no setting" + (f"; did you mean {hint[0]}?" if hint else ""))
    return Settings()
