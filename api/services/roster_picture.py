"""From the tables of a roster to its picture: loads against targets, holes week by week."""

import polars as pl

from api.files import picture


def drawn(
    slots: pl.DataFrame,
    doctors: pl.DataFrame,
    fairness: pl.DataFrame,
    holes: pl.DataFrame,
    timezone: str,
) -> str:
    """The SVG of a roster; doctors by name where the file tells it, weeks by local start."""
    return picture.roster(_loads(doctors, fairness), _weeks(slots, holes, timezone))


def _loads(doctors: pl.DataFrame, fairness: pl.DataFrame) -> list[picture.Load]:
    name = pl.concat_str("family_name", "given_name", separator=" ", ignore_nulls=True)
    named = fairness.join(doctors.select("rpps", name=name), on="rpps", how="left")
    shown = pl.when(pl.col("name") == "").then("rpps").otherwise(pl.coalesce("name", "rpps"))
    rows = named.select(shown, "points", "target").sort(
        "points", descending=True, maintain_order=True
    )
    return [picture.Load(*row) for row in rows.iter_rows()]


def _weeks(slots: pl.DataFrame, holes: pl.DataFrame, timezone: str) -> list[picture.Week]:
    """Every ISO week in which a slot starts, those without a hole included."""
    local = pl.col("start").dt.convert_time_zone(timezone)
    weeks = (
        slots.select("slot_id", year=local.dt.iso_year(), week=local.dt.week())
        .join(holes.select("slot_id", "missing"), on="slot_id", how="left")
        .group_by("year", "week")
        .agg(pl.col("missing").sum())
        .sort("year", "week")
    )
    return [
        picture.Week(f"S{week}", missing)
        for week, missing in weeks.select("week", "missing").iter_rows()
    ]
