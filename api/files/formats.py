"""The formats people send: their columns, and one reader for each.

A reader gives a `table.Table`: the rows that hold, with the rejects beside them. It raises
`errors.FileRefused` only when nothing of the file can be read. Whether rejects stop the work is
for the caller to say.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from api.files import columns, errors, outcome, rules, source, table
from api.files.columns import Column

MAX_PLACES = 100_000
MAX_COUNT = 1_000
MAX_POINTS = 1_000
MAX_HISTORY_POINTS = 100_000
MAX_MINUTES = 1_440
OLDEST_AGE = 130
UTC_MOMENT = pl.Datetime("us", "UTC")
WORDS = pl.List(pl.String)
DAYS = {"first_day": pl.Date, "last_day": pl.Date}
AUTHORISATIONS = pl.List(pl.Struct({"departement": pl.String, **DAYS}))
REPLACEMENTS = pl.List(pl.Struct({"locum": pl.String, **DAYS}))


@dataclass(frozen=True)
class Format:
    """Columns in order, the rules between cells, and whether each row stands somewhere."""

    columns: tuple[Column, ...]
    rules: tuple[rules.Rule, ...]
    placed: bool = False


def _place() -> tuple[Column, ...]:
    return (
        Column("latitude", pl.Float64, columns.number(-90, 90)),
        Column("longitude", pl.Float64, columns.number(-180, 180)),
        Column("code_insee", pl.String, columns.commune),
    )


def _answers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, pl.Boolean, columns.answer) for name in names)


def _rpps(name: str, *, required: bool) -> Column:
    doubt = columns.wrong_key
    return Column(name, pl.String, columns.rpps, required=required, filled=required, doubt=doubt)


def _identifier(name: str) -> Column:
    return Column(name, pl.String, columns.identifier, required=True, filled=True)


def _text(name: str) -> Column:
    return Column(name, pl.String, columns.free_text)


def _past_day(name: str) -> Column:
    return Column(name, pl.Date, columns.iso_day, doubt=columns.later_than_round)


def _count(name: str, low: int, high: int) -> Column:
    """A whole number that must be there."""
    return Column(name, pl.Int32, columns.whole(low, high), required=True, filled=True)


def _optional_count(name: str, high: int, default: int | None = None) -> Column:
    return Column(name, pl.Int32, columns.whole(0, high), default=default)


PATIENTS = Format(
    columns=(
        _identifier("patient_id"),
        Column("household_id", pl.String, columns.identifier),
        Column("birth_year", pl.Int32, columns.birth_year),
        *_place(),
        *_answers("ald", "pregnant", "handicap", "ehpad", "precarious"),
        _past_day("unattached_since"),
        _rpps("usual_doctor_rpps", required=False),
        *_answers("needs_wheelchair", "needs_home_visit"),
        Column("languages", WORDS, columns.spoken, default=[]),
        Column("max_minutes", pl.Float64, columns.number(0)),
    ),
    rules=(rules.unique("patient_id"),),
    placed=True,
)

DOCTORS = Format(
    columns=(
        _rpps("rpps", required=True),
        _text("family_name"),
        _text("given_name"),
        *_place(),
        _count("places", 0, MAX_PLACES),
        _optional_count("min_age", OLDEST_AGE),
        _optional_count("max_age", OLDEST_AGE),
        *_answers("wheelchair"),
        Column("languages", WORDS, columns.spoken, default=[]),
        Column("home_visit_minutes", pl.Float64, columns.number(0)),
        Column(
            "status",
            pl.String,
            columns.one_of("installed", "locum", "assistant"),
            empty_doubt="statut inconnu, compté comme installé ; à confirmer auprès du médecin",
        ),
        _past_day("confirmed_on"),
    ),
    rules=(rules.unique("rpps"), rules.ages_in_order),
    placed=True,
)

SLOTS = Format(
    columns=(
        _identifier("slot_id"),
        _identifier("site_id"),
        Column("start", UTC_MOMENT, columns.moment, required=True, filled=True),
        Column("end", UTC_MOMENT, columns.moment, required=True, filled=True),
        _count("doctors_needed", 0, MAX_COUNT),
        _count("hardness", 1, 3),
        _count("points", 0, MAX_POINTS),
        Column("departement", pl.String, columns.departement),
        Column("indemnity", pl.Float64, columns.number(0)),
    ),
    rules=(rules.unique("slot_id"), rules.end_after_start),
)

DUTY_DOCTORS = Format(
    columns=(
        _rpps("rpps", required=True),
        _text("family_name"),
        _text("given_name"),
        Column("participation", pl.Float64, columns.share, required=True, filled=True),
        _optional_count("max_per_week", MAX_COUNT),
        _optional_count("max_per_month", MAX_COUNT),
        _optional_count("max_per_period", MAX_COUNT),
        _optional_count("history_points", MAX_HISTORY_POINTS, default=0),
        Column("indemnity_so_far", pl.Float64, columns.number(0)),
        _optional_count("min_per_period", MAX_COUNT, default=0),
        Column("licence_until", pl.Date, columns.iso_day),
        Column("authorisations", AUTHORISATIONS, columns.authorisations),
        Column("replaced", REPLACEMENTS, columns.replacements),
    ),
    rules=(rules.unique("rpps"),),
)

AVAILABILITY = Format(
    columns=(
        _rpps("rpps", required=True),
        _identifier("slot_id"),
        Column("wish", pl.Int32, columns.whole(-2, 2), default=0),
        *_answers("forbidden", "waives_rest"),
    ),
    rules=(rules.unique("rpps", "slot_id"),),
)

PUBLISHED = Format(
    columns=(
        _identifier("slot_id"),
        _rpps("rpps", required=True),
        _optional_count("points", MAX_POINTS),
        *_answers("pinned"),
    ),
    rules=(rules.unique("slot_id", "rpps"),),
)

LEDGER = Format(
    columns=(
        Column("day", pl.Date, columns.iso_day, required=True, filled=True),
        _identifier("slot_id"),
        _rpps("rpps", required=True),
        _count("points", 0, MAX_POINTS),
        Column("planned", pl.Boolean, columns.answer, default=True),
        Column("held", pl.Boolean, columns.answer, default=True),
        *_answers("worked"),
    ),
    rules=(rules.unique("day", "slot_id", "rpps"),),
)

TRAVEL = Format(
    columns=(
        _identifier("site_id"),
        _identifier("to_site_id"),
        Column("minutes", pl.Float64, columns.number(0, MAX_MINUTES), required=True, filled=True),
    ),
    rules=(rules.unique("site_id", "to_site_id"), rules.two_sites),
)

SITES = Format(
    columns=(
        _identifier("site_id"),
        Column("name", pl.String, columns.free_text, required=True, filled=True),
        _text("address"),
        *_place(),
        _text("phone"),
    ),
    rules=(rules.unique("site_id"),),
    placed=True,
)


def read_patients(
    path: Path, *, known_communes: rules.Places | None = None, day: date | None = None
) -> table.Table:
    """Patients without médecin traitant; `day` is the day of the round.

    `known_communes` places (latitude, longitude, in degrees) the rows that have only a commune;
    without it such rows keep no coordinates. `unattached_since` later than `day` becomes `day`, so
    that the patient has waited 0 days.
    """
    patients = _read(path, PATIENTS, known_communes=known_communes, day=day)
    if day is None:
        return patients
    since = pl.min_horizontal("unattached_since", pl.lit(day))
    clipped = pl.when(pl.col("unattached_since").is_not_null()).then(since)
    frame = patients.frame.with_columns(unattached_since=clipped)
    return replace(patients, frame=frame)


def read_doctors(
    path: Path, *, known_communes: rules.Places | None = None, day: date | None = None
) -> table.Table:
    """Doctors who may take new patients, and where they practise."""
    return _read(path, DOCTORS, known_communes=known_communes, day=day)


def read_slots(path: Path) -> table.Table:
    """Duty slots to staff; `start` and `end` are given in UTC."""
    return _read(path, SLOTS)


def read_duty_doctors(path: Path) -> table.Table:
    """Doctors who take duties, with their caps and history."""
    return _read(path, DUTY_DOCTORS)


def read_availability(path: Path) -> table.Table:
    """Who can take which slot, and how gladly."""
    return _read(path, AVAILABILITY)


def read_published(path: Path) -> table.Table:
    """A roster published before: slots and their doctors."""
    return _read(path, PUBLISHED)


def read_ledger(path: Path) -> table.Table:
    """Who carried which duty in former rosters."""
    return _read(path, LEDGER)


def read_travel(path: Path) -> table.Table:
    """How long it takes from one duty site to another."""
    return _read(path, TRAVEL)


def read_sites(path: Path, *, known_communes: rules.Places | None = None) -> table.Table:
    """The places where duties are held."""
    return _read(path, SITES, known_communes=known_communes)


def completed(rows: pl.DataFrame, form: Format) -> pl.DataFrame:
    """The rows with every column of the format; those that are not there are unknown."""
    return rows.with_columns(
        pl.lit(column.default, column.dtype).alias(column.name)
        for column in form.columns
        if column.name not in rows.columns
    )


def _read(
    path: Path,
    form: Format,
    *,
    known_communes: rules.Places | None = None,
    day: date | None = None,
) -> table.Table:
    """The stages in order: text, header, cells, rows; then the rows at fault are set aside."""
    text = source.read_source(path)
    _require_columns(text, form)
    sheet, parsed = _typed(text, form, columns.Conventions(text.decimal_comma, day))
    whole = table.Table(
        text.file, sheet.frame, text.lines, text.cells, _header_remarks(text, form), text.rejects
    )
    doubts = [
        (column.values.name, reason, rows) for column in parsed for reason, rows in column.doubts
    ]
    whole.warnings.extend(table.grouped_remarks(whole, doubts))
    faults = rules.no_social_security_number(text.cells)
    faults += [fault for column in parsed for fault in column.faults]
    faults += [fault for rule in _rules(form, known_communes) for fault in rule(sheet)]
    kept = table.set_aside(whole, faults)
    if not form.placed or known_communes is None:
        return kept
    return replace(kept, frame=rules.placed_by_commune(kept.frame, known_communes))


def _rules(form: Format, known_communes: rules.Places | None) -> tuple[rules.Rule, ...]:
    if not form.placed:
        return form.rules
    if known_communes is None:
        return (*form.rules, rules.placed)
    return (*form.rules, rules.placed, rules.known_commune(known_communes))


def _typed(
    text: source.Source, form: Format, conventions: columns.Conventions
) -> tuple[rules.Sheet, list[columns.Parsed]]:
    """Every column of the format, absent ones empty, as text and as values."""
    present = set(text.cells.columns)
    cells = text.cells.select(
        pl.col(column.name)
        if column.name in present
        else pl.lit(None, pl.String).alias(column.name)
        for column in form.columns
    )
    parsed = [columns.parse(column, cells[column.name], conventions) for column in form.columns]
    frame = pl.DataFrame([column.values for column in parsed])
    return rules.Sheet(cells, frame, text.lines), parsed


def _require_columns(text: source.Source, form: Format) -> None:
    found = text.cells.columns
    missing = [column.name for column in form.columns if column.required]
    missing = [name for name in missing if name not in found]
    has_place = "code_insee" in found or set(rules.COORDINATES) <= set(found)
    listed = outcome.shortened(", ".join(found))
    reason = f"colonne obligatoire absente ; colonnes trouvées : {listed}"
    rejects = [outcome.Reject(text.file, text.header_line, name, "", reason) for name in missing]
    if form.placed and not has_place:
        reason = f"il faut latitude et longitude, ou code_insee ; colonnes trouvées : {listed}"
        rejects.append(outcome.Reject(text.file, text.header_line, "code_insee", "", reason))
    if rejects:
        raise errors.FileRefused(rejects)


def _header_remarks(text: source.Source, form: Format) -> list[outcome.Remark]:
    known = {column.name for column in form.columns}
    remarks = [
        outcome.Remark(text.file, name, "colonne inconnue, laissée de côté")
        for name in text.cells.columns
        if name not in known
    ]
    if not text.cells.height and not text.rejects:
        remarks.append(outcome.Remark(text.file, None, "aucune ligne sous les en-têtes"))
    return remarks
