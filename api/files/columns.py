"""What one cell may hold: text in, a typed value out, or the reason why not.

Readers are plain functions of one cell; `parse` runs each of them once per distinct text of a
column. Reasons are French and follow the quoted value: « abc » n'est pas une année ; attendu ...
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from stdnum import luhn

from api.files import languages as iso639
from api.files import outcome

FIRST_YEAR = 1890
LAST_YEAR = 2100
LONGEST_IDENTIFIER = 100
ANSWERS = {"yes": True, "oui": True, "no": False, "non": False}

_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RPPS = re.compile(r"[0-9]{11}")
_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_DEPARTEMENT = re.compile(r"[0-9]{2}|2[AB]|9[78][0-9]")
_DAYS = re.compile(rf"({_DAY.pattern})/({_DAY.pattern})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FIRST_MOMENT = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_LAST_MOMENT = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Conventions:
    """How this file is to be read: decimal comma or not, and the day of the round if known."""

    decimal_comma: bool
    day: date | None


class UnreadableCell(ValueError):
    """A cell that cannot be read; the text is the reason, in French."""


Reader = Callable[[str, Conventions], object]
Doubt = Callable[[Any, Conventions], str]


@dataclass(frozen=True)
class Column:
    """A column of a format.

    `required`: the header must have it. `filled`: no cell may be empty. `default` stands for an
    empty cell. `doubt` gives a remark about a value that is accepted (empty text: none), and
    `empty_doubt` is the remark for empty cells.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    read: Reader
    required: bool = False
    filled: bool = False
    default: object = None
    doubt: Doubt | None = None
    empty_doubt: str = ""


@dataclass(frozen=True)
class Parsed:
    """A typed column, null where empty or refused, with the faults and remarks of its cells."""

    values: pl.Series
    faults: list[outcome.Fault]
    doubts: list[tuple[str, list[int]]]


def parse(column: Column, cells: pl.Series, conventions: Conventions) -> Parsed:
    """Read a column of text; every distinct text is read once."""
    values: dict[str, object] = {}
    refused: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    for cell in cells.drop_nulls().unique(maintain_order=True):
        try:
            value = column.read(cell, conventions)
        except UnreadableCell as error:
            refused[cell] = str(error)
            continue
        values[cell] = value
        doubt = column.doubt(value, conventions) if column.doubt else ""
        if doubt:
            doubtful[cell] = doubt
    return Parsed(
        values=_spread(column, cells, values),
        faults=_faults(column, cells, refused),
        doubts=_doubts(column, cells, doubtful),
    )


def _spread(column: Column, cells: pl.Series, values: dict[str, object]) -> pl.Series:
    """The values put back in the rows where their text stands."""
    read = pl.DataFrame(
        {
            "cell": pl.Series(list(values), dtype=pl.String),
            "value": pl.Series(list(values.values()), dtype=column.dtype),
        }
    )
    joined = cells.to_frame("cell").join(read, on="cell", how="left", maintain_order="left")
    found = joined.get_column("value").alias(column.name)
    if column.default is None:
        return found
    default = pl.Series([column.default], dtype=column.dtype)
    return default.new_from_index(0, len(cells)).zip_with(cells.is_null(), found).alias(column.name)


def _faults(column: Column, cells: pl.Series, refused: dict[str, str]) -> list[outcome.Fault]:
    faults = [
        outcome.Fault(int(row), column.name, cells[int(row)], refused[cells[int(row)]])
        for row in cells.is_in(list(refused)).arg_true()
    ]
    if column.filled:
        faults += [
            outcome.Fault(int(row), column.name, "", "valeur obligatoire absente")
            for row in cells.is_null().arg_true()
        ]
    return faults


def _doubts(
    column: Column, cells: pl.Series, doubtful: dict[str, str]
) -> list[tuple[str, list[int]]]:
    reasons = dict.fromkeys(doubtful.values())
    doubts = [
        (reason, cells.is_in([cell for cell in doubtful if doubtful[cell] == reason]))
        for reason in reasons
    ]
    if column.empty_doubt:
        doubts.append((column.empty_doubt, cells.is_null()))
    return [(reason, rows.arg_true().to_list()) for reason, rows in doubts if rows.any()]


