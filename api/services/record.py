"""Putting into the store what the files say and what the runs found.

Each function replaces what was recorded before on the same matter, so that recording twice is
recording once. None commits: the edge does, and readers see everything change at that instant.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import polars as pl
from sqlalchemy import and_, delete, or_
from sqlmodel import Session, col, select

from api.services import errors, figures
from store import tables

Place = tuple[Any, ...]
"""A doctor and where: what tells one practice from another."""


class Commune(Protocol):
    """What a commune must say of itself to be recorded."""

    @property
    def code_insee(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def postal_codes(self) -> Sequence[str]: ...
    @property
    def population(self) -> int: ...
    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...
    @property
    def epci_name(self) -> str: ...


def record_territory(
    session: Session, communes: Iterable[Commune], territory: tables.Territory | None = None
) -> None:
    """Record communes, and a territory if one is given. Those recorded before stay, updated."""
    if territory is not None:
        session.merge(territory)
    for commune in communes:
        session.merge(
            tables.Commune(
                code_insee=commune.code_insee,
                name=commune.name,
                postal_codes=" ".join(commune.postal_codes),
                population=commune.population,
                latitude=commune.latitude,
                longitude=commune.longitude,
                epci_name=commune.epci_name,
            )
        )
    session.flush()


def record_doctors(session: Session, doctors: pl.DataFrame) -> None:
    """Make the practices those of the rows of the doctors' file; a row may lack either place.

    A practice that was known stays the same one, and another number of places is a declaration
    after the former ones. A doctor who is in the file no more is forgotten, unless something else
    still refers to that doctor, such as the published roster.
    Raises `errors.UnusableRows` for a commune that is not recorded, or for no place at all.
    """
    centres = {commune.code_insee: commune for commune in session.exec(select(tables.Commune))}
    rows = doctors.to_dicts()
    _refuse(
        "doctors",
        "unknown_commune",
        (r["rpps"] for r in rows if r["code_insee"] and r["code_insee"] not in centres),
    )
    _refuse("doctors", "no_place", (r["rpps"] for r in rows if not _has_place(r)))
    _name_doctors(session, rows)
    practices = _practices(session, rows, centres)
    _declare(session, practices, rows)
    _forget_idle_doctors(session)


def record_roster(
    session: Session,
    run: tables.Run,
    *,
    sites: pl.DataFrame,
    slots: pl.DataFrame,
    doctors: pl.DataFrame,
    roster: pl.DataFrame,
    territory_id: str | None = None,
) -> None:
    """Publish a roster: it replaces what its territory had published for the time it covers.

    That time goes from the start of the first slot until the end of the last; duties outside
    of it, past or to come, remain. Raises `errors.UnusableRows` for a site in a commune that is
    not recorded or of another territory, a slot at an unknown site, a duty of an unknown slot or
    doctor.
    """
    _refuse_strangers(session, sites=sites, slots=slots, doctors=doctors, roster=roster)
    _refuse_sites_of_others(session, sites, territory_id)
    _withdraw(session, slots, territory_id)
    for row in sites.to_dicts():
        session.merge(_site(row, territory_id))
    _name_doctors(session, doctors.to_dicts())
    session.flush()
    session.add_all(_slot(row) for row in slots.to_dicts())
    session.flush()
    session.add_all(tables.Duty(**row) for row in roster.to_dicts())
    _remember(session, run)
    _forget_idle_doctors(session)


def record_matching(session: Session, run: tables.Run, published: figures.Figures) -> None:
    """Publish the suppressed figures of a matching, in the place of those of every former one.

    The published totals, some of which may be hidden too, join the summary of the run under
    `published_totals`. Raises `errors.UnusableRows` for a commune that is not recorded.
    """
    known = set(session.exec(select(tables.Commune.code_insee)))
    codes = [row.code_insee for row in published.communes]
    _refuse("figures", "unknown_commune", (code for code in codes if code not in known))
    session.exec(delete(tables.CommuneFigure))
    run.summary = {**run.summary, "published_totals": asdict(published.totals)}
    _remember(session, run)
    session.add_all(
        tables.CommuneFigure(**{"run_id": run.id, **asdict(row)}) for row in published.communes
    )
    session.flush()


def _has_place(row: Mapping[str, Any]) -> bool:
    return bool(row["code_insee"]) or None not in (row["latitude"], row["longitude"])


def _practices(
    session: Session, rows: Sequence[Mapping[str, Any]], centres: Mapping[str, tables.Commune]
) -> list[tables.Practice]:
    """One practice a row: those known by doctor and place are brought up to date, others go."""
    known = defaultdict[Place, list[tables.Practice]](list)
    for practice in session.exec(select(tables.Practice).order_by(col(tables.Practice.id).desc())):
        known[_place(practice.model_dump())].append(practice)
    kept = []
    for row in rows:
        said = _offer(row, centres)
        same = known[_place(said)]
        kept.append(same.pop().sqlmodel_update(said) if same else tables.Practice(**said))
    session.add_all(kept)
    gone = [practice.id for left in known.values() for practice in left]
    session.exec(delete(tables.Capacity).where(col(tables.Capacity.practice_id).in_(gone)))
    session.exec(delete(tables.Practice).where(col(tables.Practice.id).in_(gone)))
    session.flush()
    return kept


def _place(said: Mapping[str, Any]) -> Place:
    return tuple(said[name] for name in ("rpps", "code_insee", "latitude", "longitude"))


def _offer(row: Mapping[str, Any], centres: Mapping[str, tables.Commune]) -> dict[str, Any]:
    known = None not in (row["latitude"], row["longitude"])
    centre = None if known else centres[row["code_insee"]]
    offers = ("rpps", "code_insee", "wheelchair", "home_visit_minutes", "status")
    return {
        **{name: row[name] for name in offers},
        "languages": " ".join(row["languages"] or ()),
        "latitude": centre.latitude if centre else row["latitude"],
        "longitude": centre.longitude if centre else row["longitude"],
    }


def _declare(
    session: Session, practices: Sequence[tables.Practice], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write down what the rows say of places; saying the same again only confirms it."""
    capacity = tables.Capacity
    current = {
        declared.practice_id: declared
        for declared in session.exec(select(capacity).where(col(capacity.current)))
    }
    declared = []
    for practice, row in zip(practices, rows, strict=True):
        conditions = {name: row[name] for name in ("places", "min_age", "max_age")}
        former = current.get(practice.id or 0)
        if former is not None and former.model_dump(include=set(conditions)) == conditions:
            former.confirmed_on = row["confirmed_on"]
            continue
        if former is not None:
            former.current = False
        days = {"declared_on": row["confirmed_on"], "confirmed_on": row["confirmed_on"]}
        declared.append(capacity(practice_id=practice.id or 0, **conditions, **days))
    session.flush()
    session.add_all(declared)
    session.flush()


