"""The picture of the matching: seconds against people, a line per solver, on logarithmic scales."""

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INCHES = (9.0, 5.2)
OURS = ("#0b6e4f", "#5fb49c")
PEERS = ("#c8553d", "#e09f3e", "#6c7a89", "#9b5de5", "#3a86ff", "#b0a090")
MARKS = "osD^vP"

Points = Sequence[tuple[int, float]]
"""People, and seconds."""


def drawn(lines: Mapping[str, Points], sizes: Mapping[str, int], limit_seconds: float) -> str:
    """An SVG. The first two lines are ours; ``sizes`` names the people on the axis."""
    # Text stays text, and the same figures give the same bytes.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "releve"}):
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
