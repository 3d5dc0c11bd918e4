"""Which rows nest, so that they are arcs of a flow, and which are left to branching.

Sets of pairs any two of which are nested or apart are *laminar*: as nodes, each below the smallest
set around it, with its limit on the arc between, they say exactly what their rows say. A row that
crosses a set is *loose*: it is cut along the sets into *pieces*, which are sets themselves and
keep its limit each; together they might still pass it.

A row that others imply is dropped beforehand, for it could only make others loose. Implied is what
smaller rows between them cannot pass, and what a set around allows no more of. Calendar months
cut ISO weeks; but where somebody takes one duty a week and five a month at most, and no month
has six weeks in which he could, his rows are laminar all the same.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from compilation import frozen, lean
from scheduler.flow.engine.network import Flags, Ints
from scheduler.flow.rows import Question, Rows

NOWHERE = -1
UNLIMITED = 2**40


@dataclass(frozen=True, eq=False)
class Family:
    """The laminar sets, the widest first, and the loose rows.

    The first sets are all open pairs of a doctor, one set per doctor.
    """

    parent: Ints
    """Per set: the smallest one around; NOWHERE for those of the doctors."""
    most: Ints
    """Per set: no more than this are given, nor could be if that is less."""
    leaf: Ints
    """Per pair: the smallest set that has it; NOWHERE if the pair is not open."""
    loose: Rows
    piece: Ints
    """Per entry of the loose rows: its set, or ``-1 - pair`` where the pair is alone."""


class Entries(NamedTuple):
    """``Rows`` as the compiled loops read them, and which of them are loose, or implied."""

    start: Ints
    pair: Ints
    most: Ints
    uneven: Flags
    loose: Flags


class Sets(NamedTuple):
    """A family in the making; arrays are as long as it may become."""

    parent: Ints
    most: Ints
    size: Ints
    """Open pairs of the set."""
    piece: Flags
    """Whether a loose row needs the set, even if its own limit cannot bind."""
    leaf: Ints
    tally: Ints
    """Lent: one number per set, zero in between."""


def family(asked: Question) -> Family:
    """Sort the rows of a question into laminar sets and loose rows."""
    rows = asked.rows.only(~implied(asked))
    entries = _entries(rows)
    sets, piece = _doctors(asked, rows), np.zeros(rows.pair.size, np.int64)
    made = nest(entries, sets, len(asked.problem.rpps))
    made = cut(entries, sets, piece, made)
    bare(sets, made, len(asked.problem.rpps))
    left = (sets.size[:made] > 0) | (np.arange(made) < len(asked.problem.rpps))
    number = np.append(np.cumsum(left) - 1, NOWHERE)
    piece = np.where(piece >= 0, number[np.maximum(piece, 0)], piece)
    return Family(
        parent=number[sets.parent[:made][left]],
        most=sets.most[:made][left],
        leaf=number[sets.leaf],
        loose=rows.only(entries.loose),
        piece=piece[entries.loose[rows.row]],
    )


def implied(asked: Question) -> Flags:
    """Rows that smaller ones between them cannot pass."""
    rows = asked.rows
    order = np.argsort(rows.pair, kind="stable")
    first = np.searchsorted(rows.pair[order], np.arange(asked.open.size + 1))
    entries = _entries(rows)
    imply(entries, first, rows.row[order], np.zeros(rows.most.size, np.int64))
    return entries.loose


def _entries(rows: Rows) -> Entries:
    start, pair, most = (frozen(it, np.int64) for it in (rows.start, rows.pair, rows.most))
    return Entries(start, pair, most, rows.uneven, np.zeros(rows.most.size, np.bool_))


def _doctors(asked: Question, rows: Rows) -> Sets:
    """The sets of the doctors, and room for those to come."""
    doctors, owner = len(asked.problem.rpps), asked.problem.pair_doctor
    room = doctors + rows.most.size + rows.pair.size // 2
    sets = Sets(
        parent=np.full(room, NOWHERE, np.int64),
        most=np.full(room, UNLIMITED, np.int64),
        size=np.zeros(room, np.int64),
        piece=np.zeros(room, np.bool_),
        leaf=np.where(asked.open, owner, NOWHERE),
        tally=np.zeros(room, np.int64),
    )
    sets.size[:doctors] = np.bincount(owner[asked.open], minlength=doctors)
    return sets


@lean
def imply(rows: Entries, first: Ints, row_of: Ints, count: Ints) -> None:
    """Mark the rows that smaller ones imply: each pair is counted in the tightest of them.

    The rows of pair ``p`` are ``row_of[first[p]:first[p + 1]]``; ``count`` is lent, and zero.
    """
    for r in range(rows.most.size):
        reached, begin, end = 0, rows.start[r], rows.start[r + 1]
        for e in range(begin, end):
            q = _tightest(rows, first, row_of, r, rows.pair[e])
            if q == NOWHERE:
                reached += 1
            elif count[q] < rows.most[q]:
                count[q] += 1
                reached += 1
        for e in range(begin, end):
            for k in range(first[rows.pair[e]], first[rows.pair[e] + 1]):
                count[row_of[k]] = 0
        rows.loose[r] = reached <= rows.most[r] and not rows.uneven[r]


@lean
def _tightest(rows: Entries, first: Ints, row_of: Ints, r: int, pair: int) -> int:
    """The row smaller than ``r`` that allows least of its pairs, of those with this one."""
    best, best_most, best_size = NOWHERE, 1, 1
    size = rows.start[r + 1] - rows.start[r]
    for k in range(first[pair], first[pair + 1]):
        q = row_of[k]
        own = rows.start[q + 1] - rows.start[q]
        if own < size and not rows.uneven[q] and rows.most[q] * best_size < best_most * own:
            best, best_most, best_size = q, rows.most[q], own
    return best


@lean
def nest(rows: Entries, sets: Sets, made: int) -> int:
    """Make a set of every row that lies within one so far, call the others loose."""
    for r in range(rows.most.size):
        begin, end, most = rows.start[r], rows.start[r + 1], rows.most[r]
        around = sets.leaf[rows.pair[begin]]
        crosses = rows.uneven[r]
        for e in range(begin, end):
            crosses |= sets.leaf[rows.pair[e]] != around
        rows.loose[r] = crosses
        if crosses or _least(sets, around) <= most:
            continue
        if end - begin == sets.size[around]:
            sets.most[around] = most
            continue
        sets.parent[made], sets.most[made], sets.size[made] = around, most, end - begin
        for e in range(begin, end):
            sets.leaf[rows.pair[e]] = made
        made += 1
    return made


@lean
def _least(sets: Sets, around: int) -> int:
    """The least that a set or one around it allows."""
    least = sets.most[around]
    while sets.parent[around] != NOWHERE:
        around = sets.parent[around]
        least = min(least, sets.most[around])
    return int(least)


@lean
def cut(rows: Entries, sets: Sets, piece: Ints, made: int) -> int:
    """Cut the loose rows along the sets; pairs of uneven weights are pieces by themselves."""
    for r in range(rows.most.size):
        begin, end = rows.start[r], rows.start[r + 1]
        if rows.loose[r]:
            for e in range(begin, end):
                piece[e] = -1 - rows.pair[e]
            if not rows.uneven[r]:
                made = _cut(rows, sets, r, piece, made)
    return made


@lean
def _cut(rows: Entries, sets: Sets, r: int, piece: Ints, made: int) -> int:
    """While it lasts, the ``tally`` of a set is how many pairs of the row are in it and in none
    within; or, once these are a piece, one less than minus that piece."""
    begin, end, leaf, tally = rows.start[r], rows.start[r + 1], sets.leaf, sets.tally
    for e in range(begin, end):
        tally[leaf[rows.pair[e]]] += 1
    for e in range(begin, end):
        around = leaf[rows.pair[e]]
        if tally[around] > 1:
            made = _part(sets, around, rows.most[r], made)
        if tally[around] < 0:
            piece[e] = -1 - tally[around]
    for e in range(begin, end):
        tally[leaf[rows.pair[e]]] = 0
    for e in range(begin, end):
        if piece[e] >= 0:
            leaf[rows.pair[e]] = piece[e]
    return made


@lean
def _part(sets: Sets, around: int, most: int, made: int) -> int:
    """Make a piece of what is tallied in a set: the set itself if that is all of it."""
    size = sets.tally[around]
    named = around
    if size < sets.size[around]:
        named, made = made, made + 1
        sets.parent[named], sets.size[named] = around, size
    sets.most[named] = min(sets.most[named], most)
    sets.piece[named] = True
    sets.tally[around] = -1 - named
    return made


@lean
def bare(sets: Sets, made: int, doctors: int) -> None:
    """Take out the sets whose own limit cannot bind: their ``size`` becomes zero."""
    _reach(sets, made, doctors)
    for v in range(doctors, made):
        sets.parent[v] = _left(sets, sets.parent[v], doctors)
    for pair in range(sets.leaf.size):
        if sets.leaf[pair] != NOWHERE:
            sets.leaf[pair] = _left(sets, sets.leaf[pair], doctors)


@lean
def _reach(sets: Sets, made: int, doctors: int) -> None:
    """Allow no set more than what those within and the pairs in none of them can come to."""
    for pair in range(sets.leaf.size):
        if sets.leaf[pair] != NOWHERE:
            sets.tally[sets.leaf[pair]] += 1
    for v in range(made - 1, -1, -1):
        if v >= doctors and sets.tally[v] <= sets.most[v] and not sets.piece[v]:
            sets.size[v] = 0
        sets.most[v] = min(sets.tally[v], sets.most[v])
        if v >= doctors:
            sets.tally[sets.parent[v]] += sets.most[v]


@lean
def _left(sets: Sets, v: int, doctors: int) -> int:
    """The set, or what is left around it if it was taken out and those above are settled."""
    return v if v < doctors or sets.size[v] > 0 else sets.parent[v]
