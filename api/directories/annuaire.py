"""Who a doctor is, by the number of the national directory: Annuaire Santé, its FHIR interface.

Two questions a doctor: the person, then where the person practises. Everything asked and answered
is public; the key only says who asks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from api.directories import errors, reading
from api.directories.calling import Asked, Caller, as_json

NAME = "annuaire"

KEY_HEADER = "ESANTE-API-KEY"

RPPS_SYSTEM = "https://rpps.esante.gouv.fr"
FINESS_SYSTEM = "https://finess.esante.gouv.fr"
STRUCTURE_SYSTEM = "urn:oid:1.2.250.1.71.4.2.2"
"""Of a national identifier of structures: the kind in one digit, then the number."""

FINESS_KIND, SIRET_KIND = "1", "3"
FINESS_DIGITS, SIRET_DIGITS = 9, 14

PROFESSIONS = "TRE_G15-ProfessionSante"
SPECIALITIES = "TRE_R38-SpecialiteOrdinale"
DOCTOR_OF_MEDICINE = "10"
"""The profession of every doctor of medicine."""

MOST_PAGES = 20
"""Of fifty entries each: nobody practises in more places."""

LINE_PARTS = (
    "careOf",
    "additionalLocator",
    "houseNumber",
    "buildingNumberSuffix",
    "streetNameType",
    "streetNameBase",
    "postBox",
)
"""What a line of an address is made of, in this order (ISO 21090)."""

Resource = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Contact:
    """A way to reach somebody: `kind` is a word of FHIR (`phone`, `email`, ...)."""

    kind: str
    value: str


@dataclass(frozen=True)
class PlaceOfPractice:
    """Where a doctor practises, as the directory has it."""

    name: str | None
    finess: str | None
    """Of the place, 9 characters."""
    siret: str | None
    """Of the establishment, 14 digits."""
    street: str | None
    postal_code: str | None
    city: str | None
    active: bool
    contacts: tuple[Contact, ...]


@dataclass(frozen=True)
class Doctor:
    """Somebody of the national directory; who has stopped has no more than number and `active`."""

    rpps: str
    active: bool
    family_name: str | None
    given_name: str | None
    professions: tuple[str, ...]
    """Codes of TRE_G15: `10` is a doctor of medicine."""
    specialities: tuple[str, ...]
    """Codes of TRE_R38: `SM26`, `SM53` and `SM54` are general practice."""
    contacts: tuple[Contact, ...]
    places: tuple[PlaceOfPractice, ...]

    @property
    def is_doctor(self) -> bool:
        """Whether the directory knows the person as a doctor of medicine, and not as a nurse."""
        return DOCTOR_OF_MEDICINE in self.professions


@dataclass(frozen=True)
class _Person:
    id: str
    doctor: Doctor
    """Without places."""


@dataclass(frozen=True)
class _Role:
    structure: str | None
    """The identifier of where it is: of FHIR, or the national one."""
    codings: tuple[tuple[str, str], ...]
    place: PlaceOfPractice


@dataclass(frozen=True)
class _Structure:
    keys: frozenset[str]
    place: PlaceOfPractice


class Annuaire:
    """The national directory of health professionals. Raises `errors.DirectoryError`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def by_rpps(self, rpps: str) -> Doctor | None:
        """Somebody by the number, with the places of practice; None if nobody has it.

        Raises ValueError if it has not eleven digits.
        """
        number = reading.given(rpps, reading.RPPS, "a professional")
        people = self._found("/Practitioner", {"identifier": number}, _people)
        person = next((it for it in people if it.doctor.rpps == number), None)
        if person is None:
            return None
        parameters = {"practitioner": person.id, "_include": "PractitionerRole:organization"}
        around = self._found("/PractitionerRole", parameters, _roles_and_structures)
        return _with_places(person.doctor, around)

    def _found(
        self,
        path: str,
        parameters: Mapping[str, str | int],
        read: Callable[[Iterable[Resource]], list[T]],
    ) -> list[T]:
        """Everything that answers a question, page after page."""
        found: list[T] = []
        asked = Asked(path, parameters)
        for _ in range(MOST_PAGES):
            page, following = self._caller.ask(asked, lambda body: self._page(body, read))
            found += page
            if following is None:
                return found
            asked = Asked(following)
        raise errors.Unreadable(NAME)

    def _page(
        self, body: bytes, read: Callable[[Iterable[Resource]], list[T]]
    ) -> tuple[list[T], str | None]:
        bundle = as_json(body)
        if bundle["resourceType"] != "Bundle":
            raise ValueError("not a bundle")
        links = {link["relation"]: link["url"] for link in _many(bundle, "link")}
        following = links.get("next")
        # The key goes to no other server, whatever a page says.
        if following is not None and not self._caller.is_within(following):
            raise ValueError("the next page is elsewhere")
        return read(entry["resource"] for entry in _many(bundle, "entry")), following


def _people(resources: Iterable[Resource]) -> list[_Person]:
    return [_person(it) for it in resources if it["resourceType"] == "Practitioner"]


def _person(said: Resource) -> _Person:
    codings = [it for one in _many(said, "qualification") for it in _codings([one.get("code")])]
    name: Resource = next(iter(_many(said, "name")), {})
    given = " ".join(filter(None, map(reading.text_or_none, _many(name, "given"))))
    numbers = [
        it.get("value") for it in _many(said, "identifier") if it.get("system") == RPPS_SYSTEM
    ]
    doctor = Doctor(
        rpps=next((it for it in numbers if it), ""),
        active=said.get("active") is True,
        family_name=reading.text_or_none(name.get("family")),
        given_name=given or None,
        professions=_codes(codings, PROFESSIONS),
        specialities=_codes(codings, SPECIALITIES),
        contacts=_contacts(said),
        places=(),
    )
    return _Person(reading.text(said["id"]), doctor)


