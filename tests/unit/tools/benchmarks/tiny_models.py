"""Makes small architectures of SAM 2.1 and CLIP known to their libraries."""

import json
from pathlib import Path

import open_clip
import sam2
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

SAM, CLIP = "tiny-sam", "tiny-vit"
SAM_CONFIGS = "configs/sam2.1"
CLIP_CONFIG = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 224, "layers": 2, "width": 64, "head_width": 32, "patch_size": 32},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2},
}


def register_sam() -> str:
    """Register an architecture with a narrow image encoder; its mask decoder is the usual one."""
    assert sam2.__file__
    config = OmegaConf.load(Path(sam2.__file__).parent / SAM_CONFIGS / "sam2.1_hiera_t.yaml")
    encoder = config.model.image_encoder
    encoder.trunk.embed_dim, encoder.trunk.stages = 16, [1, 1, 2, 1]
    encoder.trunk.global_att_blocks = [3]
    encoder.neck.backbone_channel_list = [128, 64, 32, 16]
    ConfigStore.instance().store(SAM, config, group=SAM_CONFIGS, package="_global_")
    return SAM


def register_clip(folder: Path) -> str:
    """Register a vision transformer of two layers."""
    path = folder / f"{CLIP}.json"
    path.write_text(json.dumps(CLIP_CONFIG))
    open_clip.add_model_config(path)
    return CLIP
