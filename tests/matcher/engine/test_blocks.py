import numpy as np

from matcher.engine import blocks
from tests.matcher.engine import networks


def test_each_row_meets_the_block_of_each_doctor_at_the_shortest_way() -> None:
    net = networks.network(2, groups=50, doctors=70, rows=30)

    met = blocks.gather(net.start, net.doctor, net.way, net.doctors)

    for row in range(net.start.size - 1):
        span = slice(int(net.start[row]), int(net.start[row + 1]))
        shortest: dict[int, int] = {}
        for block, way in zip(met.of_doctor[net.doctor[span]], net.way[span], strict=True):
            shortest.setdefault(int(block), int(way))
        listed = slice(int(met.start[row]), int(met.start[row + 1]))
        assert dict(zip(met.block[listed], met.way[listed], strict=True)) == shortest


def test_doctors_nearest_in_the_same_rows_share_a_block() -> None:
    many = 2 * blocks.DOCTORS_IN_BLOCK
    start = np.array([0, many, 2 * many])
    doctor = np.concatenate([np.arange(many), np.arange(many)]).astype(np.int32)
    east = np.arange(many) % 2
    way = np.concatenate([east, 1 - east]).astype(np.int32)

    met = blocks.gather(start, doctor, way, many)

    assert len(set(zip(met.of_doctor.tolist(), east.tolist(), strict=True))) == 2


def test_no_doctors_make_no_blocks() -> None:
    nobody = np.zeros(0, np.int32)

    assert blocks.gather(np.zeros(3, np.int64), nobody, nobody, 0).block.size == 0
