"""How what happens to a roster is written on the command line, and why it may be refused."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduler import events

DAYS = r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?"

REFUSED = {
    events.UNKNOWN_NAME: "n'est pas dans les fichiers.",
    events.PAST: "a déjà commencé : ce qui est passé ne change plus.",
    events.PINNED: "est une garde fixée : levez ce qui la fixe avant de la changer.",
    events.NOT_HELD: "n'est pas tenu par ce médecin dans le tableau.",
}


class Unreadable(ValueError):
    """An option that cannot be read; the message is a French sentence."""


def happened(given: Mapping[str, Sequence[str] | None], zone: ZoneInfo) -> list[events.Event]:
    """The events of all options, in the order of `READERS`. Raises Unreadable."""
    return [READERS[name](text, zone) for name in READERS for text in given.get(name) or ()]


def refusal(refused: events.CannotApply) -> str:
    """Why an event cannot be."""
    why = REFUSED.get(refused.reason)
    if why is None:
        return f"Échange refusé : « {refused.named} » enfreindrait la règle {refused.reason}."
    return f"« {refused.named} » {why}"


def moment(option: str, text: str, zone: ZoneInfo) -> datetime:
    """An instant; without an offset it is told in the time of the territory. Raises Unreadable."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(
            f"--{option} : « {text} » n'est pas un instant ; attendu par exemple 2026-10-01T18:00."
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=zone)


def _absent(text: str, _: ZoneInfo) -> events.Event:
    found = _matched("absent", rf"(\d{{11}})={DAYS}", text, "RPPS=2026-10-01..2026-10-07")
    return events.Absence(found[1], *_days("absent", found[2], found[3]))


def _replaced(text: str, _: ZoneInfo) -> events.Event:
    example = "RPPS=RPPS:2026-10-01..2026-10-07, le second étant le remplaçant"
    found = _matched("replaced", rf"(\d{{11}})=(\d{{11}}):{DAYS}", text, example)
    return events.Replacement(found[1], found[2], *_days("replaced", found[3], found[4]))


def _swap(text: str, _: ZoneInfo) -> events.Event:
    example = "CRÉNEAU:RPPS=CRÉNEAU:RPPS"
    found = _matched("swap", r"(.+):(\d{11})=(.+):(\d{11})", text, example)
    return events.Swap((found[2], found[1]), (found[4], found[3]))


def _move(text: str, zone: ZoneInfo) -> events.Event:
    example = "CRÉNEAU=2026-10-01T18:30..2026-10-01T20:30"
    found = _matched("move", r"(.+)=(.+?)\.\.(.+)", text, example)
    start, end = moment("move", found[2], zone), moment("move", found[3], zone)
    if end <= start:
        raise Unreadable(f"--move : « {text} » finit avant de commencer.")
    return events.Move(found[1], start, end)


def _withdraw(text: str, _: ZoneInfo) -> events.Event:
    return events.Withdrawal(text)


def _matched(option: str, pattern: str, text: str, example: str) -> re.Match[str]:
    found = re.fullmatch(pattern, text)
    if found is None:
        raise Unreadable(f"--{option} : « {text} » est illisible ; attendu par exemple {example}.")
    return found


def _days(option: str, first: str, last: str | None) -> tuple[date, date]:
    """A day, or all days from one to another, both included."""
    try:
        days = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise Unreadable(f"--{option} : « {first} » ou « {last} » n'est pas un jour.") from None
    if days[1] < days[0]:
        raise Unreadable(f"--{option} : « {first}..{last} » finit avant de commencer.")
    return days


READERS: Mapping[str, Callable[[str, ZoneInfo], events.Event]] = {
    "withdraw": _withdraw,
    "move": _move,
    "absent": _absent,
    "replaced": _replaced,
    "swap": _swap,
}
