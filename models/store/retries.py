"""Tries again what may pass, a bounded number of times, waiting longer each time."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from domain.errors import DownloadFailed

logger = logging.getLogger(__name__)


class PassingFailure(Exception):
    """A failure that the next attempt may not meet.

    Args:
        message: What happened.
        retry_after_s: How long the server asks to wait; None if it does not say.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Retries:
    """How often and how patiently.

    Attributes:
        attempts: At most this many, the first included.
        first_s: Seconds before the second; doubled each time.
        longest_s: Never longer than this, whatever the server asks.
        sleep: Waits.
    """

    attempts: int = 6
    first_s: float = 1.0
    longest_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def run(self, attempt: Callable[[], None]) -> None:
        """Call `attempt` until it returns.

        Raises:
            DownloadFailed: The last attempt failed too.
        """
        for number in range(1, self.attempts + 1):
            try:
                return attempt()
            except PassingFailure as failure:
                if number == self.attempts:
                    raise DownloadFailed(f"{failure} ({number} attempts)") from failure
                wait = self._wait(number, failure.retry_after_s)
                logger.warning("%s; attempt %d of %d in %.0f s", failure, number + 1, self.attempts, wait)
                self.sleep(wait)
        return None

    def _wait(self, number: int, asked_s: float | None) -> float:
        return min(self.longest_s, max(asked_s or 0.0, self.first_s * 2.0 ** (number - 1)))


def retry_after_s(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or a date; None if it says neither."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    if date.tzinfo is None:
        return None
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
