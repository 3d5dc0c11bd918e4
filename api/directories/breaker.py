"""Leaving a directory alone that does not answer: a breaker that opens, and tries again."""

import threading
from collections.abc import Callable

OPENS_AFTER = 5
"""Questions in a row without an answer before the directory is left alone."""

REST_SECONDS = 30.0
"""How long it is left alone before one question is let through."""


class Breaker:
    """Counts failures in a row; several threads may share it.

    After `opens_after` of them nothing passes for `rest_seconds`. Then one question passes, and the
    others wait another rest, or less: its answer closes the breaker. One that never says how it
    ended (its thread died) keeps nobody out for longer than a rest.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        opens_after: int = OPENS_AFTER,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._clock = clock
        self._opens_after = opens_after
        self._rest_seconds = rest_seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    def lets_pass(self) -> bool:
        """Whether a question may be asked now; whoever may says afterwards how it ended."""
        with self._lock:
            if self._failures < self._opens_after:
                return True
            if self._clock() < self._closed_until:
                return False
            self._closed_until = self._clock() + self._rest_seconds
            return True

    def succeeded(self) -> None:
        """The directory answered: questions pass again."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """It did not."""
        with self._lock:
            self._failures += 1
            self._closed_until = self._clock() + self._rest_seconds
