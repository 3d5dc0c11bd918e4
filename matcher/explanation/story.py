"""The story of one patient in a round: what was possible, what was found, and what else would cost.

Nothing here is estimated. What another choice would cost is found by making it and proving the
optimum in places again, from the proof at hand. That is exact where all are persons alone; where
there are households, which places may split, it is free of the chance by which they fit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from matcher import serving
from matcher.changes import PlacesOpen
from matcher.explanation.difference import Change, by_level, change
from matcher.explanation.explain import Wait, explain
from matcher.folding import BAND_SECONDS
from matcher.households import Whole
from matcher.households.programme import Effort
from matcher.matching import Matching, Proof, Values
from matcher.nearby import Nearby, between
from matcher.problem import UNKNOWN, Flags, Integers, Ints, Problem, Refused
from matcher.progress import Progress, silent
from matcher.rules import RULES, Candidates
from matcher.solve import complete, in_places, prove

MOST_INSISTED = MOST_OPENED = 3
"""How many of the nearest doctors are insisted on, and asked for more places."""

NOT_A_PANEL_DOCTOR, REFUSED = RULES[0].name, "refused"


@dataclass(frozen=True)
class Option:
    """A doctor whom every rule allows for the whole unit."""

    doctor: int
    seconds: int
    """The patient's own way."""
    kilometres: float
    places: int
    free: int
    """Places that nobody is proposed."""
    usual: bool
    """The patient already consults this doctor."""
    last_class: int
    """Class of the least urgent patient proposed there, 0 if none."""


@dataclass(frozen=True)
class Insistence:
    """The unit goes to that doctor, whatever it costs the others."""

    doctor: int
    price: Change | None
    """The price of insisting, in places, for all together; None if the doctor offers too few."""
    others: Change
    """The same for everybody else: balance concerns all, the unit's own part is left out."""


@dataclass(frozen=True)
class Opening:
    """A doctor offers more places."""

    doctor: int
    places: int
    """How many more: one for each of the unit."""
    serves: bool
    """The unit then has its turn, with that doctor or another; of a household, confirmed by a
    whole answer."""
    gain: Change
    """What they change, in places."""


@dataclass(frozen=True)
class Barrier:
    """The doctors whom a single rule keeps from the unit."""

    rule: str
    """The name of the rule, or REFUSED."""
    doctors: int
    free: int
    """Places of theirs that nobody is proposed."""
    nearest: int
    """The nearest of them to the unit, and the patient's way there."""
    seconds: int
    kilometres: float


@dataclass(frozen=True)
class Story:
    """Everything that can be said to a patient about a round."""

    person: int
    members: tuple[int, ...]
    """The unit: who goes to one doctor together, the patient included."""
    doctor: int
    """The doctor proposed, UNKNOWN for who waits on."""
    promised: bool
    """That doctor was promised beforehand."""
    nearest: bool
    """No doctor possible is nearer to the unit than the one proposed."""
    drawn: bool
    """A draw decided between equals."""
    options: tuple[Option, ...]
    """Nearest to the unit first."""
    insistences: tuple[Insistence, ...]
    """Why not that one: the nearest doctors, or nearer ones, and the usual one."""
    wait: Wait | None
    """Why nobody; None for who has a doctor."""
    openings: tuple[Opening, ...]
    """What would change it, nearest doctors first; told to who waits on only."""
    barriers: tuple[Barrier, ...]
    """What would open more doctors, in the order of the rules; told to who waits on only."""


Prove = Callable[[Problem], Proof]
Serve = Callable[[Proof], bool]
"""Whether the unit is served, once something is proven."""