def _roles_and_structures(resources: Iterable[Resource]) -> list[_Role | _Structure]:
    return [READERS[it["resourceType"]](it) for it in resources if it["resourceType"] in READERS]


def _role(said: Resource) -> _Role:
    where = said.get("organization") or {}
    named = where.get("identifier") or {}
    reference = reading.text_or_none(where.get("reference"))
    key = reference.rsplit("/", 1)[-1] if reference else reading.text_or_none(named.get("value"))
    finess, siret = _numbers([named] if named else [])
    place = PlaceOfPractice(
        name=reading.text_or_none(where.get("display")),
        finess=finess,
        siret=siret,
        street=None,
        postal_code=None,
        city=None,
        active=said.get("active") is True,
        contacts=_contacts(said),
    )
    return _Role(key, tuple(_codings([*_many(said, "code"), *_many(said, "specialty")])), place)


def _structure(said: Resource) -> _Structure:
    identifiers = _many(said, "identifier")
    finess, siret = _numbers(identifiers)
    address: Resource = next(iter(_many(said, "address")), {})
    postal_code = reading.text_or_none(address.get("postalCode"))
    city = reading.text_or_none(address.get("city"))
    place = PlaceOfPractice(
        name=reading.text_or_none(said.get("name")),
        finess=finess,
        siret=siret,
        street=_street(address),
        postal_code=postal_code,
        city=city.removeprefix(postal_code or "").strip() or None if city else None,
        active=said.get("active") is True,
        contacts=_contacts(said),
    )
    keys = {reading.text(said["id"]), *(it.get("value") or "" for it in identifiers)}
    return _Structure(frozenset(keys), place)


READERS: Mapping[str, Callable[[Resource], _Role | _Structure]] = {
    "PractitionerRole": _role,
    "Organization": _structure,
}
"""What stands around a person, by its kind; other kinds are left aside."""


def _with_places(doctor: Doctor, around: Iterable[_Role | _Structure]) -> Doctor:
    """The doctor with everything that the roles add, a place of practice told once."""
    roles = [it for it in around if isinstance(it, _Role)]
    structures = [it for it in around if isinstance(it, _Structure)]
    places: dict[str, PlaceOfPractice] = {}
    for number, role in enumerate(roles):
        key = role.structure or f"role {number}"
        known = next((it.place for it in structures if key in it.keys), None)
        place = role.place if known is None else _joined(known, role.place)
        places[key] = place if key not in places else _both(places[key], place)
    codings = [coding for role in roles for coding in role.codings]
    return replace(
        doctor,
        professions=_once((*doctor.professions, *_codes(codings, PROFESSIONS))),
        specialities=_once((*doctor.specialities, *_codes(codings, SPECIALITIES))),
        places=tuple(places.values()),
    )


def _joined(structure: PlaceOfPractice, role: PlaceOfPractice) -> PlaceOfPractice:
    """A structure as a place of this doctor: active while both are."""
    contacts = _once((*role.contacts, *structure.contacts))
    return replace(structure, active=structure.active and role.active, contacts=contacts)


def _both(one: PlaceOfPractice, other: PlaceOfPractice) -> PlaceOfPractice:
    """Two roles at one place."""
    contacts = _once((*one.contacts, *other.contacts))
    return replace(one, active=one.active or other.active, contacts=contacts)


def _numbers(identifiers: Iterable[Resource]) -> tuple[str | None, str | None]:
    """FINESS and SIRET, out of either kind of identifier."""
    finess = siret = None
    for identifier in identifiers:
        system, value = identifier.get("system"), reading.text_or_none(identifier.get("value"))
        if value is None:
            continue
        kind, number = value[0], value[1:]
        if system == FINESS_SYSTEM and len(value) == FINESS_DIGITS:
            finess = value
        elif system == STRUCTURE_SYSTEM and (kind, len(number)) == (FINESS_KIND, FINESS_DIGITS):
            finess = finess or number
        elif system == STRUCTURE_SYSTEM and (kind, len(number)) == (SIRET_KIND, SIRET_DIGITS):
            siret = number
    return finess, siret


def _street(address: Resource) -> str | None:
    lines = [it for it in map(reading.text_or_none, _many(address, "line")) if it]
    return ", ".join(lines or map(_line, _many(address, "_line"))) or None


def _line(said: Resource) -> str:
    parts: dict[str, str] = {}
    for extension in _many(said, "extension"):
        value = extension.get("valueString")
        words = value if isinstance(value, list) else [value]
        told = " ".join(filter(None, map(reading.text_or_none, words)))
        parts[extension["url"].rsplit("-", 1)[-1]] = told
    return " ".join(parts[name] for name in LINE_PARTS if parts.get(name))


def _contacts(said: Resource) -> tuple[Contact, ...]:
    """Telephones and mailboxes, those of the secure mail included."""
    told = [
        Contact(reading.text_or_none(it.get("system")) or "other", value)
        for it in _many(said, "telecom")
        if (value := reading.text_or_none(it.get("value")))
    ]
    return _once(told)


def _codings(concepts: Iterable[Resource | None]) -> Iterator[tuple[str, str]]:
    for concept in concepts:
        for coding in _many(concept or {}, "coding"):
            if coding.get("system") and coding.get("code"):
                yield coding["system"], coding["code"]


def _codes(codings: Iterable[tuple[str, str]], system: str) -> tuple[str, ...]:
    return _once(code for named, code in codings if system in named)


def _many(said: Resource, name: str) -> Sequence[Any]:
    """What stands in a list; nulls and absent lists are told alike."""
    return [it for it in said.get(name) or () if it is not None]


def _once(told: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(told))
