"""What the cells of a row owe each other, and what rows owe each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from api.files import outcome, social_security

COORDINATES = ("latitude", "longitude")


@dataclass(frozen=True)
class Sheet:
    """The same rows twice: `cells` as text (null where empty or absent), `frame` as read."""

    cells: pl.DataFrame
    frame: pl.DataFrame
    lines: pl.Series


Rule = Callable[[Sheet], list[outcome.Fault]]
Places = Mapping[str, tuple[float, float]]


def faults_where(
    sheet: Sheet, wrong: pl.Expr, *, column: str, reason: str, frame: pl.DataFrame | None = None
) -> list[outcome.Fault]:
    """A fault of `column` in each row of `frame` (the text, unless given) where `wrong` holds."""
    rows = (sheet.cells if frame is None else frame).select(wrong.fill_null(value=False))
    cells = sheet.cells[column]
    return [
        outcome.Fault(int(row), column, cells[int(row)] or "", reason)
        for row in rows.to_series().arg_true()
    ]


def no_social_security_number(cells: pl.DataFrame) -> list[outcome.Fault]:
    """No cell of any column may hold what looks like a NIR, unknown columns included.

    Coordinates are left out: a long decimal can have the shape by chance.
    """
    reason = "ressemble à un numéro de sécurité sociale (NIR) ; retirez-le du fichier"
    return [
        outcome.Fault(row, name, cells[name][row], reason)
        for name in cells.columns
        if name not in COORDINATES
        for row in social_security.rows_holding(cells[name])
    ]


def unique(*keys: str) -> Rule:
    """No two rows with the same key; the second and following are at fault, naming the first."""

    def rule(sheet: Sheet) -> list[outcome.Fault]:
        keyed = sheet.cells.select(keys).with_columns(
            sheet.lines.alias("line"), row=pl.int_range(sheet.cells.height)
        )
        repeated = (
            keyed.drop_nulls(list(keys))
            .with_columns(first=pl.col("line").first().over(keys))
            .filter(pl.col("line") != pl.col("first"))
        )
        subject = "" if len(keys) == 1 else f"est répété : le couple ({', '.join(keys)}) "
        return [
            outcome.Fault(row, keys[-1], value, f"{subject}est déjà à la ligne {first}")
            for row, value, first in repeated.select("row", keys[-1], "first").iter_rows()
        ]

    return rule


def end_after_start(sheet: Sheet) -> list[outcome.Fault]:
    """A slot ends after it starts."""
    wrong = pl.col("end") <= pl.col("start")
    reason = "n'est pas après le début du créneau"
    return faults_where(sheet, wrong, column="end", reason=reason, frame=sheet.frame)


def two_sites(sheet: Sheet) -> list[outcome.Fault]:
    """A way goes from one site to another one."""
    wrong = pl.col("site_id") == pl.col("to_site_id")
    reason = "est le lieu de départ lui-même ; un trajet va d'un lieu à un autre"
    return faults_where(sheet, wrong, column="to_site_id", reason=reason)


def ages_in_order(sheet: Sheet) -> list[outcome.Fault]:
    """The lowest age accepted is not above the highest."""
    wrong = pl.col("min_age") > pl.col("max_age")
    reason = "est au-dessous de l'âge minimal (min_age)"
    return faults_where(sheet, wrong, column="max_age", reason=reason, frame=sheet.frame)


def placed(sheet: Sheet) -> list[outcome.Fault]:
    """Every row has a place: both coordinates, or a commune; and never the point (0, 0)."""
    latitude, longitude = (pl.col(name).is_not_null() for name in COORDINATES)
    nowhere = ~latitude & ~longitude & pl.col("code_insee").is_null()
    null_island = (pl.col("latitude") == 0) & (pl.col("longitude") == 0)
    return [
        *faults_where(
            sheet,
            latitude & ~longitude,
            column="latitude",
            reason="est donné sans longitude ; donnez les deux, ou code_insee seul",
        ),
        *faults_where(
            sheet,
            longitude & ~latitude,
            column="longitude",
            reason="est donné sans latitude ; donnez les deux, ou code_insee seul",
        ),
        *faults_where(
            sheet,
            nowhere,
            column="code_insee",
            reason="lieu absent ; donnez latitude et longitude, ou code_insee",
        ),
        *faults_where(
            sheet,
            null_island,
            column="latitude",
            reason="et longitude 0 : le point (0, 0) est un géocodage manqué ; corrigez le lieu",
            frame=sheet.frame,
        ),
    ]


def known_commune(places: Places) -> Rule:
    """A row placed by its commune alone must name a commune that we can place."""

    def rule(sheet: Sheet) -> list[outcome.Fault]:
        placed_by_commune = pl.all_horizontal(pl.col(name).is_null() for name in COORDINATES)
        codes = sheet.frame["code_insee"]
        unknown = codes.is_not_null() & ~codes.is_in(list(places))
        reason = "est une commune inconnue ici ; donnez plutôt latitude et longitude"
        return faults_where(sheet, placed_by_commune & unknown, column="code_insee", reason=reason)

    return rule


def placed_by_commune(frame: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Coordinates of the commune where a row has none of its own."""
    centres = pl.DataFrame(
        [(code, *centre) for code, centre in places.items()],
        schema={"code_insee": pl.String, "centre_lat": pl.Float64, "centre_lon": pl.Float64},
        orient="row",
    )
    joined = frame.join(centres, on="code_insee", how="left", maintain_order="left")
    return joined.with_columns(
        latitude=pl.coalesce("latitude", "centre_lat"),
        longitude=pl.coalesce("longitude", "centre_lon"),
    ).select(frame.columns)