def story(
    matching: Matching,
    person: int,
    *,
    seed: int,
    effort: Effort | None = None,
    progress: Progress = silent,
) -> Story:
    """The story of a person (a row). Costs a few proofs, each from the one at hand.

    A whole answer is found only to confirm a turn that hangs on how households fit: that of a
    household, or of who waits though the optimum in places serves him. ``seed`` is that of the
    answer. Raises what ``solve`` and ``progress`` raise.
    """

    def again(problem: Problem) -> Proof:
        return prove(problem, start=matching.proof, progress=progress)

    def in_turn(proof: Proof) -> bool:
        return bool(_in_turn(proof, seed)[person])

    def whole(proof: Proof) -> bool:
        answer = complete(proof, seed=seed, effort=effort, progress=progress)
        return bool(answer.doctor[person] != UNKNOWN)

    def serves(proof: Proof) -> bool:
        return in_turn(proof) and (sure or whole(proof))

    scene = _Scene(matching, person)
    doctor = int(matching.doctor[person])
    waits = doctor == UNKNOWN
    sure = waits and scene.members.size == 1 and not in_turn(matching.proof)
    return Story(
        person=person,
        members=tuple(scene.members.tolist()),
        doctor=doctor,
        promised=bool((scene.problem.people.pinned[scene.members] != UNKNOWN).any()),
        nearest=not waits and not scene.nearer(doctor).size,
        drawn=bool(matching.drawn[person]),
        options=tuple(scene.options()),
        insistences=tuple(scene.insisted(again)),
        wait=_wait(matching, person) if waits else None,
        openings=tuple(scene.opened(again, serves)) if waits else (),
        barriers=tuple(scene.barriers()) if waits else (),
    )


def _wait(matching: Matching, person: int) -> Wait:
    told = explain(matching.proof.problem, matching)
    return told.waits[int(np.searchsorted(told.person, person))]


