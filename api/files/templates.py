"""A template of slots as a coordinator writes it: TOML, days and circumstances in French.

Keys bear the names of the columns of a file of slots. Every fault is told at once, with the line
of its block, what stands there and what was expected.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeAlias

from api.files import columns, errors, outcome
from api.files.columns import UnreadableCell
from scheduler import templates

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "férié")
WHEN = {
    "veille de férié": templates.Circumstance.HOLIDAY_EVE,
    "pont": templates.Circumstance.BRIDGE_DAY,
    "vacances scolaires": templates.Circumstance.SCHOOL_HOLIDAYS,
}
ZONES = ("A", "B", "C")
MOST = 1_000_000

Block: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class _Key:
    """What a key of a block may hold; the reader raises UnreadableCell."""

    read: Callable[[Any], object]
    required: bool = False


@dataclass(frozen=True)
class _Read:
    """The blocks of a file by kind, each with its line; a refused value is left out."""

    file: str
    blocks: dict[str, list[tuple[int, Block]]]
    school_zone: str | None
    rejects: list[outcome.Reject]


def read(path: Path) -> templates.Template:
    """The template of a file; errors.FileRefused with every fault found."""
    content = _content(path)
    found = _blocks(path.name, content, _document(path.name, content))
    found.rejects.extend(_contradictions(found))
    if found.rejects:
        raise errors.FileRefused(found.rejects)
    return _template(found)


def _content(path: Path) -> str:
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except FileNotFoundError:
        raise _refused(path.name, f"fichier introuvable à l'adresse {path}") from None
    except UnicodeDecodeError:
        raise _refused(path.name, "le fichier n'est pas un texte en UTF-8") from None
    except OSError as error:
        raise _refused(path.name, f"fichier illisible ({error.strerror})") from None


def _document(file: str, content: str) -> Block:
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise _refused(
            file,
            "cette ligne n'est pas du TOML ; attendu par exemple doctors_needed = 1, "
            'ou site_id = "METZ-A" avec ses guillemets',
            int(at[1]) if at else content.count("\n") + 1,
        ) from None


def _refused(file: str, reason: str, line: int | None = None) -> errors.FileRefused:
    return errors.FileRefused([outcome.Reject(file, line, None, "", reason)])


def _blocks(file: str, content: str, document: Block) -> _Read:
    zone = document.pop("school_zone", None)
    found = _Read(file, {kind: [] for kind in KEYS}, zone, [])
    if zone not in (None, *ZONES):
        found.rejects.append(
            _reject(file, None, "school_zone", zone, "est inconnue ; attendu A, B ou C")
        )
    for kind, given in document.items():
        blocks = given if isinstance(given, list) else [given]
        if kind not in KEYS or not all(isinstance(block, dict) for block in blocks):
            expected = ", ".join(f"[[{it}]]" for it in KEYS)
            found.rejects.append(
                _reject(file, None, kind, "", f"bloc inconnu ; attendu {expected}")
            )
            continue
        for line, block in zip(_lines(content, kind), blocks, strict=False):
            read, faults = _values(block, KEYS[kind])
            found.blocks[kind].append((line, read))
            found.rejects.extend(_reject(file, line, *fault) for fault in faults)
    return found


def _lines(content: str, kind: str) -> Iterator[int]:
    """The lines where the blocks of a kind begin; 1 where they are written in another way."""
    header = re.compile(rf"\s*\[\[?\s*{kind}\s*\]\]?")
    yield from (n for n, text in enumerate(content.splitlines(), 1) if header.match(text))
    while True:
        yield 1


def _values(block: Block, keys: Mapping[str, _Key]) -> tuple[Block, list[tuple[str, object, str]]]:
    """What can be read of a block, and the faults: key, value, reason."""
    read: Block = {}
    faults: list[tuple[str, object, str]] = [
        (name, "", f"clé inconnue ; attendu {', '.join(keys)}")
        for name in block
        if name not in keys
    ]
    for name, key in keys.items():
        try:
            if name in block:
                read[name] = key.read(block[name])
            elif key.required:
                faults.append((name, "", "valeur obligatoire absente"))
        except UnreadableCell as refused:
            faults.append((name, block[name], str(refused)))
    return read, faults


def _reject(file: str, line: int | None, key: str, value: object, reason: str) -> outcome.Reject:
    return outcome.Reject(file, line, key, "" if value is None else str(value), reason)


def _contradictions(found: _Read) -> Iterator[outcome.Reject]:
    """What is wrong between blocks that can be read one by one."""
    lines, specials = _named(found, "line", "line_id"), _named(found, "special", "name")
    for kind, line, block in ((k, n, b) for k, them in found.blocks.items() for n, b in them):
        for key, value, reason in _contradicted(kind, block, lines, specials):
            yield _reject(found.file, line, key, value, reason)
    asked = [
        line
        for line, block in found.blocks["weight"]
        if templates.Circumstance.SCHOOL_HOLIDAYS in block.get("when", ())
    ]
    zones = {block.get("zone") for _, block in found.blocks["school_holidays"]}
    if asked and found.school_zone not in zones:
        yield _reject(
            found.file,
            asked[0],
            "when",
            "vacances scolaires",
            "demande les dates de la zone ; attendu school_zone et des blocs [[school_holidays]]",
        )


def _contradicted(
    kind: str, block: Block, lines: Sequence[str], specials: Sequence[str]
) -> Iterator[tuple[str, object, str]]:
    own = {"line": ("line_id", lines), "special": ("name", specials)}
    if kind in own:
        key, names = own[kind]
        if names.count(block.get(key, "")) > 1:
            yield key, block[key], "est donné deux fois ; attendu un nom par bloc"
    for key, known in (("line_ids", lines), ("doctors_needed", lines), ("special", specials)):
        given = block.get(key, ())
        for name in [given] if isinstance(given, str) else () if isinstance(given, int) else given:
            if name not in known:
                yield key, name, f"n'est pas dans ce fichier ; attendu {', '.join(known)}"
    if block.get("first_day", date.min) > block.get("last_day", date.max):
        yield "last_day", block["last_day"], f"vient avant first_day, {block['first_day']}"


def _named(found: _Read, kind: str, key: str) -> list[str]:
    return [block[key] for _, block in found.blocks[kind] if key in block]


def _template(found: _Read) -> templates.Template:
    blocks = {kind: [dict(block) for _, block in them] for kind, them in found.blocks.items()}
    lines = [(block.pop("special", None), templates.Line(**block)) for block in blocks["line"]]
    return templates.Template(
        lines=tuple(line for special, line in lines if special is None),
        weights=tuple(templates.Weight(**_spanned(block)) for block in blocks["weight"]),
        specials=tuple(
            templates.Special(
                **_spanned(block),
                lines=tuple(line for special, line in lines if special == block["name"]),
            )
            for block in blocks["special"]
        ),
        closures=tuple(templates.Closure(**_spanned(block)) for block in blocks["closure"]),
        school_holidays=tuple(
            templates.SchoolHolidays(**_spanned(block)) for block in blocks["school_holidays"]
        ),
        school_zone=found.school_zone,
    )


def _spanned(block: Block) -> Block:
    """The block with its two days as one span, open where a day is not given."""
    first, last = block.pop("first_day", date.min), block.pop("last_day", date.max)
    return block | {"span": templates.Span(first, last)}


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UnreadableCell("n'est pas un texte ; attendu un texte entre guillemets")
    return columns.identifier(value.strip(), columns.Conventions(decimal_comma=False, day=None))


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise UnreadableCell(f"est hors limites ; attendu un nombre entier de {low} à {high}")
        return value

    return read


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    return columns.iso_day(str(value), columns.Conventions(decimal_comma=False, day=None))


def _clock(value: Any) -> time:
    """18:00, as TOML writes a time or between quotes; 24:00 is the midnight that ends the day."""
    if isinstance(value, time) and not (value.second or value.microsecond):
        return value
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(value).replace("24:00", "00:00"))
    if found is None:
        raise UnreadableCell('n\'est pas une heure ; attendu par exemple "18:00"')
    return time(int(found[1]), int(found[2]))


def _words(known: Mapping[str, Any]) -> Callable[[Any], frozenset[Any]]:
    """A reader of a list of known words, with or without their accents and capitals."""
    plain = {_plain(word): value for word, value in known.items()}

    def read(value: Any) -> frozenset[Any]:
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not words:
            raise UnreadableCell(
                f'n\'est pas une liste ; attendu par exemple ["{next(iter(known))}"]'
            )
        for word in words:
            if _plain(str(word)) not in plain:
                raise UnreadableCell(f"ne va pas : {word} est inconnu ; attendu {', '.join(known)}")
        return frozenset(plain[_plain(str(word))] for word in words)

    return read


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()


def _names(value: Any) -> frozenset[str]:
    return frozenset(_text(name) for name in (value if isinstance(value, list) else [value]))


def _seats_by_line(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise UnreadableCell('n\'est pas un tableau ; attendu { "nom de la ligne" = 2 }')
    return {_text(name): _whole(0, MOST)(seats) for name, seats in value.items()}


def _zone(value: Any) -> str:
    if value not in ZONES:
        raise UnreadableCell("est inconnue ; attendu A, B ou C")
    return str(value)


_DAYS = _words({name: at for at, name in enumerate(DAYS)})
_SPAN = {"first_day": _Key(_day, required=True), "last_day": _Key(_day, required=True)}
_BURDEN = {
    "hardness": _Key(_whole(1, 3), required=True),
    "points": _Key(_whole(0, MOST), required=True),
}

KEYS: Mapping[str, Mapping[str, _Key]] = {
    "line": {
        "line_id": _Key(_text, required=True),
        "site_id": _Key(_text, required=True),
        "days": _Key(_DAYS, required=True),
        "start": _Key(_clock, required=True),
        "end": _Key(_clock, required=True),
        "doctors_needed": _Key(_whole(0, MOST), required=True),
        **_BURDEN,
        "special": _Key(_text),
    },
    "weight": {
        "name": _Key(_text, required=True),
        **_BURDEN,
        "days": _Key(_DAYS),
        "when": _Key(_words(WHEN)),
        "line_ids": _Key(_names),
        "first_day": _Key(_day),
        "last_day": _Key(_day),
    },
    "special": {
        "name": _Key(_text, required=True),
        **_SPAN,
        "doctors_needed": _Key(_seats_by_line),
    },
    "closure": {**_SPAN, "site_id": _Key(_text)},
    "school_holidays": {"zone": _Key(_zone, required=True), **_SPAN},
}
"""The keys of each kind of block, in the order in which they are told."""
