"""How a long computation is followed and stopped."""

from collections.abc import Callable

from matcher.matching import Values

Progress = Callable[[str, float, Values | None], None]
"""Called with the phase under way, the share of all the work done so far, and the best values that
can still be reached (None until something is known). Whatever it raises stops the computation."""

Watch = Callable[[float], None]
"""The same within one phase: told the share of the phase that is done."""


class Cancelled(Exception):
    """What a caller's callback may raise to stop a computation; nothing is half-done after it."""


def silent(_phase: str, _share: float, _bound: Values | None) -> None:
    """Tell nobody."""


def within(progress: Progress, phase: str, begin: float, end: float) -> Watch:
    """A watch over a phase that takes the work from one share to another."""

    def tell(share: float) -> None:
        progress(phase, begin + share * (end - begin), None)

    return tell
