"""The calendar of a territory and the slots of a period: how they are asked for on the command
line, and what a terminal shows of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from api import refusals
from api.files import columns, errors, writing
from api.files import templates as written
from api.pages import words
from api.services import calendar, instants
from fixtures import communes
from scheduler import deadlines, holidays, regimes, templates

WEEKDAY, SATURDAY, SUNDAY, HOLIDAY, BRIDGE = " ", "\N{NO-BREAK SPACE}", ".", "*", "+"
MARKS = {
    WEEKDAY: "lundi à vendredi",
    SATURDAY: "samedi",
    SUNDAY: "dimanche",
    HOLIDAY: "jour férié",
    BRIDGE: "pont ouvert",
}
"""The mark of a day of the months, and the kind of day it stands for."""

BANDS = {
    regimes.Band.DEEP_NIGHT: "nuit profonde",
    regimes.Band.EARLY: "petit matin",
    regimes.Band.DAY: "journée",
    regimes.Band.EVENING: "soirée",
}
PARTS = (
    (0, 6, regimes.Band.DEEP_NIGHT),
    (6, 8, regimes.Band.EARLY),
    (8, 12, regimes.Band.DAY),
    (12, 20, regimes.Band.DAY),
    (20, 24, regimes.Band.EVENING),
)
REGIMES = "Régime selon l'heure (PDSA : permanence des soins ; SNP : soins de la journée)"
STEPS = {
    deadlines.Step.SUBMIT: "l'envoyer au conseil de l'Ordre (J-45)",
    deadlines.Step.PUBLISH: "l'Ordre l'envoie à tous (J-10)",
    deadlines.Step.REPORT: "dire qui a vraiment travaillé (un mois après)",
}
WEEK = "".join(f"{day[:2]} " for day in words.DAYS)
UNNAMED = "Commune"
SLOTS = "slots.csv"

Marked: TypeAlias = tuple[calendar.Day, str]


@dataclass(frozen=True)
class Asked:
    """A territory and what is known of its commune, for a year."""

    territory: regimes.Territory
    year: int

    @property
    def place(self) -> str:
        """The name of the commune, where it comes with Relève, and its code."""
        code = self.territory.code_insee
        named = (it.name for it in communes.load() if it.code_insee == code)
        return f"{next(named, UNNAMED)} ({code})"

    @property
    def opening(self) -> regimes.Opening:
        """What the options say is open, the whole year."""
        return self.territory.opening(date(self.year, 1, 1))


@dataclass(frozen=True)
class Opened:
    """What the options say that the ARS has opened, and of the church of the commune."""

    saturday_afternoon: bool = False
    bridge_days: bool = False
    long_weekend: bool = False
    good_friday: bool | None = None


def asked(commune: str, year: int, opened: Opened) -> Asked:
    """What the options ask for; leaves with a French sentence if they cannot be accepted."""
    first, last = instants.FIRST_YEAR, instants.LAST_YEAR
    if not first <= year <= last:
        refusals.leave(f"--year : {year} est hors limites ; attendu une année de {first} à {last}.")
    return Asked(territory(commune, opened), year)


def territory(commune: str, opened: Opened) -> regimes.Territory:
    """The territory of a commune, open the same way at all times; leaves as `asked` does."""
    code = _commune(commune)
    if opened.long_weekend and not opened.bridge_days:
        refusals.leave("--long-weekend dit quels ponts sont ouverts ; ajoutez --bridge-days.")
    if opened.good_friday is not None and not holidays.may_have_good_friday(code):
        refusals.leave("--good-friday ne se dit que d'une commune d'Alsace ou de Moselle.")
    opening = regimes.Opening(
        since=date.min,
        saturday_afternoon_open=opened.saturday_afternoon,
        bridge_days_open=opened.bridge_days,
        bridge_saturday="long_weekend" if opened.long_weekend else "strict",
    )
    return regimes.Territory(code, (opening,), opened.good_friday)


def _commune(given: str) -> str:
    try:
        code = columns.commune(given, columns.Conventions(decimal_comma=False, day=None))
    except columns.UnreadableCell as refused:
        refusals.leave(f"--commune : « {given} » {refused}.")
    try:
        holidays.departement(code)
    except ValueError:
        refusals.leave(
            f"--commune : « {given} » n'est dans aucun département ; attendu un code INSEE, "
            "par exemple 57463 (ce n'est pas le code postal). Le Pacifique a un autre droit."
        )
    return code


def csv(wanted: Asked) -> bytes:
    """The calendar for other programs: see `calendar.segments_csv`."""
    return calendar.segments_csv(calendar.days(wanted.year, wanted.territory))


def of_year(wanted: Asked) -> RenderableType:
    """The calendar for people: the months, the particular days, and the regime of each hour."""
    shown = calendar.days(wanted.year, wanted.territory)
    marked = [(it, _mark(it, wanted.opening)) for it in shown]
    months = [_month(list(days)) for _, days in groupby(marked, key=lambda it: it[0].day.month)]
    used = {mark for _, mark in marked}
    legend = [f"{mark} {MARKS[mark]}" for mark in MARKS if mark in used and mark.strip()]
    return Group(
        f"[bold]{escape(wanted.place)}, {wanted.year}[/bold]",
        f"Ouvert par l'ARS, selon vous : {_opened(wanted.opening)}.\n",
        Columns(months, padding=(0, 3)),
        "   ".join(legend) + "\n",
        _particular(marked),
        _hours(marked),
        *map(escape, doubts(wanted)),
    )


def doubts(wanted: Asked) -> Iterator[str]:
    """What the reader should check: the church of the commune, and a code without a name."""
    code = wanted.territory.code_insee
    if wanted.place.startswith(UNNAMED):
        yield f"Relève ne connaît pas la commune {code} par son nom : vérifiez le code."
    certain = wanted.territory.good_friday is not None or code in holidays.PROTESTANT_CHURCHES
    if holidays.may_have_good_friday(code) and not certain:
        yield (
            "Vendredi saint : compté comme ordinaire, car Relève ne sait pas si la commune a un "
            "temple protestant ou une église mixte. S'il y en a, ajoutez --good-friday."
        )


def _opened(opening: regimes.Opening) -> str:
    said = [
        words
        for open_, words in (
            (opening.saturday_afternoon_open, "samedi dès midi"),
            (opening.bridge_days_open, "ponts"),
            (opening.bridge_saturday == "long_weekend", "samedi qui suit un jeudi férié"),
        )
        if open_
    ]
    return ", ".join(said) or "ni samedi après-midi ni ponts"


def _mark(it: calendar.Day, opening: regimes.Opening) -> str:
    if it.holiday:
        return HOLIDAY
    if it.is_bridge_day and opening.bridge_days_open:
        return BRIDGE
    return {regimes.SATURDAY: SATURDAY, regimes.SUNDAY: SUNDAY}.get(it.day.weekday(), WEEKDAY)


def _month(marked: Sequence[Marked]) -> str:
    """Seven columns of three characters, the last one the mark of the day."""
    first = marked[0][0].day
    cells = ["   "] * first.weekday()
    cells += [f"{it.day.day:2}{mark}" for it, mark in marked]
    weeks = ["".join(cells[at : at + 7]).ljust(len(WEEK)) for at in range(0, len(cells), 7)]
    title = words.MONTHS[first.month - 1].center(len(WEEK))
    return "\n".join([f"[bold]{title}[/bold]", WEEK, *weeks, ""])


def _particular(marked: Sequence[Marked]) -> Table:
    table = Table("jour", "pourquoi", title="Jours fériés et ponts", title_justify="left")
    for it, mark in marked:
        if mark in {HOLIDAY, BRIDGE}:
            table.add_row(words.day_long(it.day), it.holiday or MARKS[mark])
    return table


def _hours(marked: Sequence[Marked]) -> Table:
    """The regime of each part of the day, by kind of day."""
    heads = (f"{start}-{end} h\n{BANDS[band]}" for start, end, band in PARTS)
    table = Table("jour", *heads, title=REGIMES, title_justify="left")
    for mark, kind in MARKS.items():
        segments = next((it.segments for it, own in marked if own == mark), None)
        if segments:
            table.add_row(kind, *_regimes(segments))
    return table


def _regimes(segments: Sequence[regimes.Segment]) -> list[str]:
    return [
        next(it.regime for it in segments if it.start_minute <= start * 60 < it.end_minute).upper()
        for start, _, _ in PARTS
    ]


def of_slots(slots: int, span: templates.Span, today: date) -> RenderableType:
    """How many slots a period has, and the legal clock of its roster on a day."""
    clock = deadlines.deadlines(span.first_day, span.last_day)
    short = not deadlines.is_long_enough(span.first_day, span.last_day)
    return "\n".join(
        [
            f"{words.number(slots)} créneaux du {words.day_plain(span.first_day)} "
            f"au {words.day_plain(span.last_day)}.",
            "Si le tableau est celui de la PDSA (R6315-2 du code de la santé publique) :",
            *(f"  {STEPS[it.step]} : {words.day_long(it.day)}, {_left(it, today)}" for it in clock),
            *(["  attention : la loi demande un tableau d'au moins trois mois"] if short else []),
        ]
    )


def _left(deadline: deadlines.Deadline, today: date) -> str:
    days = deadline.days_left(today)
    if days < 0:
        return "passé ; à faire quand même, l'envoi sera en retard"
    return f"dans {words.number(days)} jour{'s' if days > 1 else ''}" if days else "aujourd'hui"


def span(first_day: str, last_day: str) -> templates.Span:
    """The days of a period; leaves with a French sentence if they cannot be."""
    first, last = _day("--first-day", first_day), _day("--last-day", last_day)
    if last < first:
        refusals.leave(f"--last-day : le {last} vient avant le {first} de --first-day.")
    return templates.Span(first, last)


def write_slots(template: Path, period: templates.Span, place: regimes.Territory, out: Path) -> int:
    """Write `slots.csv` from a template, and say how many there are; raises errors.FilesError."""
    if template.resolve() in {(out / name).resolve() for name in (SLOTS, writing.REJECTS_FILE)}:
        raise errors.OutputRefused(out, "un résultat y remplacerait votre modèle ; renommez-le")
    pattern = written.read(template)
    found = templates.slots_of(pattern, period.first_day, period.last_day, place)
    writing.write_outputs(out, {SLOTS: calendar.slots_csv(found)})
    return len(found)


def _day(option: str, given: str) -> date:
    try:
        return columns.iso_day(given, columns.Conventions(decimal_comma=False, day=None))
    except columns.UnreadableCell as refused:
        refusals.leave(f"{option} : « {given} » {refused}.")
