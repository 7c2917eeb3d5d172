"""GET /health and /ready: the answer."""

from typing import Literal

from pydantic import Field

from api.contract.common import Answer, answer_config


class StatusAnswer(Answer):
    """The state of the service."""

    model_config = answer_config({"status": "ready", "version": "0.1.0"})

    status: Literal["alive", "ready"] = Field(
        description="`alive` from /health, `ready` from /ready when all models are loaded."
    )
    version: str = Field(description="Version of the service.")
