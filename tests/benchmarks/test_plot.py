from xml.etree import ElementTree

from benchmarks import plot

SIZES = {"village": 100, "town": 10_000}
LINES = {
    "ours": [(100, 0.01), (10_000, 0.1)],
    "ours, all in": [(100, 0.02), (10_000, 0.3)],
    "a peer": [(100, 1.0)],
    "never ended": [],
}


def test_the_picture_names_every_solver_that_ended_and_every_size() -> None:
    said = "".join(ElementTree.fromstring(plot.drawn(LINES, SIZES, 90.0)).itertext())  # noqa: S314

    for words in ("ours, all in", "a peer", "village", "10,000", "a peer may take 90 s"):
        assert words in said
    assert "never ended" not in said


def test_the_same_figures_make_the_same_picture_without_a_date() -> None:
    one, again = (plot.drawn(LINES, SIZES, 90.0) for _ in range(2))

    assert one == again
    assert "dc:date" not in one
