"""The commands about a roster that is out: mend it, and answer for it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api import refusals, roster_answers, roster_events, rounds, terminal
from api.commands import options
from api.services import roster_explanation

Published = Annotated[Path, typer.Option(help="Tableau publié : un roster.csv.")]
Now = Annotated[
    str | None,
    typer.Option(help="Instant présent, AAAA-MM-JJTHH:MM ; ce qui a commencé ne change plus."),
]


def mend(
    *,
    slots: options.InputFile,
    doctors: options.InputFile,
    availability: options.InputFile,
    published: Published,
    out: options.OutFolder,
    absent: Annotated[
        list[str] | None, typer.Option(help="Médecin absent : RPPS=2026-10-01..2026-10-07.")
    ] = None,
    replaced: Annotated[
        list[str] | None,
        typer.Option(help="Médecin remplacé, et par qui : RPPS=RPPS:2026-10-01..2026-10-07."),
    ] = None,
    swap: Annotated[
        list[str] | None,
        typer.Option(help="Échange accepté par les deux : CRÉNEAU:RPPS=CRÉNEAU:RPPS."),
    ] = None,
    move: Annotated[
        list[str] | None,
        typer.Option(help="Créneau déplacé : CRÉNEAU=2026-10-01T18:30..2026-10-01T20:30."),
    ] = None,
    withdraw: Annotated[list[str] | None, typer.Option(help="Créneau supprimé.")] = None,
    now: Now = None,
    ledger: options.Ledger = None,
    keep_percent: options.KeepPercent = 100,
    seed: options.Seed = 1,
    rest_days: options.RestDays = None,
    min_gap_hours: options.MinGapHours = None,
    timezone: options.Zone = "Europe/Paris",
    travel: options.Travel = None,
    indemnity_ceiling: options.Ceiling = None,
    refuse_above_ceiling: options.RefuseAbove = False,
    accept_partial: options.Partial = False,
) -> None:
    """Réparer un tableau publié en le changeant le moins possible, avec preuve."""
    charter = options.Charter.among(locals())
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Réparation") as told:
        asked = charter.roster_options()
        given = {"absent": absent, "replaced": replaced, "swap": swap}
        zone = ZoneInfo(timezone)
        happened = roster_events.happened(given | {"move": move, "withdraw": withdraw}, zone)
        files = rounds.RosterFiles(slots, doctors, availability, published, ledger, travel=travel)
        desk = rounds.Desk(out, accept_partial, refusals.warn, told)
        run = rounds.repair(files, happened, options.as_moment(now, zone), asked, desk)
    options.out_console.print(roster_answers.of_repair(run))


def explain(
    *,
    slots: options.InputFile,
    doctors: options.InputFile,
    availability: options.InputFile,
    published: Published,
    slot: Annotated[str | None, typer.Option(help="Créneau : pourquoi ce médecin.")] = None,
    doctor: Annotated[str | None, typer.Option(help="RPPS : pourquoi tant de gardes.")] = None,
    now: Now = None,
    ledger: options.Ledger = None,
    keep_percent: options.KeepPercent = 100,
    seed: options.Seed = 1,
    rest_days: options.RestDays = None,
    min_gap_hours: options.MinGapHours = None,
    timezone: options.Zone = "Europe/Paris",
    travel: options.Travel = None,
    indemnity_ceiling: options.Ceiling = None,
    refuse_above_ceiling: options.RefuseAbove = False,
    accept_partial: options.Partial = False,
    as_json: options.AsJson = False,
) -> None:
    """Dire pourquoi ce médecin sur ce créneau, pourquoi tant de gardes, ou que faire des trous."""
    charter = options.Charter.among(locals())
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Explication") as told:
        if slot is not None and doctor is not None:
            refusals.leave("Demandez --slot ou --doctor, pas les deux à la fois.")
        asked = charter.roster_options()
        files = rounds.RosterFiles(slots, doctors, availability, published, ledger, travel=travel)
        desk = rounds.Desk(None, accept_partial, refusals.warn, told)
        moment = options.as_moment(now, ZoneInfo(timezone))
        subject = roster_explanation.Subject(slot, doctor)
        found = rounds.explain_roster(files, subject, moment, asked, desk)
    options.answer(asdict(found), roster_answers.of_explanation(found), as_json=as_json)
