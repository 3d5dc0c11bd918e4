"""The roster on territories of four sizes: ours, and peers with the same seconds, in one run.

Whatever anybody finds is recounted by `scheduler.check`. Nothing is told if a rule is broken or two
proofs disagree; where a peer has a better roster than ours after the same seconds, that is told.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from shutil import which
from statistics import median

from benchmarks import plot, roster_peers, rosters
from benchmarks.measure import RUNS, Contender, Measured, alone, table
from benchmarks.roster_peers import Search
from benchmarks.rosters import Instance
from scheduler import check, problem, roster, solve
from scheduler.drafting import drafted
from scheduler.flow import plan

TITLE = "Roster"
BUDGET_SECONDS = 60.0
MARKS = (1.0, 10.0, 60.0)
MOMENTS = (0.3, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds after which rosters are compared: in the tables, and in the picture."""
INSTANCES = (
    *(Instance(size, rosters.UNIFORM) for size in rosters.SIZES),
    Instance(rosters.QUARTER, rosters.MONTHS),
    *(Instance(size, rosters.SATURDAYS) for size in rosters.SIZES[:3]),
    Instance(rosters.QUARTER, rosters.STEEP),
)
PICTURE = "benchmarks-roster.svg"
TIMEFOLD = "benchmarks.roster_timefold"
WHOLE, FLOW, HIGHS = "**Relève**", "Relève, flow alone", "Relève, HiGHS alone"

Values = tuple[int, ...]
"""Seats filled by hardness, fairness negated, wishes: the larger, level after level, the better."""


@dataclass(frozen=True)
class Trace:
    """Seconds until the answer, proven or not; the best roster at each moment, None before one."""

    seconds: float
    proven: bool
    values: Mapping[float, Values | None]

    @property
    def last(self) -> Values | None:
        return self.values[max(self.values)]


Solve = Callable[[problem.Problem, float], Search]


@dataclass(frozen=True)
class Rival:
    """A way to a roster: what it is called, and how it is asked for one within some seconds."""

    name: str
    solve: Solve


def whole(asked: problem.Problem, seconds: float) -> Search:
    """What the product does: the flow, and our convex model from where the flow leaves off."""
    return _ended(Search(), solve.solve(asked, problem.Limits(seconds, 1)))


def flow(asked: problem.Problem, _seconds: float) -> Search:
    """Our network simplex, where the rules and points allow it; it has no use for a limit."""
    search = Search()
    known = plan.plan(drafted(asked))
    return _ended(search, known if isinstance(known, roster.Outcome) else None)


def highs(asked: problem.Problem, seconds: float) -> Search:
    """Our convex model, without the flow."""
    search = Search()
    return _ended(search, solve.solve(asked, problem.Limits(seconds, 1), flow=False))


def _ended(search: Search, outcome: roster.Outcome | None) -> Search:
    """An answer given at the end, once it is proven or the time is over."""
    if outcome is not None:
        search.heard(outcome.roster.duties())
        search.proven = outcome.status == "optimal"
    return search


OURS = (Rival(WHOLE, whole), Rival(FLOW, flow), Rival(HIGHS, highs))
PEERS = (
    Rival("CP-SAT, our convex model", roster_peers.convex),
    Rival("CP-SAT, textbook: max-min fairness", roster_peers.textbook),
)


def told() -> tuple[str, dict[str, str]]:
    """The section of the page, and its picture."""
    return told_of(INSTANCES, BUDGET_SECONDS)


def told_of(instances: Sequence[Instance], seconds: float) -> tuple[str, dict[str, str]]:
    """The same on some instances, each peer stopped after so many seconds."""
    rivals = (*OURS, *PEERS, *_timefold())
    traces = {it: dict(_traces(it, rivals, seconds)) for it in instances}
    for instance, found in traces.items():
        _demand_one_optimum(instance, found)
    parts = [
        _proofs(traces, rivals),
        _shown(traces, seconds),
        *(_values(*it) for it in traces.items()),
    ]
    return "\n".join(parts), {PICTURE: plot.over_time(_curves(traces))}


def _timefold() -> Iterator[Rival]:
    if find_spec("timefold") is not None and which("java") is not None:
        yield Rival("Timefold", import_module(TIMEFOLD).timefold)


def _traces(
    instance: Instance, rivals: Sequence[Rival], seconds: float
) -> Iterator[tuple[str, Trace]]:
    for rival in rivals:
        trace = _trace(instance, rival, seconds)
        how = "proven" if trace.proven else "not proven"
        sys.stderr.write(f"{instance}: {rival.name}: {trace.seconds:.3g} s, {how}, {trace.last}\n")
        yield rival.name, trace


def _trace(instance: Instance, rival: Rival, seconds: float) -> Trace:
    """The median of three runs if they are short, else one run is told as it is."""
    work = partial(_watched, rival, seconds)
    first = _alone(rival.name, instance, work, runs=1)
    if first.found[0].seconds > seconds / RUNS:
        return _by_the_clock(instance, rival, first.found[0], seconds)
    traces = _alone(rival.name, instance, work, runs=RUNS).found
    middle = median(it.seconds for it in traces)
    trace = next(it for it in traces if it.seconds == middle)
    return _by_the_clock(instance, rival, trace, seconds)


def _by_the_clock(instance: Instance, rival: Rival, trace: Trace, seconds: float) -> Trace:
    """Of ours, which speaks at the end only: what it answers to less time."""
    values = dict(trace.values)
    values[seconds] = trace.last
    for moment in MARKS if rival in OURS else ():
        if moment < min(trace.seconds, seconds):
            work = partial(_watched, rival, moment)
            values[moment] = _alone(rival.name, instance, work, runs=1).found[0].last
    return Trace(trace.seconds, trace.proven, values)


