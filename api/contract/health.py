"""The answer of POST /segment."""

from typing import Literal

from api.contract.common import Answer


class StatusAnswer(Answer):
    """How the service is."""

    status: Literal["alive", "ready"]
    version: str