def identifier(text: str, _: Conventions) -> str:
    """A number or code chosen by the file's author; any printable text of 100 characters."""
    if len(text) > LONGEST_IDENTIFIER:
        raise UnreadableCell(f"est trop long ; attendu {LONGEST_IDENTIFIER} caractères au plus")
    if _CONTROL.search(text):
        raise UnreadableCell("contient un retour à la ligne ou un caractère invisible")
    return text


def free_text(text: str, _: Conventions) -> str:
    """Names and addresses, as they are written."""
    return text


def whole(low: int, high: int) -> Reader:
    """A reader of whole numbers from `low` to `high`, both included."""

    def read(text: str, _: Conventions) -> int:
        if not _WHOLE.fullmatch(text):
            raise UnreadableCell(f"n'est pas un nombre entier ; attendu de {low} à {high}")
        if not low <= int(text) <= high:
            raise UnreadableCell(f"est hors limites ; attendu un nombre entier de {low} à {high}")
        return int(text)

    return read


def number(low: float, high: float = math.inf) -> Reader:
    """A reader of decimal numbers from `low` to `high`, both included, never infinite."""
    limits = f"{low:g} ou plus" if math.isinf(high) else f"de {low:g} à {high:g}"

    def read(text: str, conventions: Conventions) -> float:
        value = decimal(text, conventions)
        if not (low <= value <= high and math.isfinite(value)):
            raise UnreadableCell(f"est hors limites ; attendu un nombre {limits}")
        return value

    return read


def share(text: str, conventions: Conventions) -> float:
    """A part above 0, up to 1 included: 0.5 is a half-time."""
    value = decimal(text, conventions)
    if not 0 < value <= 1:
        raise UnreadableCell("est hors limites ; attendu plus de 0 et jusqu'à 1, par exemple 0.5")
    return value


def decimal(text: str, conventions: Conventions) -> float:
    """A number with a decimal point, or a comma where the file allows it."""
    pointed = text.replace(",", ".", 1) if conventions.decimal_comma else text
    if not _NUMBER.fullmatch(pointed):
        raise UnreadableCell("n'est pas un nombre ; attendu par exemple 48.69")
    return float(pointed)


def answer(text: str, _: Conventions) -> bool:
    """yes or no, in English or French."""
    if text.lower() not in ANSWERS:
        raise UnreadableCell("n'est ni « yes » ni « no » ; laissez vide si la réponse est inconnue")
    return ANSWERS[text.lower()]


def birth_year(text: str, conventions: Conventions) -> int:
    """Four digits, not after the year of the round."""
    if not re.fullmatch("[0-9]{4}", text):
        raise UnreadableCell("n'est pas une année ; attendu quatre chiffres, par exemple 1954")
    last = conventions.day.year if conventions.day else LAST_YEAR
    if not FIRST_YEAR <= int(text) <= last:
        raise UnreadableCell(f"est hors limites ; attendu une année de {FIRST_YEAR} à {last}")
    return int(text)


def iso_day(text: str, _: Conventions) -> date:
    """A date as AAAA-MM-JJ, between 1890 and 2100."""
    if not _DAY.fullmatch(text):
        raise UnreadableCell("n'est pas une date ; attendu AAAA-MM-JJ, par exemple 2026-01-31")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UnreadableCell("n'existe pas au calendrier ; attendu AAAA-MM-JJ") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UnreadableCell(f"est hors limites ; attendu de {FIRST_YEAR} à {LAST_YEAR}")
    return day


