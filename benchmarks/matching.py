"""The matching on territories of four sizes, ours and its peers in one run.

Every exact solver must find the same people by class and the same seconds, or nothing is told.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, TypeVar

from benchmarks import ours, peers, plot, territories
from benchmarks.measure import RUNS, Contender, Limit, Measured, Stopped, alone, table
from benchmarks.ours import Instance, Phases
from benchmarks.peers import Graph, Optimum

TITLE = "Matching"
LIMIT = Limit(seconds=90.0, gibibytes=12.0)
"""Of a peer, on one instance."""
PLACES = (0.7, 1.3)
PICTURE = "benchmarks-matching.svg"
TEN = 10
"""Ratios below are told with one decimal."""
UNTIL_REGION = territories.SIZES[:3]

Found = TypeVar("Found")
Outcome = Measured[Any] | Stopped


@dataclass(frozen=True)
class Peer:
    """Another way to the same optimum, and the graph it is given."""

    name: str
    work: Callable[[Graph], Optimum]
    one_by_one: bool = False
    exact: bool = True

    def graph(self, instance: Instance) -> Graph:
        graph = peers.written_down(ours.folded(instance.problem()))
        return peers.one_by_one(graph) if self.one_by_one else graph


PEERS = (
    Peer("OR-Tools SimpleMinCostFlow, groups", peers.flow),
    Peer("OR-Tools SimpleMinCostFlow, patients", peers.flow, one_by_one=True),
    Peer("HiGHS dual simplex, groups", peers.programme),
    Peer("networkx network_simplex, groups", peers.network_simplex),
    Peer("SciPy linear_sum_assignment, places", peers.assignment, one_by_one=True),
    Peer("by hand: class order, nearest with room", peers.by_hand, exact=False),
)


def told() -> tuple[str, dict[str, str]]:
    """The section of the page, and the pictures it shows by file name."""
    instances = [Instance(size, share) for size in territories.SIZES for share in PLACES]
    own = {it: _ours(it) for it in instances}
    alike = {it: _measured("Relève, solve", it, ours.settled, ours.solved) for it in instances}
    others = {peer: dict(_ladder(peer, instances)) for peer in PEERS}
    parts = [
        *(_comparison(share, own, alike, others) for share in PLACES),
        _agreement(own, alike, others),
        _phases(own),
        _every_level(),
        _events(),
        _together(),
        _product(),
        _first_call(),
    ]
    return "\n".join([*parts[:2], _shown(), *parts[2:]]), {PICTURE: _picture(own, alike, others)}


def _said(name: str, instance: Instance, outcome: Outcome) -> None:
    taken = outcome.why if isinstance(outcome, Stopped) else f"{outcome.median:.4g} s"
    sys.stderr.write(f"{instance}: {name}: {taken}\n")


def _measured(
    name: str,
    instance: Instance,
    prepare: Callable[[Instance], Any],
    work: Callable[[Any], Found],
    runs: int = RUNS,
) -> Measured[Found]:
    """One of ours, which has no limit."""
    outcome = alone(Contender(name, partial(prepare, instance), work), runs)
    _said(name, instance, outcome)
    if isinstance(outcome, Stopped):
        raise TypeError(f"{name} was stopped without a limit")
    return outcome


def _ours(instance: Instance) -> Measured[Phases]:
    return _measured("Relève, all in", instance, ours.prepared, ours.all_in)


def _ladder(peer: Peer, instances: Sequence[Instance]) -> Iterator[tuple[Instance, Outcome]]:
    """From the smallest instance on, until a limit is reached; larger ones are not tried."""
    for instance in instances:
        contender = Contender(peer.name, partial(peer.graph, instance), peer.work)
        outcome = alone(contender, limit=LIMIT)
        _said(peer.name, instance, outcome)
        yield instance, outcome
        if isinstance(outcome, Stopped):
            return


def _middle(own: Measured[Phases], phase: str) -> float:
    seconds: list[float] = [getattr(it, phase) for it in own.found]
    return median(seconds)


Own = dict[Instance, Measured[Phases]]
Alike = dict[Instance, Measured[Optimum]]
"""Our solve measured as the peers are: from the folded arcs in arrays, time after time."""
Others = dict[Peer, dict[Instance, Outcome]]


def _comparison(share: float, own: Own, alike: Alike, others: Others) -> str:
    columns = [it for it in own if it.places_share == share]
    solve = {it: alike[it].median for it in columns}
    proven = {it: solve[it] + _middle(own[it], "proof") for it in columns}
    rows = [
        ("**Relève, solve**", *(f"**{_short(solve[it])}**" for it in columns)),
        ("Relève, solve, proof recounted", *(_ratio(proven[it], solve[it]) for it in columns)),
        ("Relève, all in", *(_ratio(_middle(own[it], "all_in"), solve[it]) for it in columns)),
        *(
            (peer.name, *(_cell(tried.get(it), solve[it]) for it in columns))
            for peer, tried in others.items()
        ),
    ]
    head = tuple(f"{it.size.name} {it.size.people:,} × {it.size.doctors:,}" for it in columns)
    return f"### Places for {share:.0%} of the people, seconds\n\n" + table(("", *head), rows)


def _short(seconds: float) -> str:
    """Two or more digits that count, down to a tenth of a millisecond."""
    return f"{seconds:.{1 if seconds >= TEN else 2 if seconds >= 1 else 4}f}"


def _ratio(seconds: float, solve: float) -> str:
    times = seconds / solve
    return f"{_short(seconds)} ({times:,.{int(times < TEN)}f} ×)"


def _cell(outcome: Outcome | None, solve: float) -> str:
    if outcome is None:
        return "–"
    return outcome.why if isinstance(outcome, Stopped) else _ratio(outcome.median, solve)


def _agreement(own: Own, alike: Alike, others: Others) -> str:
    """Raises ArithmeticError if an exact solver found something else."""
    best = {it: _optimum(measured) for it, measured in own.items()}
    if any({*measured.found} != {best[it]} for it, measured in alike.items()):
        raise ArithmeticError("our solve alone and our solve on the way find different optima")
    for peer, tried in others.items():
        for instance, outcome in tried.items():
            finds = set() if isinstance(outcome, Stopped) else {*outcome.found}
            if peer.exact and finds - {best[instance]}:
                raise ArithmeticError(f"{instance}: {peer.name} found {finds}, we {best[instance]}")
    by_hand = others[PEERS[-1]]
    head = ("", "matched", "by class", "travel seconds", "by hand: travel", "by hand: by class")
    rows = [
        (
            str(it),
            f"{sum(found.matched):,}",
            _by_class(found.matched),
            f"{found.travel_seconds:,}",
            *_worse(by_hand.get(it), found),
        )
        for it, found in best.items()
    ]
    return "### What all exact solvers found, to the person and the second\n\n" + table(head, rows)


def _optimum(measured: Measured[Phases]) -> Optimum:
    finds = {it.optimum for it in measured.found}
    if len(finds) > 1:
        raise ArithmeticError(f"{measured.name} found {finds}")
    return finds.pop()


def _by_class(people: Sequence[int]) -> str:
    return " + ".join(f"{it:,}" for it in people)


def _worse(outcome: Outcome | None, best: Optimum) -> tuple[str, str]:
    """How much farther people travel by hand, and how many more of each class are matched."""
    if not isinstance(outcome, Measured):
        return "–", "–"
    found: Optimum = outcome.found[-1]
    more = [hand - ours for hand, ours in zip(found.matched, best.matched, strict=True)]
    classes = ", ".join(f"{it:+,} of class {rank}" for rank, it in enumerate(more, 1) if it)
    return f"{found.travel_seconds / best.travel_seconds - 1:+.0%}", classes or "the same"


def _phases(own: Own) -> str:
    names = ("distances", "folding", "costs", "solve", "proof", "all_in", "floor")
    rows = [
        (
            str(it),
            f"{measured.found[0].groups:,}",
            f"{measured.found[0].pairs:,}",
            *(_short(_middle(measured, name)) for name in names),
            f"{_middle(measured, 'all_in') / _middle(measured, 'floor'):.1f}",
            f"{measured.peak_mebibytes:,}",
        )
        for it, measured in own.items()
    ]
    head = (
        *("", "groups", "home-doctor pairs"),
        *(name.replace("_", " ") for name in names),
        *("all in / floor", "peak MiB"),
    )
    return (
        "### From the rows of the patients to a proven flow, seconds\n\n"
        + table(head, rows)
        + "\nThe floor is the search for all distances once and one look at every pair of a group "
        "and a doctor. The peak is that of the whole process, the territory included.\n"
    )


def _every_level() -> str:
    rows = []
    for size in UNTIL_REGION:
        instance = Instance(size, PLACES[-1])
        mine = _measured("every level", instance, ours.acquainted, ours.every_level)
        contender = Contender("in turn", partial(ours.acquainted, instance), ours.in_turn)
        other = alone(contender, limit=LIMIT)
        _said("every level by OR-Tools", instance, other)
        if isinstance(other, Measured) and other.found[-1] != mine.found[-1]:
            raise ArithmeticError(f"{instance}: {other.found[-1]}, but we {mine.found[-1]}")
        cell = _cell(other, mine.median)
        rows.append((str(instance), _short(mine.median), cell, str(mine.peak_mebibytes)))
    head = ("", "Relève, one solve", "OR-Tools, level after level", "peak MiB, ours")
    return (
        f"### All levels, {ours.ACQUAINTED:.0%} with a usual doctor, seconds\n\n"
        + table(head, rows)
        + "\nBoth end at the same value on every level.\n"
    )


def _events() -> str:
    rows = []
    for instance in _until_region():
        runs = _measured("events", instance, ours.settled, ours.events).found
        rows.append((str(instance), *_of_event(runs, 0), *_of_event(runs, 1)))
    again = ("from the former tree", "from nothing", "ratio")
    head = (
        "",
        *(f"a doctor closes, {it}" for it in again),
        *(f"places open, {it}" for it in again),
    )
    return (
        "### After an event, seconds\n\n"
        + table(head, rows)
        + f"\nMedian of {ours.EVENTS} doctors; {ours.OPENED} places open. Both ways end at the "
        "same optimum.\n"
    )


def _of_event(runs: Sequence[tuple[ours.Event, ours.Event]], event: int) -> tuple[str, str, str]:
    warm = median(it[event].warm for it in runs)
    cold = median(it[event].cold for it in runs)
    return _short(warm), _short(cold), f"{cold / warm:.1f}"


def _together() -> str:
    rows = []
    for instance in _until_region():
        measured = _measured("whole households", instance, ours.together, ours.kept_together)
        kept = measured.found[-1]
        beyond = kept.travel_seconds / max(kept.bound_seconds, 1) - 1
        rows.append(
            (
                str(instance),
                _short(measured.median),
                str(sum(kept.short)),
                f"{beyond:+.4%}",
                "yes" if kept.proven else "no",
            )
        )
    head = ("", "seconds", "people short of the bound", "travel beyond it", "proven optimal")
    return (
        f"### {ours.TOGETHER:.0%} of the people in households, people by class, then seconds\n\n"
        + table(head, rows)
        + "\nThe bound is the flow, which may split a household between doctors.\n"
    )


def _until_region() -> Iterator[Instance]:
    for size in UNTIL_REGION:
        yield from (Instance(size, share) for share in PLACES)


def _product() -> str:
    rows = []
    for instance in _until_region():
        measured = _measured("the product", instance, ours.housed, ours.matching, runs=1)
        rows.append((str(instance), _short(measured.median), *_gaps(measured.found[-1])))
    head = (
        *("", "seconds", "people short of the bound", "usual doctors short"),
        *("bands", "imbalance", "travel", "status"),
    )
    return (
        f"### The product: every level, {ours.TOGETHER:.0%} in households, "
        f"{ours.ACQUAINTED:.0%} with a usual doctor, everybody told, recounted, one run\n\n"
        + table(head, rows)
        + "\nA level may lie beyond its bound once one before it falls short.\n"
    )


def _gaps(answer: ours.Answer) -> tuple[str, ...]:
    value, bound = answer.values, answer.bound
    spent = (
        (value.travel_bands, bound.travel_bands),
        (value.imbalance, bound.imbalance),
        (value.travel_seconds, bound.travel_seconds),
    )
    return (
        str(sum(bound.matched) - sum(value.matched)),
        str(bound.usual_doctor - value.usual_doctor),
        *(f"{(found - least) / max(least, 1):+.4%}" for found, least in spent),
        str(answer.status),
    )


def _first_call() -> str:
    with ours.never_compiled():
        instance = Instance(territories.NANCY, PLACES[0])
        first, *later = _measured("first call", instance, Instance.problem, ours.all_in).seconds
    return (
        f"After a fresh installation the first call takes {first:.1f} s on {instance}, of which "
        f"{first - min(later):.1f} s compile what later calls of any process find compiled.\n"
    )


def _shown() -> str:
    return (
        f"![Seconds against patients, both on logarithmic scales]({PICTURE})\n\n"
        "In brackets: times what our solve takes, whose last pass prices every arc and so proves "
        "the optimum. It begins with the folded arcs in arrays, as the peers do. *All in* begins "
        "with the rows of the patients and ends with the proof recounted by other code. A peer may "
        "take "
        f"{LIMIT.seconds:.0f} s and {LIMIT.gibibytes:.0f} GiB; once it has gone beyond, larger "
        "instances are not tried (–).\n"
    )


def _picture(own: Own, alike: Alike, others: Others) -> str:
    """Time against size, where places are short."""
    short = [it for it in own if it.places_share == PLACES[0]]
    lines = {
        "Relève, solve": [(it.size.people, alike[it].median) for it in short],
        "Relève, all in": [(it.size.people, _middle(own[it], "all_in")) for it in short],
    }
    for peer, tried in others.items():
        done = [(it, tried.get(it)) for it in short]
        lines[peer.name] = [
            (it.size.people, outcome.median)
            for it, outcome in done
            if isinstance(outcome, Measured)
        ]
    sizes = {it.size.name: it.size.people for it in short}
    return plot.drawn(lines, sizes, LIMIT.seconds)
