"""A first roster by hand, so that there is something to show however short the time is."""

from scheduler.check import obstacles
from scheduler.problem import Problem
from scheduler.roster import Roster, roster


def completed(problem: Problem, begun: Roster) -> Roster:
    """Give every seat left that somebody can still take, hardest slots first.

    Among the doctors no rule stops, the one who carries least for his participation is asked.
    Afterwards no single duty can be added: each hole left is blocked by a rule.
    """
    duties = begun.duties()
    for slot in sorted(range(len(problem.slot_ids)), key=lambda slot: problem.hardness[slot]):
        candidates = problem.pair_doctor[problem.pair_slot == slot].tolist()
        free = int(problem.doctors_needed[slot]) - sum(slot == taken for _, taken in duties)
        for doctor in sorted(candidates, key=lambda doctor: _burden(problem, duties, doctor)):
            if free > 0 and not obstacles(problem, duties, doctor, slot):
                duties.append((doctor, slot))
                free -= 1
    return roster(duties)


def _burden(problem: Problem, duties: list[tuple[int, int]], doctor: int) -> tuple[float, int]:
    load = sum(int(problem.points[slot]) for owner, slot in duties if owner == doctor)
    carried = int(problem.history_points[doctor]) + load
    return carried / float(problem.participation[doctor]), doctor
