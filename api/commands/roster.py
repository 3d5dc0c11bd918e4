"""The commands of the duty roster, and of the calendar it stands on."""

from pathlib import Path
from typing import Annotated

import typer

from api import almanac, refusals, rounds, terminal
from api.commands import options
from api.services import ledger as standings


def fill(
    *,
    slots: options.InputFile,
    doctors: options.InputFile,
    availability: options.InputFile,
    out: options.OutFolder,
    seed: options.Seed = 1,
    rest_days: options.RestDays = None,
    min_gap_hours: options.MinGapHours = None,
    published: Annotated[
        Path | None, typer.Option(help="Tableau déjà publié : le changer le moins possible.")
    ] = None,
    timezone: options.Zone = "Europe/Paris",
    ledger: options.Ledger = None,
    keep_percent: options.KeepPercent = 100,
    travel: options.Travel = None,
    indemnity_ceiling: options.Ceiling = None,
    refuse_above_ceiling: options.RefuseAbove = False,
    plot: Annotated[
        Path | None, typer.Option(help="Dessin à écrire, .svg ou .png : charges et sièges vides.")
    ] = None,
    accept_partial: options.Partial = False,
) -> None:
    """Remplir un tableau de garde, équitablement et avec preuve."""
    charter = options.Charter.among(locals())
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Tableau de garde") as told:
        asked = charter.roster_options()
        _check_picture(plot)
        files = rounds.RosterFiles(
            slots, doctors, availability, published, ledger, travel=travel, plot=plot
        )
        run = rounds.fill(files, asked, rounds.Desk(out, accept_partial, refusals.warn, told))
    options.out_console.print(terminal.of_roster(run.summary))


def _check_picture(plot: Path | None) -> None:
    """Leave if the picture is asked for in another format than those there are."""
    if plot is not None and plot.suffix.lower() not in rounds.PICTURES:
        refusals.leave(
            f"--plot : « {plot.name} » n'est pas un nom de dessin ; attendu par exemple "
            "tableau.svg, que tout navigateur ouvre et imprime, ou tableau.png."
        )


def show_standings(
    *,
    ledger: Annotated[Path, typer.Option(help="Registre des gardes : un ledger.csv.")],
    doctors: options.InputFile,
    out: Annotated[Path | None, typer.Option(help="Dossier où écrire standings.csv.")] = None,
    day: options.Day = None,
    keep_percent: options.KeepPercent = 100,
    seed: options.Seed = 1,
    accept_partial: options.Partial = False,
) -> None:
    """Dire qui a porté quoi, et qui appeler d'abord pour une garde à reprendre."""
    with refusals.told():
        options.check_limits(seed=seed, keep_percent=keep_percent)
        asked = standings.StandingsOptions(options.as_day(day).year, keep_percent, seed)
        desk = rounds.Desk(out, accept_partial, refusals.warn)
        found = rounds.standings(ledger, doctors, asked, desk)
    options.out_console.print(terminal.of_standings(found))


def show_calendar(
    *,
    commune: Annotated[str, typer.Option(help="Code INSEE de la commune, par exemple 57463.")],
    year: Annotated[int, typer.Option(help="Année, de 2000 à 2100.")],
    saturday_afternoon: Annotated[
        bool, typer.Option("--saturday-afternoon", help="L'ARS a ouvert le samedi dès midi.")
    ] = False,
    bridge_days: Annotated[
        bool, typer.Option("--bridge-days", help="L'ARS a ouvert les ponts.")
    ] = False,
    long_weekend: options.LongWeekend = False,
    good_friday: options.GoodFriday = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Tout écrire en CSV.")] = False,
) -> None:
    """Montrer les jours fériés et le régime, PDSA ou journée, de chaque heure d'une année."""
    opened = almanac.Opened(saturday_afternoon, bridge_days, long_weekend, good_friday)
    wanted = almanac.asked(commune, year, opened)
    if as_csv:
        refusals.say(list(almanac.doubts(wanted)))
        typer.echo(almanac.csv(wanted), nl=False)
    else:
        options.out_console.print(almanac.of_year(wanted), highlight=False)


def make_slots(
    *,
    template: Annotated[Path, typer.Option(help="Modèle de créneaux, fichier TOML.")],
    commune: Annotated[str, typer.Option(help="Commune dont les jours fériés valent.")],
    first_day: Annotated[str, typer.Option(help="Premier jour, AAAA-MM-JJ.")],
    last_day: Annotated[str, typer.Option(help="Dernier jour, compris.")],
    out: options.OutFolder,
    long_weekend: options.LongWeekend = False,
    good_friday: options.GoodFriday = None,
    day: options.Day = None,
) -> None:
    """Tirer d'un modèle les créneaux d'une période, et dire les délais légaux de son tableau."""
    place = almanac.territory(commune, almanac.Opened(False, True, long_weekend, good_friday))
    period = almanac.span(first_day, last_day)
    with refusals.told():
        count = almanac.write_slots(template, period, place, out)
    options.out_console.print(almanac.of_slots(count, period, options.as_day(day)), highlight=False)