def _in_turn(proof: Proof, seed: int) -> Flags:
    """Who is served if the places that a type gets in a proof go to whole units, turn by turn.

    Which doctor they get is left open: all of them the first.
    """
    network, stay = proof.fold.network, proof.flow.stay
    left = -(-stay // network.type_size)
    going, alone = network.type_units - left, network.type_size == 1
    type_ = np.flatnonzero(~alone & (going > 0))
    persons = np.zeros(network.groups, np.int64)
    np.add.at(persons, network.group_of_type[alone], going[alone])
    group = np.flatnonzero(persons)
    whole = Whole(
        type_,
        np.zeros_like(type_),
        going[type_],
        group,
        np.zeros_like(group),
        persons[group],
        left,
        proven=False,
    )
    served: Flags = serving.serve(proof.problem, proof.fold, whole, seed=seed).doctor != UNKNOWN
    return served


class _Scene:
    """A unit among all doctors, nearest first, with what became of their places."""

    def __init__(self, matching: Matching, person: int) -> None:
        self.values = in_places(matching.proof)
        self.matching, self.problem, self.person = matching, matching.proof.problem, person
        people, doctors = self.problem.people, self.problem.doctors
        own = people.household[person]
        together = np.flatnonzero(people.household == own)
        self.members: Ints = np.array([person]) if own == UNKNOWN else together
        served = np.flatnonzero(matching.doctor != UNKNOWN)
        given = matching.doctor[served]
        self.free = doctors.places - np.bincount(given, minlength=doctors.id.size)
        self.last_class = np.zeros(doctors.id.size, np.int64)
        np.maximum.at(self.last_class, given, people.priority_class[served])
        self.ways = _ways(self.problem, self.members)
        self.together = self.ways.seconds.reshape(self.members.size, -1).sum(axis=0)
        self.possible = self._nearest_first(_possible(matching.proof.nearby, self.members))

    def _nearest_first(self, doctors: Integers) -> Ints:
        return doctors[np.lexsort((doctors, self.together[doctors]))].astype(np.int64)

    def _way(self, doctor: int) -> tuple[int, float]:
        """Seconds and kilometres of the patient's own way."""
        entry = int(np.searchsorted(self.members, self.person)) * self.free.size + doctor
        return int(self.ways.seconds[entry]), float(self.ways.kilometres[entry])

    def options(self) -> Iterator[Option]:
        usual = self.problem.people.usual_doctor[self.person]
        for doctor in self.possible.tolist():
            yield Option(
                doctor,
                *self._way(doctor),
                places=int(self.problem.doctors.places[doctor]),
                free=int(self.free[doctor]),
                usual=bool(doctor == usual),
                last_class=int(self.last_class[doctor]),
            )

    def nearer(self, doctor: int) -> Ints:
        """The doctors possible who are nearer to the unit than that one."""
        nearer: Ints = self.possible[self.together[self.possible] < self.together[doctor]]
        return nearer

    def insisted(self, again: Prove) -> Iterator[Insistence]:
        """The nearest doctors with room for the unit, and the usual one; for who has a doctor, the
        nearest one of all and the nearest one with room, if they are nearer."""
        proposed = int(self.matching.doctor[self.person])
        usual = self.problem.people.usual_doctor[self.person]
        if proposed == UNKNOWN:
            asked = [*self._with_room(self.possible)[:MOST_INSISTED]]
        else:
            nearer = self.nearer(proposed)
            asked = [*nearer[:1], *self._with_room(nearer)[:1]]
        asked += [*self.possible[self.possible == usual]]
        for doctor in dict.fromkeys(int(it) for it in asked if it != proposed):
            yield self._insistence(doctor, proposed, again)

    def _with_room(self, doctors: Ints) -> Ints:
        room: Ints = doctors[self.problem.doctors.places[doctors] >= self.members.size]
        return room

    def _insistence(self, doctor: int, proposed: int, again: Prove) -> Insistence:
        pinned = self.problem.people.pinned.astype(np.int64)
        pinned[self.members] = doctor
        people = replace(self.problem.people, pinned=pinned)
        try:
            proof = again(replace(self.problem, people=people))
        except Refused:  # no room for what is promised
            return Insistence(doctor, None, {})
        after, gone, given = in_places(proof), self._own(proposed), self._own(doctor)
        left, leaves = by_level(self.values), by_level(after)
        others = {it: leaves[it] - given[it] - left[it] + gone[it] for it in left}
        moved = {name: amount for name, amount in others.items() if amount}
        return Insistence(doctor, change(self.values, after), moved)

    def _own(self, doctor: int) -> Change:
        """What the unit itself adds to the levels with that doctor, balance aside."""
        people, classes = self.problem.people, self.problem.classes
        members = self.members if doctor != UNKNOWN else self.members[:0]
        way = self.ways.seconds[self.ways.doctor == doctor]
        matched = np.bincount(people.priority_class[members], minlength=classes + 1)[1:]
        usual = int((people.usual_doctor[members] == doctor).sum())
        bands = int((way // BAND_SECONDS).sum())
        return by_level(Values(tuple(matched.tolist()), usual, bands, 0, int(way.sum())))

    def opened(self, again: Prove, serve: Serve) -> Iterator[Opening]:
        """More places with each of the nearest doctors."""
        size = self.members.size
        for doctor in self.possible[:MOST_OPENED].tolist():
            name = self.problem.doctors.id[doctor]
            proof = again(PlacesOpen(name, size).apply(self.problem))
            gain = change(self.values, in_places(proof))
            yield Opening(doctor, size, serve(proof), gain)

    def barriers(self) -> Iterator[Barrier]:
        """The rules that stand alone between the unit and some doctor."""
        broken = _broken(self.problem, self.members, self.ways)
        alone = sum(rule.astype(np.int64) for rule in broken.values()) == 1
        for name, rule in broken.items():
            doctors = self._nearest_first(np.flatnonzero(rule & alone))
            if doctors.size and name != NOT_A_PANEL_DOCTOR:
                nearest = int(doctors[0])
                free = int(self.free[doctors].sum())
                yield Barrier(name, doctors.size, free, nearest, *self._way(nearest))


def _possible(nearby: Nearby, members: Ints) -> Integers:
    """The doctors whom the rules allow for every member."""
    doctors = nearby.of(int(members[0]))[0]
    for member in members[1:].tolist():
        doctors = doctors[np.isin(doctors, nearby.of(member)[0])]
    return doctors


def _ways(problem: Problem, members: Ints) -> Candidates:
    """Every pair of a member and a doctor, one member after the other."""
    doctors = problem.doctors.id.size
    return between(problem, np.repeat(members, doctors), np.tile(np.arange(doctors), members.size))


def _broken(problem: Problem, members: Ints, ways: Candidates) -> dict[str, Flags]:
    """By rule: the doctors with whom it is broken for some member."""
    shape = members.size, problem.doctors.id.size
    broken: dict[str, Flags] = {}
    for rule in RULES:
        broken[rule.name] = np.logical_or.reduce(~rule.mask(ways).reshape(shape), axis=0)
    refused = problem.refused.doctor[np.isin(problem.refused.person, members)]
    broken[REFUSED] = np.isin(np.arange(shape[1]), refused)
    return broken
