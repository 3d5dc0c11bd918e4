"""How a supposition is written on the command line, and what it means."""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from api.files.rules import Places as KnownPlaces
from api.services import what_if
from fixtures import communes as shipped

RANKED = "communes"
MOST_PLACES, MOST_TIMES = 100_000, 100


class Unreadable(ValueError):
    """An option that cannot be read; the message is a French sentence."""


def events(
    given: Mapping[str, Sequence[str] | None], places: KnownPlaces, *, rank: str | None
) -> list[what_if.Event]:
    """The events of all options, in the order of `READERS`; none for a ranking.

    Raises Unreadable.
    """
    read = [READERS[name](text, places) for name in READERS for text in given.get(name) or ()]
    if rank not in (None, RANKED):
        raise Unreadable(f"--rank : « {rank} » est inconnu ; attendu {RANKED}.")
    if bool(read) == (rank is not None):
        options = ", ".join(f"--{name}" for name in READERS)
        raise Unreadable(f"Dites ce qui change ({options}), ou demandez --rank {RANKED} tout seul.")
    return read


def communes() -> tuple[what_if.Commune, ...]:
    """The communes whose facts are shipped."""
    return tuple(
        what_if.Commune(it.code_insee, it.name, it.latitude, it.longitude) for it in shipped.load()
    )


def _leaves(text: str, _: KnownPlaces) -> what_if.Event:
    return what_if.Leaves(text)


def _places(text: str, _: KnownPlaces) -> what_if.Event:
    found = re.fullmatch(r"(\d{11})=([+-]\d{1,5})", text)
    if found is None:
        raise Unreadable(f"--places : « {text} » est illisible ; attendu par exemple RPPS=+20.")
    return what_if.Places(found[1], int(found[2]))


def _practice(text: str, places: KnownPlaces) -> what_if.Event:
    where, _, count = text.rpartition("=")
    if not re.fullmatch(r"\d{1,6}", count) or int(count) > MOST_PLACES:
        raise Unreadable(
            f"--practice : « {text} » est illisible ; attendu par exemple 54395=800 ou "
            "48.69,6.18=800."
        )
    return what_if.Practice(*_point(where, places), int(count))


def _point(where: str, places: KnownPlaces) -> tuple[float, float]:
    """The coordinates of a commune, or those that are written."""
    if where.upper() in places:
        return places[where.upper()]
    try:
        latitude, longitude = (float(part) for part in where.split(","))
    except ValueError:
        raise Unreadable(
            f"--practice : « {where} » n'est ni une commune connue de Relève, ni des coordonnées ; "
            "donnez la latitude et la longitude."
        ) from None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004 - degrees
        raise Unreadable(f"--practice : « {where} » n'est pas un point de la Terre.")
    return latitude, longitude


def _multiplied(text: str, _: KnownPlaces) -> what_if.Event:
    found = re.fullmatch(r"([0-9A-Za-z]{5})=x(\d+(?:[.,]\d+)?)", text)
    factor = float(found[2].replace(",", ".")) if found else math.inf
    if found is None or factor > MOST_TIMES:
        raise Unreadable(f"--capacity : « {text} » est illisible ; attendu par exemple 54395=x2.")
    return what_if.Multiplied(found[1].upper(), factor)


READERS: Mapping[str, Callable[[str, KnownPlaces], what_if.Event]] = {
    "leaves": _leaves,
    "places": _places,
    "practice": _practice,
    "capacity": _multiplied,
}