def _site(row: Mapping[str, Any], territory_id: str | None) -> tables.Site:
    return tables.Site(
        id=row["site_id"],
        territory_id=territory_id,
        name=row["name"],
        address=row["address"],
        code_insee=row["code_insee"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        phone=row["phone"],
    )


def _slot(row: Mapping[str, Any]) -> tables.Slot:
    return tables.Slot(
        id=row["slot_id"],
        site_id=row["site_id"],
        starts_at=row["start"],
        ends_at=row["end"],
        doctors_needed=row["doctors_needed"],
        hardness=row["hardness"],
        points=row["points"],
    )


def _name_doctors(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Make sure that the doctors exist; a name that a file leaves empty stays what it was."""
    known = {doctor.rpps: doctor for doctor in session.exec(select(tables.Doctor))}
    for row in rows:
        doctor = known.setdefault(row["rpps"], tables.Doctor(rpps=row["rpps"]))
        doctor.family_name = row.get("family_name") or doctor.family_name
        doctor.given_name = row.get("given_name") or doctor.given_name
        session.add(doctor)
    session.flush()


def _forget_idle_doctors(session: Session) -> None:
    """Nobody is remembered to whom nothing refers: no practice, no published duty, nothing else."""
    rpps = tables.Row.metadata.tables["doctor"].columns["rpps"]
    referring = (
        column
        for table in tables.Row.metadata.sorted_tables
        for column in table.columns
        if column.references(rpps)
    )
    idle = (rpps.not_in(select(it).where(it.is_not(None))) for it in referring)
    session.exec(delete(tables.Doctor).where(*idle))


def _withdraw(session: Session, slots: pl.DataFrame, territory_id: str | None) -> None:
    if slots.is_empty():
        return
    begin, end = min(slots["start"].to_list()), max(slots["end"].to_list())
    slot, site = tables.Slot, tables.Site
    of_territory = select(site.id).where(col(site.territory_id).is_not_distinct_from(territory_id))
    covered = and_(col(slot.ends_at) > begin, col(slot.starts_at) < end)
    named_again = col(slot.id).in_(slots["slot_id"].to_list())
    ids = session.exec(
        select(slot.id).where(col(slot.site_id).in_(of_territory), or_(covered, named_again))
    ).all()
    session.exec(delete(tables.Duty).where(col(tables.Duty.slot_id).in_(ids)))
    session.exec(delete(tables.Availability).where(col(tables.Availability.slot_id).in_(ids)))
    session.exec(delete(slot).where(col(slot.id).in_(ids)))


def _remember(session: Session, run: tables.Run) -> None:
    """Keep the run, in the place of the same computation recorded before, and number it."""
    former = tables.Run
    same = [
        col(getattr(former, name)) == getattr(run, name)
        for name in ("kind", "day", "seed", "problem_digest")
    ]
    session.exec(delete(former).where(*same))
    session.add(run)
    session.flush()


def _refuse_strangers(
    session: Session,
    *,
    sites: pl.DataFrame,
    slots: pl.DataFrame,
    doctors: pl.DataFrame,
    roster: pl.DataFrame,
) -> None:
    communes = set(session.exec(select(tables.Commune.code_insee)))
    _refuse("sites", "unknown_commune", _strangers(sites, "site_id", "code_insee", communes))
    _refuse("slots", "unknown_site", _strangers(slots, "slot_id", "site_id", set(sites["site_id"])))
    known = set(slots["slot_id"])
    _refuse("roster", "unknown_slot", _strangers(roster, "slot_id", "slot_id", known))
    _refuse("roster", "unknown_doctor", _strangers(roster, "rpps", "rpps", set(doctors["rpps"])))


def _refuse_sites_of_others(
    session: Session, sites: pl.DataFrame, territory_id: str | None
) -> None:
    site = tables.Site
    others = session.exec(
        select(site.id).where(col(site.territory_id).is_distinct_from(territory_id))
    )
    _refuse("sites", "site_of_another_territory", sorted(set(others) & set(sites["site_id"])))


def _strangers(
    frame: pl.DataFrame, name: str, column: str, known: Collection[str]
) -> Iterable[str]:
    return (
        row for row, value in zip(frame[name], frame[column], strict=True) if value not in known
    )


def _refuse(table: str, fault: str, ids: Iterable[str]) -> None:
    found = tuple(ids)
    if found:
        raise errors.UnusableRows(table, fault, found)