def moment(text: str, _: Conventions) -> datetime:
    """A date and time with its offset (ISO 8601), given in UTC."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableCell(
            "n'est pas une date avec heure ; attendu par exemple 2026-01-31T18:00:00+01:00"
        ) from None
    if local.tzinfo is None:
        raise UnreadableCell(
            "n'a pas de décalage horaire ; attendu par exemple 2026-01-31T18:00:00+01:00"
        )
    # Compared before conversion: the first and last days of the calendar cannot be converted.
    if not _FIRST_MOMENT <= local <= _LAST_MOMENT:
        raise UnreadableCell(f"est hors limites ; attendu de {FIRST_YEAR} à {LAST_YEAR}")
    return local.astimezone(UTC)


def rpps(text: str, _: Conventions) -> str:
    """A number of the national directory of health professionals: 11 digits."""
    if not _RPPS.fullmatch(text):
        raise UnreadableCell("n'est pas un numéro RPPS ; attendu exactement 11 chiffres")
    return text


def wrong_key(text: str, _: Conventions) -> str:
    """Doubt an RPPS whose Luhn key is wrong: old files have some, and they are real people."""
    return "" if luhn.is_valid(text) else "clé de contrôle RPPS fausse, vérifiez le numéro"


def later_than_round(day: date, conventions: Conventions) -> str:
    """Doubt a date that has not come yet on the day of the round."""
    late = conventions.day is not None and day > conventions.day
    return f"date postérieure au {conventions.day}, comptée à ce jour" if late else ""


def commune(text: str, _: Conventions) -> str:
    """An INSEE commune code: five characters, 2A and 2B for Corsica."""
    if not _COMMUNE.fullmatch(text.upper()):
        raise UnreadableCell(
            "n'est pas un code INSEE de commune ; attendu 5 caractères, par exemple 54395 "
            "(un tableur enlève le zéro du début : 01004 et non 1004)"
        )
    return text.upper()


def departement(text: str, _: Conventions) -> str:
    """A département: two characters, three overseas, 2A and 2B for Corsica."""
    if not _DEPARTEMENT.fullmatch(text.upper()):
        raise UnreadableCell("n'est pas un département ; attendu par exemple 57, 2A ou 974")
    return text.upper()


def authorisations(text: str, conventions: Conventions) -> list[dict[str, object]]:
    """Départements with the days a locum may replace there: `57:2026-07-01/2026-09-30`, ..."""
    return [
        {"departement": departement(place, conventions), **_days(days, conventions)}
        for place, _, days in (part.partition(":") for part in text.split())
    ]


def replacements(text: str, conventions: Conventions) -> list[dict[str, object]]:
    """Days on which a doctor is replaced, each with the locum if known:
    `2026-07-01/2026-07-10:10001234565`, ..."""
    return [
        {"locum": rpps(locum, conventions) if locum else None, **_days(days, conventions)}
        for days, _, locum in (part.partition(":") for part in text.split())
    ]


def _days(text: str, conventions: Conventions) -> dict[str, date]:
    """Two days, the first not after the last, with a stroke between them."""
    found = _DAYS.fullmatch(text)
    if found is None:
        raise UnreadableCell(
            "n'est pas une liste de périodes ; attendu par exemple 2026-07-01/2026-07-10"
        )
    first, last = (iso_day(day, conventions) for day in found.groups())
    if last < first:
        raise UnreadableCell(f"finit avant de commencer : {text}")
    return {"first_day": first, "last_day": last}


def spoken(text: str, _: Conventions) -> list[str]:
    """ISO 639-1 codes separated by spaces, each kept once, in the order given."""
    codes = list(dict.fromkeys(text.lower().split()))
    if not iso639.CODES.issuperset(codes):
        raise UnreadableCell(
            "n'est pas une liste de langues ; attendu des codes ISO 639-1 de deux lettres "
            "séparés par des espaces, par exemple « fr ar »"
        )
    return codes


def one_of(*allowed: str) -> Reader:
    """A reader of a closed list of words, in any case."""

    def read(text: str, _: Conventions) -> str:
        if text.lower() not in allowed:
            raise UnreadableCell(f"n'est pas prévu ; attendu {', '.join(allowed)} ou rien")
        return text.lower()

    return read
