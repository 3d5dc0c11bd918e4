"""How long each phase of a run took, and word of it to whoever watches."""

from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds from any origin, never going back."""

Progress = Callable[[str, float], None]
"""Told the phase that begins and the share of the work done."""


class Stopwatch:
    """Passes progress on and keeps the seconds each phase took, by the clock it is given."""

    def __init__(self, clock: Clock, progress: Progress | None) -> None:
        self._clock, self._progress = clock, progress
        self._begun: list[tuple[str, float]] = [("prepare", clock())]

    def tell(self, phase: str, share: float) -> None:
        if phase != self._begun[-1][0]:
            self._begun.append((phase, self._clock()))
        if self._progress is not None:
            self._progress(phase, share)

    def seconds(self) -> dict[str, float]:
        """Seconds by phase, in the order they began, rounded to milliseconds."""
        ends = [begun for _, begun in self._begun[1:]] + [self._clock()]
        phases = zip(self._begun, ends, strict=True)
        return {phase: round(end - begun, 3) for (phase, begun), end in phases if phase != "done"}
