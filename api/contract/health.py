"""GET /health and /ready: the answer."""

from typing import Literal

from api.contract.common import Answer


class StatusAnswer(Answer):
    """The state of the service."""

    status: Literal["alive", "ready"]
    version: str
