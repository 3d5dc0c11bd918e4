"""What several commands share: their options, the limits of these, and where answers go."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console, RenderableType

import matcher
from api import refusals, roster_events, suppositions
from api.files import columns, writing
from api.services import matching, roster

LIMITS = {
    "seed": (0, 2**31 - 1),
    "radius_km": (0.1, 20_000),
    "speed_kmh": (1, 1_000),
    "detour": (1, 10),
    "rest_days": (0, 366),
    "keep_percent": (0, 100),
    "min_gap_hours": (0, 168),
    "indemnity_ceiling": (0, 1_000_000),
    "workers": (1, 1_000),
    "places_each": (1, suppositions.MOST_PLACES),
}
"""Lowest and highest value of the options that are numbers: beyond, seconds mean nothing."""

out_console = Console()

InputFile = Annotated[Path, typer.Option(help="Fichier CSV (UTF-8) ou XLSX.")]
OutFolder = Annotated[Path, typer.Option(help="Dossier des résultats ; créé s'il n'existe pas.")]
Seed = Annotated[int, typer.Option(help="Graine des tirages au sort entre égaux.")]
Day = Annotated[
    str | None,
    typer.Option("--date", help="Jour de référence, AAAA-MM-JJ ; aujourd'hui sinon."),
]
Partial = Annotated[
    bool, typer.Option("--accept-partial", help="Continuer sans les lignes refusées.")
]

AsJson = Annotated[bool, typer.Option("--json", help="Tout écrire en JSON.")]
RadiusKm = Annotated[float, typer.Option(help="Distance maximale, en kilomètres.")]
SpeedKmh = Annotated[float, typer.Option(help="Vitesse moyenne du trajet.")]
LongWeekend = Annotated[
    bool, typer.Option("--long-weekend", help="Pont aussi le samedi après un jeudi férié.")
]
GoodFriday = Annotated[
    bool | None, typer.Option(help="La commune a-t-elle un temple ou une église mixte ?")
]
Detour = Annotated[float, typer.Option(help="Détour par rapport au vol d'oiseau.")]

RestDays = Annotated[
    int | None, typer.Option(help="Jours libres entre deux gardes ; 1 si rien n'est dit.")
]
MinGapHours = Annotated[
    float | None,
    typer.Option(
        help="Au lieu de jours libres : plusieurs gardes par jour, espacées d'autant d'heures."
    ),
]
Zone = Annotated[str, typer.Option(help="Heure civile du territoire.")]
Travel = Annotated[
    Path | None, typer.Option(help="Trajets entre lieux de garde : site_id, to_site_id, minutes.")
]
Ledger = Annotated[Path | None, typer.Option(help="Registre des gardes passées : un ledger.csv.")]
KeepPercent = Annotated[
    int, typer.Option(help="Part des points du registre gardée d'une année à la suivante.")
]
Ceiling = Annotated[
    float | None,
    typer.Option(help="Plafond d'indemnités de l'année civile, en euros ; prévient à 90 %."),
]
RefuseAbove = Annotated[
    bool, typer.Option("--refuse-above-ceiling", help="Ne rien donner au-delà du plafond.")
]


def answer(data: object, shown: RenderableType, *, as_json: bool) -> None:
    """Print what was found, for programs or for people."""
    if as_json:
        typer.echo(writing.json_bytes(data), nl=False)
    else:
        out_console.print(shown)


def check_limits(**options: float) -> None:
    """Leave, naming the option, when a number is out of its limits (NaN always is)."""
    for name, value in options.items():
        low, high = LIMITS[name]
        if not low <= value <= high:
            option = name.replace("_", "-")
            refusals.leave(f"--{option} : {value} est hors limites ; attendu de {low} à {high}.")


def match_options(day: str | None, seed: int, terms: Mapping[str, float]) -> matching.MatchOptions:
    """The options of a round. Leaves, naming the option, if one cannot be."""
    check_limits(seed=seed, **terms)
    return matching.MatchOptions(day=as_day(day), seed=seed, terms=matcher.Terms(**terms))


@dataclass(frozen=True)
class Charter:
    """What a territory has chosen for its rosters, as options say it."""

    seed: int
    rest_days: int | None
    min_gap_hours: float | None
    timezone: str
    keep_percent: int
    indemnity_ceiling: float | None
    refuse_above_ceiling: bool

    @classmethod
    def among(cls, given: Mapping[str, Any]) -> "Charter":
        """The charter that stands among all the options of a command, by their names."""
        return cls(**{it.name: given[it.name] for it in fields(cls)})

    def roster_options(self) -> roster.RosterOptions:
        """The same for the service. Leaves, naming the option, if one cannot be."""
        told = {
            "rest_days": self.rest_days,
            "min_gap_hours": self.min_gap_hours,
            "indemnity_ceiling": self.indemnity_ceiling,
        }
        known = {name: value for name, value in told.items() if value is not None}
        check_limits(seed=self.seed, keep_percent=self.keep_percent, **known)
        check_timezone(self.timezone)
        if self.rest_days is not None and self.min_gap_hours is not None:
            refusals.leave("Donnez --rest-days ou --min-gap-hours, pas les deux à la fois.")
        if self.refuse_above_ceiling and self.indemnity_ceiling is None:
            refusals.leave("--refuse-above-ceiling : dites le plafond avec --indemnity-ceiling.")
        gap, ceiling = self.min_gap_hours, self.indemnity_ceiling
        return roster.RosterOptions(
            seed=self.seed,
            rest_days=1 if self.rest_days is None else self.rest_days,
            min_gap_seconds=None if gap is None else round(3600 * gap),
            timezone=self.timezone,
            keep_percent=self.keep_percent,
            indemnity_ceiling_cents=None if ceiling is None else round(100 * ceiling),
            ceiling_refuses=self.refuse_above_ceiling,
        )


def check_timezone(name: str) -> None:
    """Leave if there is no such time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        refusals.leave(
            f"--timezone : « {name} » est un fuseau inconnu ; attendu par exemple Europe/Paris."
        )


def as_day(given: str | None) -> date:
    """The day given, today if none. Leaves if it is no day."""
    if given is None:
        return date.today()  # noqa: DTZ011 - the user's own calendar
    try:
        return columns.iso_day(given, columns.Conventions(decimal_comma=False, day=None))
    except columns.UnreadableCell as refused:
        refusals.leave(f"--date : « {given} » {refused}.")


def as_moment(given: str | None, zone: ZoneInfo) -> datetime:
    """The instant given, in the time of the territory; the present one if none."""
    if given is None:
        return datetime.now(zone)
    return roster_events.moment("now", given, zone)
