"""Why this doctor: who else could hold a slot, and what everybody would lose by it."""

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.check import obstacles
from scheduler.explanation.price import Change, held, losses, priced
from scheduler.problem import Limits, Problem
from scheduler.roster import Outcome, Roster


@dataclass(frozen=True)
class Alternative:
    """A doctor (rpps) who offered the slot and does not hold it.

    Either `rules` keep him off whatever the others do, or `change` is what the best roster with him
    there loses, or gains, on each level; nothing if it is just as good, so that chance chose. It is
    exact if `proven`.
    """

    rpps: str
    rules: tuple[str, ...]
    change: Change = ()
    proven: bool = True


@dataclass(frozen=True)
class Choice:
    """Who holds a slot, and the others, those who would cost least first and the barred last."""

    slot_id: str
    holders: tuple[str, ...]
    others: tuple[Alternative, ...]


def choice(
    problem: Problem,
    before: Outcome,
    given: Roster,
    slot: int,
    *,
    limits: Limits | None = None,
    tell: Callable[[float], None] = lambda _share: None,
) -> Choice:
    """Price every other doctor who offered a slot.

    `before` is the best outcome of the problem, `given` the roster that is asked about. Where the
    problem has a published roster, prices count the changes to it.
    """
    holders = [doctor for doctor, at in given.duties() if at == slot]
    offered = problem.pair_doctor[problem.pair_slot == slot].tolist()
    tried, names = [it for it in offered if it not in holders], problem.rpps
    others = []
    for done, doctor in enumerate(tried):
        tell(done / len(tried))
        others.append(_alternative(problem, before, doctor, slot, limits))
    return Choice(
        slot_id=problem.slot_ids[slot],
        holders=tuple(names[doctor] for doctor in sorted(holders)),
        others=tuple(sorted(others, key=lambda it: (bool(it.rules), losses(it.change)))),
    )


def _alternative(
    problem: Problem, before: Outcome, doctor: int, slot: int, limits: Limits | None
) -> Alternative:
    pins = [pin for pin in problem.pins() if pin != (doctor, slot)]
    barred = obstacles(problem, pins, doctor, slot)
    if barred:
        return Alternative(problem.rpps[doctor], tuple(sorted(barred)))
    found = priced(before, held(problem, doctor, slot), limits)
    return Alternative(problem.rpps[doctor], (), found.change, found.proven)
