"""Rows and frames with everything said: name in a test only what matters to it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from sqlmodel import Session

from store import tables

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
METZ = (49.1193, 6.1757)

NAMES = {"57463": "Metz", "54395": "Nancy", "55029": "Bar-le-Duc"}


def a_commune(code_insee: str = "57463", **said: Any) -> tables.Commune:
    row = {
        "name": NAMES.get(code_insee, f"Commune {code_insee}"),
        "postal_codes": "57000 57050",
        "population": 120_000,
        "latitude": METZ[0],
        "longitude": METZ[1],
        "epci_name": "Metz Métropole",
    }
    return tables.Commune(code_insee=code_insee, **(row | said))


def a_site(site_id: str = "A", **said: Any) -> tables.Site:
    row = {
        "name": f"Maison médicale {site_id}",
        "address": "1 rue de la Gare",
        "code_insee": "57463",
        "latitude": METZ[0],
        "longitude": METZ[1],
        "phone": "03 53 01 00 00",
    }
    return tables.Site(id=site_id, **(row | said))


def a_slot(slot_id: str = "S", **said: Any) -> tables.Slot:
    row = {
        "site_id": "A",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=2),
        "doctors_needed": 1,
        "hardness": 2,
        "points": 3,
    }
    return tables.Slot(id=slot_id, **(row | said))


def a_duty(slot_id: str = "S", rpps: str = "10990000017") -> tables.Duty:
    return tables.Duty(slot_id=slot_id, rpps=rpps, points=3)


def a_doctor(rpps: str = "10990000017", **said: Any) -> tables.Doctor:
    return tables.Doctor(rpps=rpps, **({"family_name": "Lambert", "given_name": "Inès"} | said))


def a_practice(rpps: str = "10990000017", **said: Any) -> tables.Practice:
    row = {
        "code_insee": "57463",
        "latitude": METZ[0],
        "longitude": METZ[1],
        "status": "installed",
    }
    return tables.Practice(rpps=rpps, **(row | said))


def a_capacity(practice_id: int, **said: Any) -> tables.Capacity:
    row = {"places": 10, "confirmed_on": date(2026, 11, 1)}
    return tables.Capacity(practice_id=practice_id, **(row | said))


def keep_offer(session: Session, rpps: str = "10990000017", **said: Any) -> None:
    """A practice and the places it offers now: each is told what is its own."""
    of_practice = {name: it for name, it in said.items() if name in tables.Practice.model_fields}
    practice = a_practice(rpps, **of_practice)
    keep(session, practice)
    others = {name: it for name, it in said.items() if name not in of_practice}
    keep(session, a_capacity(practice.id or 0, **others))


def a_run(kind: str = "matching", **said: Any) -> tables.Run:
    row = {
        "day": date(2026, 11, 21),
        "seed": 1,
        "status": "optimal",
        "summary": {"bound": 1},
        "problem_digest": "d",
        "finished_at": NOON,
    }
    return tables.Run(kind=kind, **(row | said))


def keep(session: Session, *rows: tables.Row) -> None:
    """Write rows, each after the former ones, and commit."""
    for row in rows:
        session.add(row)
        session.flush()
    session.commit()


def a_duty_at(session: Session, site: tables.Site, starts_at: datetime, hours: float = 2) -> str:
    """One doctor on duty at a site, with commune and doctor as needed; returns the slot's id."""
    slot_id = f"{site.id}-{starts_at.isoformat()}"
    for row in (a_commune(), a_doctor(), site):
        session.merge(row)
    session.flush()
    keep(
        session,
        a_slot(
            slot_id,
            site_id=site.id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
        ),
        a_duty(slot_id),
    )
    return slot_id


DOCTORS = {
    "rpps": pl.String,
    "family_name": pl.String,
    "given_name": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "code_insee": pl.String,
    "places": pl.Int32,
    "min_age": pl.Int32,
    "max_age": pl.Int32,
    "wheelchair": pl.Boolean,
    "languages": pl.List(pl.String),
    "home_visit_minutes": pl.Float64,
    "status": pl.String,
    "confirmed_on": pl.Date,
}
SITES = {
    "site_id": pl.String,
    "name": pl.String,
    "address": pl.String,
    "code_insee": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "phone": pl.String,
}
SLOTS = {
    "slot_id": pl.String,
    "site_id": pl.String,
    "start": pl.Datetime("us", "UTC"),
    "end": pl.Datetime("us", "UTC"),
    "doctors_needed": pl.Int32,
    "hardness": pl.Int32,
    "points": pl.Int32,
}
DUTY_DOCTORS = {
    "rpps": pl.String,
    "family_name": pl.String,
    "given_name": pl.String,
    "participation": pl.Float64,
}
ROSTER = {"slot_id": pl.String, "rpps": pl.String, "points": pl.Int32}


def doctors(*rows: dict[str, Any]) -> pl.DataFrame:
    """The frame of the doctors' file; what a row does not say is empty, or no language, or 5."""
    said = {"places": 5, "languages": [], "status": "installed", "code_insee": "57463"}
    return pl.DataFrame([said | row for row in rows], schema=DOCTORS)


def sites(*ids: str) -> pl.DataFrame:
    rows = [a_site(site_id).model_dump() | {"site_id": site_id} for site_id in ids]
    return pl.DataFrame([{name: row[name] for name in SITES} for row in rows], schema=SITES)


def slots(*rows: dict[str, Any]) -> pl.DataFrame:
    said = {
        "site_id": "A",
        "start": NOON,
        "end": NOON + timedelta(hours=2),
        "doctors_needed": 1,
        "hardness": 2,
        "points": 3,
    }
    return pl.DataFrame([said | row for row in rows], schema=SLOTS)


def duty_doctors(*rpps: str) -> pl.DataFrame:
    rows = [{"rpps": one, "family_name": f"Nom {one}", "participation": 1.0} for one in rpps]
    return pl.DataFrame(rows, schema=DUTY_DOCTORS)


def roster(*pairs: tuple[str, str]) -> pl.DataFrame:
    rows = [{"slot_id": slot_id, "rpps": rpps, "points": 3} for slot_id, rpps in pairs]
    return pl.DataFrame(rows, schema=ROSTER)
