from typing import Any

import pytest

from api.directories import annuaire, errors
from tests.api.directories.conftest import Open
from tests.api.directories.server import Local, Reply, Request, said

RPPS = "10990000017"
KEY = "d5aa2278-61af-43c1-8167-feb7c695d1e1"
NOS = "https://mos.esante.gouv.fr/NOS"
G15 = f"{NOS}/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
R38 = f"{NOS}/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
ISO = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP"


def person(**change: Any) -> dict[str, Any]:
    return {
        "resourceType": "Practitioner",
        "id": "003-1",
        "identifier": [
            {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": f"8{RPPS}"},
            {"system": "https://rpps.esante.gouv.fr", "value": RPPS},
        ],
        "active": True,
        "name": [{"family": "LAMBERT", "given": ["Inès", "Marie"], "suffix": ["DR"]}],
        "telecom": [{"system": "email", "value": "ines.lambert@medecin.mssante.fr"}],
        "qualification": [
            {"code": {"coding": [{"system": G15, "code": "10"}]}},
            {"code": {"coding": [{"system": R38, "code": "SM54"}]}},
        ],
    } | change


def role(structure: str, number: int = 1, **change: Any) -> dict[str, Any]:
    return {
        "resourceType": "PractitionerRole",
        "id": f"005-{number}",
        "active": True,
        "practitioner": {"reference": "Practitioner/003-1"},
        "organization": {"reference": f"Organization/{structure}"},
        "code": [{"coding": [{"system": G15, "code": "10"}]}],
        "telecom": [{"system": "phone", "value": "0387000000", "rank": 1}, {"value": None}],
    } | change


def structure(number: str = "001-1", **change: Any) -> dict[str, Any]:
    return {
        "resourceType": "Organization",
        "id": number,
        "identifier": [
            {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "1570000001"},
            {"system": "https://finess.esante.gouv.fr", "value": "570000001"},
        ],
        "active": True,
        "name": "MSP DE LA GARE",
        "telecom": [{"system": "phone", "value": "0387111111"}],
        "address": [
            {
                "line": None,
                "_line": [
                    {
                        "extension": [
                            {"url": f"{ISO}-streetNameBase", "valueString": ["DIDOT"]},
                            {"url": f"{ISO}-streetNameType", "valueString": "R"},
                            {"url": f"{ISO}-houseNumber", "valueString": ["96", None]},
                            {"url": f"{ISO}-postBox", "valueString": None},
                        ]
                    }
                ],
                "postalCode": "57000",
                "city": "57000 METZ",
            }
        ],
    } | change


def bundle(*resources: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    links = [{"relation": "self", "url": "https://gateway.example"}]
    links += [] if following is None else [{"relation": "next", "url": following}]
    entries = [{"fullUrl": it["id"], "resource": it} for it in resources]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


class Directory:
    """The FHIR interface: one person, and the roles and structures around."""

    def __init__(self, server: Local) -> None:
        self.url = server.url
        self.people = [person()]
        self.around = [role("001-1"), structure()]
        self.page = 50

    def __call__(self, request: Request) -> Reply:
        if request.headers.get("esante-api-key") != KEY:
            return said({"resourceType": "OperationOutcome"}, 401)
        if request.path == "/fhir/v2/Practitioner":
            known = [it["value"] for one in self.people for it in one["identifier"]]
            found = self.people if request.query["identifier"] in known else []
            return said(bundle(*found))
        first = int(request.query.get("_offset", 0))
        more = first + self.page < len(self.around)
        following = f"{self.url}/fhir/v2/PractitionerRole?_offset={first + self.page}"
        shown = self.around[first : first + self.page]
        return said(bundle(*shown, following=following if more else None))


@pytest.fixture
def directory(server: Local) -> Directory:
    directory = Directory(server)
    server.answers = directory
    return directory


@pytest.fixture
def asked(directory: Directory, opened: Open) -> annuaire.Annuaire:
    headers = {annuaire.KEY_HEADER: KEY}
    return annuaire.Annuaire(opened("annuaire", url=f"{directory.url}/fhir/v2", headers=headers))


def test_a_doctor_by_the_number(asked: annuaire.Annuaire, server: Local) -> None:
    assert asked.by_rpps(RPPS) == annuaire.Doctor(
        rpps=RPPS,
        active=True,
        family_name="LAMBERT",
        given_name="Inès Marie",
        professions=("10",),
        specialities=("SM54",),
        contacts=(annuaire.Contact("email", "ines.lambert@medecin.mssante.fr"),),
        places=(
            annuaire.PlaceOfPractice(
                name="MSP DE LA GARE",
                finess="570000001",
                siret=None,
                street="96 R DIDOT",
                postal_code="57000",
                city="METZ",
                active=True,
                contacts=(
                    annuaire.Contact("phone", "0387000000"),
                    annuaire.Contact("phone", "0387111111"),
                ),
            ),
        ),
    )
    assert [(it.path, it.query) for it in server.requests] == [
        ("/fhir/v2/Practitioner", {"identifier": RPPS}),
        (
            "/fhir/v2/PractitionerRole",
            {"practitioner": "003-1", "_include": "PractitionerRole:organization"},
        ),
    ]


def test_nobody_has_the_number(asked: annuaire.Annuaire, directory: Directory) -> None:
    assert asked.by_rpps("10990000025") is None

    directory.people = []
    assert asked.by_rpps(RPPS) is None


@pytest.mark.parametrize("wrong", ["", "1099000001", "109900000177", "1099000001a", "1,2"])
def test_what_is_no_number_is_not_sent(asked: annuaire.Annuaire, server: Local, wrong: str) -> None:
    with pytest.raises(ValueError, match="a professional"):
        asked.by_rpps(wrong)

    assert server.requests == []


def test_who_has_stopped_has_a_number_and_no_more(
    asked: annuaire.Annuaire, directory: Directory
) -> None:
    bare = person(active=False)
    directory.people = [{key: bare[key] for key in ("resourceType", "id", "identifier", "active")}]
    directory.around = []

    doctor = asked.by_rpps(RPPS)

    assert doctor == annuaire.Doctor(RPPS, False, None, None, (), (), (), ())
    assert not doctor.is_doctor


def test_somebody_else_with_the_number_in_another_list_is_left_aside(
    asked: annuaire.Annuaire, directory: Directory
) -> None:
    other = {"system": "urn:other", "value": RPPS}
    directory.people = [person(identifier=[other]), person(id="003-2")]

    doctor = asked.by_rpps(RPPS)

    assert doctor is not None
    assert doctor.is_doctor


def test_a_nurse_is_not_a_doctor(asked: annuaire.Annuaire, directory: Directory) -> None:
    nurse = {"coding": [{"system": G15, "code": "60"}, {"system": G15, "code": None}]}
    directory.people = [person(qualification=[{"code": nurse}])]
    directory.around = []

    found = asked.by_rpps(RPPS)

    assert found is not None
    assert (found.professions, found.is_doctor) == (("60",), False)


def test_two_roles_in_one_place_are_one_place_of_practice(
    asked: annuaire.Annuaire, directory: Directory
) -> None:
    directory.around = [
        role("001-1", active=False),
        role("001-1", 2, telecom=[]),
        role("001-2", 3, telecom=None, code=None),
        structure(),
        structure("001-2", active=False, name="CABINET", identifier=[], address=None),
    ]

    found = asked.by_rpps(RPPS)

    assert found is not None
    assert [(it.name, it.active) for it in found.places] == [
        ("MSP DE LA GARE", True),
        ("CABINET", False),
    ]
    assert (found.places[1].finess, found.places[1].street) == (None, None)


@pytest.mark.parametrize(
    ("value", "finess", "siret"),
    [
        ("1570000001", "570000001", None),
        ("334173748400020", None, "34173748400020"),
        ("410990000017001", None, None),
        ("1", None, None),
        ("", None, None),
    ],
)
def test_a_place_that_is_only_named_is_known_by_its_number(
    asked: annuaire.Annuaire,
    directory: Directory,
    value: str,
    finess: str | None,
    siret: str | None,
) -> None:
    named = {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": value}}
    directory.around = [role("", organization=named), role("", 2, organization=None)]

    found = asked.by_rpps(RPPS)

    assert found is not None
    assert [(it.finess, it.siret, it.name) for it in found.places] == [
        (finess, siret, None),
        (None, None, None),
    ]


def test_an_address_in_plain_lines_is_read_too(
    asked: annuaire.Annuaire, directory: Directory
) -> None:
    plain = [{"line": ["96 rue Didot", None, " "], "city": "Metz"}]
    directory.around = [role("001-1"), structure(address=plain)]

    found = asked.by_rpps(RPPS)

    assert found is not None
    assert (found.places[0].street, found.places[0].city) == ("96 rue Didot", "Metz")


def test_pages_are_followed_to_the_end(
    asked: annuaire.Annuaire, directory: Directory, server: Local
) -> None:
    directory.page = 1
    directory.around = [role("001-1"), role("001-2", 2), structure(), structure("001-2")]

    found = asked.by_rpps(RPPS)

    assert found is not None
    assert len(found.places) == 2
    assert len(server.requests) == 5


def test_pages_without_an_end_are_given_up(
    asked: annuaire.Annuaire, directory: Directory, server: Local
) -> None:
    directory.page = 0

    with pytest.raises(errors.Unreadable):
        asked.by_rpps(RPPS)

    assert len(server.requests) == 1 + annuaire.MOST_PAGES


def test_the_key_goes_to_no_other_server(
    asked: annuaire.Annuaire, server: Local, elsewhere: Local
) -> None:
    server.replies(said(bundle(person(), following=f"{elsewhere.url}/fhir/v2?page=2")))

    with pytest.raises(errors.Unreadable):
        asked.by_rpps(RPPS)

    assert elsewhere.requests == []


def test_a_wrong_key_is_refused(directory: Directory, opened: Open) -> None:
    caller = opened("annuaire", url=f"{directory.url}/fhir/v2", headers={"ESANTE-API-KEY": "old"})

    with pytest.raises(errors.Refused, match="401"):
        annuaire.Annuaire(caller).by_rpps(RPPS)


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"resourceType": "OperationOutcome"},
        {"resourceType": "Bundle", "entry": [{}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Practitioner"}}]},
        bundle(person(id=None)),
        bundle(person(name=["Lambert"])),
        bundle(person(), following=7),  # type: ignore[arg-type]
    ],
    ids=["list", "outcome", "empty", "bare", "nameless", "name", "page"],
)
def test_a_bundle_that_is_none_is_unreadable(
    asked: annuaire.Annuaire, server: Local, broken: object
) -> None:
    server.replies(said(broken))

    with pytest.raises(errors.Unreadable):
        asked.by_rpps(RPPS)
