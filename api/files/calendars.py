"""The roster as calendars (RFC 5545): one file a doctor, one file a site.

Times are written in UTC, which every agenda shows in its own civil time; there is nothing of a
patient in them. The identifier of a duty is stable, so that a second import replaces the first.
"""

import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import icalendar
import polars as pl

PRODUCT = "-//Relève//Tableau de garde//FR"

Row = Mapping[str, object]


@dataclass(frozen=True)
class Edition:
    """When the roster was published (aware), and which edition this is, counted from 0."""

    stamp: datetime
    sequence: int = 0


def doctor_calendars(
    roster: pl.DataFrame,
    slots: pl.DataFrame,
    sites: pl.DataFrame,
    doctors: pl.DataFrame,
    edition: Edition,
) -> dict[str, bytes]:
    """A calendar for each doctor who has a duty, by file name (`medecin-RPPS.ics`)."""
    names = _names(doctors)
    events = defaultdict(list)
    for duty in _duties(roster, slots, sites):
        rpps = str(duty["rpps"])
        summary = f"Permanence de soins : {duty['name']}"
        events[rpps].append(_event(duty, f"{duty['slot_id']}.{rpps}", summary, edition))
    return {
        safe_name("medecin", rpps): _calendar(f"Gardes de {names.get(rpps, rpps)}", found)
        for rpps, found in sorted(events.items())
    }


def site_calendars(
    roster: pl.DataFrame,
    slots: pl.DataFrame,
    sites: pl.DataFrame,
    doctors: pl.DataFrame,
    edition: Edition,
) -> dict[str, bytes]:
    """A calendar for each site that has a slot (`site-ID.ics`), seats still empty included."""
    names = _names(doctors)
    titles = {str(row["site_id"]): str(row["name"]) for row in sites.iter_rows(named=True)}
    events = defaultdict(list)
    for duty in _duties(roster, slots, sites):
        rpps = str(duty["rpps"])
        event = _event(duty, f"{duty['slot_id']}.{rpps}", names.get(rpps, rpps), edition)
        events[str(duty["site_id"])].append(event)
    for slot in _holes(roster, slots, sites):
        event = _event(slot, f"{slot['slot_id']}.trou", _missing(slot["missing"]), edition)
        event.add("status", "TENTATIVE")
        events[str(slot["site_id"])].append(event)
    return {
        safe_name("site", site_id): _calendar(f"Gardes : {titles.get(site_id, site_id)}", found)
        for site_id, found in sorted(events.items())
    }


def safe_name(kind: str, identifier: str) -> str:
    """A file name that any system takes: letters without accents, digits, hyphens.

    An identifier that had to be changed ends in its checksum, so that two never share a file.
    """
    letters = unicodedata.normalize("NFKD", identifier).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9]+", "-", letters).strip("-")
    if plain != identifier:
        plain = f"{plain or 'sans-nom'}-{zlib.crc32(identifier.encode()):08x}"
    return f"{kind}-{plain}.ics"


def _missing(number: object) -> str:
    return "À pourvoir" if number == 1 else f"À pourvoir : {number} places"


def _names(doctors: pl.DataFrame) -> dict[str, str]:
    if not {"family_name", "given_name"} <= set(doctors.columns):
        return {}
    return {
        row["rpps"]: f"Dr {row['given_name'] or ''} {row['family_name']}".replace("  ", " ")
        for row in doctors.iter_rows(named=True)
        if row["family_name"]
    }


def _duties(roster: pl.DataFrame, slots: pl.DataFrame, sites: pl.DataFrame) -> Iterable[Row]:
    places = slots.join(sites, on="site_id", how="left")
    duties = roster.select("slot_id", "rpps").join(places, on="slot_id", how="inner")
    return duties.sort("start", "slot_id", "rpps").iter_rows(named=True)


def _holes(roster: pl.DataFrame, slots: pl.DataFrame, sites: pl.DataFrame) -> Iterable[Row]:
    filled = roster.group_by("slot_id").agg(pl.len().cast(pl.Int64).alias("filled"))
    counted = slots.join(filled, on="slot_id", how="left").with_columns(
        (pl.col("doctors_needed").cast(pl.Int64) - pl.col("filled").fill_null(0)).alias("missing")
    )
    lacking = counted.filter(pl.col("missing") > 0).join(sites, on="site_id", how="left")
    return lacking.sort("start", "slot_id").iter_rows(named=True)


def _event(duty: Row, identifier: str, summary: str, edition: Edition) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{identifier}@releve")
    event.add("dtstamp", edition.stamp)
    event.add("sequence", edition.sequence)
    event.add("dtstart", duty["start"])
    event.add("dtend", duty["end"])
    event.add("summary", summary)
    location = ", ".join(str(part) for part in (duty["name"], duty["address"]) if part)
    event.add("location", location)
    if duty["phone"]:
        event.add("description", f"Téléphone du site : {duty['phone']}")
    return event


def _calendar(title: str, events: Iterable[icalendar.Event]) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    for event in sorted(events, key=lambda event: (event.start, str(event["uid"]))):
        calendar.add_component(event)
    return bytes(calendar.to_ical())
