"""A large network is settled in tiles first, several at a time; the whole then has little left to do.

A tile is a stretch of places, in their order, with the doctors that most of them are close to. Each
has a tree and a root of its own, so threads share nothing but what they only read; the same tiles are
solved in the same way on any number of threads.
"""

import os
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event

import numpy as np

from matcher.engine import planting, pricing
from matcher.engine.pricing import Forest, Table
from matcher.network import Network, Small
from matcher.progress import Watch

FROM_GROUPS = 100_000
"""Smaller networks are solved at once as fast."""

GROUPS_IN_TILE = 4_000

NEAREST = 10
"""So many doctors of each row count as close."""

import os as _o
MERGED = int(_o.environ.get('MERGED','4'))

GLANCE_SECONDS = 0.05


def worthwhile(network: Network) -> int:
    """Into how many tiles to cut, 0 for none."""
    return network.groups // GROUPS_IN_TILE if network.groups >= FROM_GROUPS else 0


def settle(network: Network, table: Table, forest: Forest, tiles: int, watch: Watch | None) -> int:
    """Solve each tile as if there were no other, then each four together, and so on.

    Afterwards all nodes hang on one another or on the sink, to be planted as one tree. Returns the
    pivots of all.
    """
    tile = _tile_of_node(network, tiles)
    pivots = 0
    while tiles > 1:
        pivots = _settle_apart(network, table, forest, tile, pivots, watch)
        tile, tiles = tile // MERGED, -(-tiles // MERGED)
    table.tile[:] = 0
    return pivots


def _settle_apart(network, table, forest, tile, before, watch):
    sink = network.groups + network.doctors
    nodes = forest.nodes
    table.tile[:] = tile[network.groups :]
    by_tile = np.argsort(tile, kind="stable").astype(np.int32)
    tiles = int(tile.max()) + 1
    orders = np.split(by_tile, np.searchsorted(tile[by_tile], np.arange(1, tiles)))
    pivots, stop = np.zeros(tiles, np.int64), Event()

    def settle_one(number: int) -> None:
        order, root = orders[number], sink + 1 + number
        parent = nodes["parent"][order]
        nodes["parent"][order] = np.where(parent >= sink, root, parent)
        planting.plant(table, forest, network.supply, order, root)
        for done in pricing.passes(table, forest, order, root, number):
            pivots[number] = done
            if stop.is_set():
                return

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(settle_one, number) for number in range(tiles)]
        try:
            while wait(running, GLANCE_SECONDS).not_done:
                if watch is not None:
                    watch(pricing.share(before + int(pivots.sum()), sink))
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    for each in running:
        each.result()
    nodes["parent"][:sink] = np.minimum(nodes["parent"][:sink], sink)
    return before + int(pivots.sum())


def _tile_of_node(network: Network, tiles: int) -> Small:
    """Of groups by the order of their places, as many groups in each; of doctors by vote."""
    by_place = np.argsort(network.row, kind="stable")
    of_group = np.empty(network.groups, np.int64)
    of_group[by_place] = np.arange(network.groups) * tiles // network.groups
    of_row = np.zeros(network.start.size - 1, np.int64)
    of_row[network.row] = of_group
    length = np.minimum(np.diff(network.start), NEAREST)
    row = np.repeat(np.arange(length.size), length)
    arc = np.arange(row.size) - np.repeat(np.cumsum(length) - length, length) + network.start[row]
    ballot = network.doctor[arc] * np.int64(tiles) + of_row[row]
    votes = np.bincount(ballot, minlength=network.doctors * tiles).reshape(-1, tiles)
    return np.concatenate([of_group, votes.argmax(axis=1)])