def _alone(
    name: str, instance: Instance, work: Callable[[problem.Problem], Trace], runs: int
) -> Measured[Trace]:
    measured = alone(Contender(name, partial(_prepared, instance), work), runs)
    if not isinstance(measured, Measured):
        raise TypeError(f"{name} was stopped without a limit")
    return measured


def _prepared(instance: Instance) -> problem.Problem:
    """The problem, everything compiled."""
    solve.solve(Instance(rosters.MONTH, rosters.UNIFORM).problem())
    return instance.problem()


def _watched(rival: Rival, seconds: float, asked: problem.Problem) -> Trace:
    search = rival.solve(asked, seconds)
    taken = search.elapsed
    values = {moment: _best(asked, search, moment) for moment in MOMENTS if moment <= seconds}
    values[max(taken, seconds)] = _best(asked, search, max(taken, seconds))
    return Trace(taken, search.proven, values)


def _best(asked: problem.Problem, search: Search, moment: float) -> Values | None:
    """The best of the rosters found last until then: a new objective may begin with a worse one."""
    known = [duties for seconds, duties in search.found if seconds <= moment]
    return max((_worth(asked, duties) for duties in known[-2:]), default=None)


def _worth(asked: problem.Problem, duties: Sequence[tuple[int, int]]) -> Values:
    """Recounted. Raises ArithmeticError if a rule is broken."""
    given = roster.roster(list(duties))
    if breaches := check.breaches(asked, given):
        raise ArithmeticError(f"rules broken: {breaches[:5]}")
    values = {name: check.recount(asked, given, name) for name in check.level_names(asked)}
    less = {name: -value for name, value in values.items() if name in check.LESS_IS_BETTER}
    return tuple((values | less).values())


def _demand_one_optimum(instance: Instance, found: Mapping[str, Trace]) -> None:
    """Raises ArithmeticError if what is proven best differs, or is not the best found."""
    proven = {it.last for it in found.values() if it.proven}
    better = {it.last for it in found.values() if it.last and proven and it.last > min(proven)}
    if len(proven) > 1 or better:
        raise ArithmeticError(f"{instance}: proven {proven}, but also found {better}")


def _beaten(instance: Instance, found: Mapping[str, Trace]) -> Iterator[str]:
    """Peers that have a better roster than ours after the same seconds."""
    own = {rival.name for rival in OURS}
    for mark in (it for it in MARKS if any(it in trace.values for trace in found.values())):
        ours = max((_at(found[name], mark) or () for name in own), default=())
        for name in found.keys() - own:
            if (_at(found[name], mark) or ()) > ours:
                yield f"{name} on {instance} after {mark:g} s"


def _proofs(traces: Mapping[Instance, Mapping[str, Trace]], rivals: Sequence[Rival]) -> str:
    rows = [
        (str(it), *(_proof(found[rival.name]) for rival in rivals)) for it, found in traces.items()
    ]
    head = ("", *(rival.name for rival in rivals))
    return "### Seconds until the roster is proven best, on every level\n\n" + table(head, rows)


def _proof(trace: Trace) -> str:
    if trace.proven:
        return f"{trace.seconds:.3g}"
    return "–" if trace.last is None else f"not in {trace.seconds:.3g}"


def _values(instance: Instance, found: Mapping[str, Trace]) -> str:
    rows = [
        (name, *(_cell(trace, mark) for mark in MARKS))
        for name, trace in found.items()
        if trace.last is not None
    ]
    head = ("", *(f"after {mark:g} s" for mark in MARKS))
    return f"### {instance}: {instance.size}\n\n" + table(head, rows)


def _cell(trace: Trace, mark: float) -> str:
    values = _at(trace, mark)
    if values is None:
        return "–"
    *seats, fairness, wishes = values
    return f"{' + '.join(map(str, seats))}; {-fairness:,}; {wishes}"


def _at(trace: Trace, mark: float) -> Values | None:
    """The best roster after so many seconds."""
    done = trace.proven and trace.seconds <= mark
    return trace.last if done else trace.values.get(mark)


def _shown(traces: Mapping[Instance, Mapping[str, Trace]], seconds: float) -> str:
    without = "" if list(_timefold()) else " Timefold is not installed here, or has no JVM."
    beaten = [it for instance, found in traces.items() for it in _beaten(instance, found)]
    better = "; ".join(beaten) or "nowhere"
    return (
        f"![Fairness beyond the best, over time]({PICTURE})\n\n"
        f"A peer may take {seconds:.0f} s and {roster_peers.WORKERS} workers; ours has one thread. "
        "Everything counts from the arrays of the problem on, the writing of the model too, once "
        "numba and Java have compiled. Short runs are the median of three. Ours speaks once, at "
        "the end: for less time than that it is asked again, with that limit. The textbook may end "
        "early, at the best of its own goal. –: nothing found; the flow does not apply, or did "
        "not prove.\n\n"
        "Below: seats filled by hardness, to be large; fairness, to be small; wishes, to be large; "
        "each counts only once those before it are equal. A peer's roster is better than ours: "
        f"{better}.{without}\n"
    )


def _curves(
    traces: Mapping[Instance, Mapping[str, Trace]],
) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """By instance and rival: seconds, and fairness beyond the best in per cent, seats equal."""
    return {
        str(instance): {name.strip("*"): list(_curve(it, found)) for name, it in found.items()}
        for instance, found in traces.items()
    }


def _curve(trace: Trace, found: Mapping[str, Trace]) -> Iterator[tuple[float, float]]:
    best = max(it.last for it in found.values() if it.last is not None)
    points = {trace.seconds: trace.last} if trace.proven else trace.values
    for seconds, values in sorted(points.items()):
        if values is not None and values[:3] == best[:3]:
            yield seconds, 100 * (values[3] / best[3] - 1)
