"""Pictures: seconds against people for the matching, fairness against seconds for the roster."""

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INCHES = (9.0, 5.2)
OURS = ("#0b6e4f", "#5fb49c")
PEERS = ("#c8553d", "#e09f3e", "#6c7a89", "#9b5de5", "#3a86ff", "#b0a090")
MARKS = "osD^vP"
COLUMNS = 4
READABLE = {"svg.fonttype": "none", "svg.hashsalt": "releve"}
"""Text stays text, and the same figures give the same bytes."""

Points = Sequence[tuple[int, float]]
"""People, and seconds."""


def drawn(lines: Mapping[str, Points], sizes: Mapping[str, int], limit_seconds: float) -> str:
    """An SVG. The first two lines are ours; ``sizes`` names the people on the axis."""
    with mpl.rc_context(READABLE):
        figure = Figure(figsize=INCHES, layout="constrained")
        axes = figure.subplots()
        _lines(axes, lines)
        axes.axhline(limit_seconds, color="#999", linewidth=0.8, linestyle=":")
        axes.annotate(
            f"a peer may take {limit_seconds:.0f} s", (1, limit_seconds), (-4, 3),
            xycoords=("axes fraction", "data"), textcoords="offset points",
            ha="right", color="#666", fontsize=8,
        )  # fmt: skip
        _frame(axes, sizes)
        return _svg(figure)


def over_time(panels: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]]) -> str:
    """An SVG with a panel for each instance: seconds, and per cent beyond the best known.

    The first two lines of a panel are ours. A line begins once every seat is filled.
    """
    with mpl.rc_context(READABLE):
        columns = min(len(panels), COLUMNS)
        rows = -(-len(panels) // columns)
        figure = Figure(figsize=(INCHES[0], 2.2 * rows + 0.6), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes, (title, lines) in zip(grid.flat, panels.items(), strict=False):
            _panel(axes, title, lines)
        for axes in grid.flat[len(panels) :]:
            axes.set_axis_off()
        handles, names = grid.flat[0].get_legend_handles_labels()
        figure.legend(
            handles, names, frameon=False, fontsize=8, ncols=3, loc="outside lower center"
        )
        return _svg(figure)


def _panel(axes: Axes, title: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> None:
    looks = zip((*OURS, *PEERS), MARKS[0] * len(OURS) + MARKS, strict=False)
    for (name, points), (colour, mark) in zip(lines.items(), looks, strict=False):
        seconds, beyond = zip(*points, strict=True) if points else ((), ())
        axes.plot(
            seconds, beyond, mark, ls="-", drawstyle="steps-post", color=colour, ms=4, label=name
        )
    axes.set_title(title, fontsize=8)
    axes.set(xscale="log", yscale="symlog", xlim=(0.001, 100), ylim=(-0.1, 100))
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.xaxis.set_major_formatter("{x:g} s")
    axes.tick_params(labelsize=7)
    axes.minorticks_off()
    axes.grid(visible=True, color="#e5e5e5", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _svg(figure: Figure) -> str:
    picture = io.StringIO()
    figure.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
    return picture.getvalue()


def _lines(axes: Axes, lines: Mapping[str, Points]) -> None:
    looks = [*((colour, 2.4) for colour in OURS), *((colour, 1.2) for colour in PEERS)]
    marks = MARKS[0] * len(OURS) + MARKS
    for (name, points), (colour, width), mark in zip(lines.items(), looks, marks, strict=False):
        if points:
            people, seconds = zip(*points, strict=True)
            axes.plot(people, seconds, mark, ls="-", color=colour, lw=width, ms=5, label=name)


def _frame(axes: Axes, sizes: Mapping[str, int]) -> None:
    axes.set(xscale="log", yscale="log", ylabel="seconds, median of 3")
    axes.set_xticks(list(sizes.values()), [f"{name}\n{it:,}" for name, it in sizes.items()])
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    axes.set_xlabel("patients without médecin traitant")
    axes.grid(visible=True, color="#e5e5e5", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
