"""What leaves by the interface for programs, field by field.

A row of the store is never an answer: what is not listed here does not leave.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

LATITUDE = Field(description="Degrés, WGS 84", examples=[49.1193])
LONGITUDE = Field(description="Degrés, WGS 84", examples=[6.1757])
CODE_INSEE = Field(description="Code INSEE de la commune", examples=["57463"])


class Schema(BaseModel):
    """Built from the plain data of a service, attribute by attribute."""

    model_config = ConfigDict(from_attributes=True)


class AvailabilityQuery(BaseModel):
    """A caller's place, by its point or by its commune, the instant and the radius."""

    model_config = ConfigDict(extra="forbid")

    lat: Annotated[
        float | None,
        Field(ge=-90, le=90, allow_inf_nan=False, description="Latitude en degrés, avec `lon`"),
    ] = None
    lon: Annotated[
        float | None,
        Field(ge=-180, le=180, allow_inf_nan=False, description="Longitude en degrés, avec `lat`"),
    ] = None
    code_insee: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9][0-9AB][0-9]{3}$",
            description="Commune, au lieu de `lat` et `lon`",
            examples=["57463"],
        ),
    ] = None
    at: Annotated[
        str | None,
        Field(
            description="Instant ISO 8601, maintenant par défaut ; sans décalage, heure civile",
            examples=["2026-11-21T10:00:00+01:00"],
        ),
    ] = None
    within_km: Annotated[
        float | None,
        Field(
            gt=0,
            allow_inf_nan=False,
            description="Rayon à vol d'oiseau ; par défaut celui du département",
        ),
    ] = None


class ListingQuery(BaseModel):
    """Which part of the listing is asked for."""

    model_config = ConfigDict(extra="forbid")

    code_insee: Annotated[
        str | None,
        Field(pattern=r"^[0-9][0-9AB][0-9]{3}$", description="Une seule commune"),
    ] = None


class Coordinates(Schema):
    latitude: Annotated[float, LATITUDE]
    longitude: Annotated[float, LONGITUDE]


class Place(Schema):
    """Le lieu de la recherche, et la commune où il se trouve ou dont il est le plus proche."""

    coordinates: Coordinates
    code_insee: Annotated[str | None, CODE_INSEE]
    commune_name: Annotated[str | None, Field(examples=["Metz"])]


class Site(Schema):
    """Le lieu de garde."""

    site_id: Annotated[str, Field(examples=["METZ-A"])]
    name: Annotated[str, Field(examples=["Maison médicale de garde de Metz"])]
    address: Annotated[str, Field(examples=["1 rue de la Gare, 57000 Metz"])]
    code_insee: Annotated[str, CODE_INSEE]
    coordinates: Coordinates
    phone: Annotated[str | None, Field(examples=["03 53 01 00 00"])]


class DoctorOnDuty(Schema):
    """Un médecin de garde, ou qui le sera avant la fin de la fenêtre."""

    rpps: Annotated[str, Field(examples=["10990000017"])]
    family_name: Annotated[str | None, Field(examples=["Lambert"])]
    given_name: Annotated[str | None, Field(examples=["Inès"])]
    on_duty: Annotated[bool, Field(description="La garde a commencé à l'instant demandé")]
    slot_id: Annotated[str, Field(examples=["METZ-A-2026-11-21-09"])]
    starts_at: Annotated[datetime, Field(examples=["2026-11-21T08:00:00Z"])]
    ends_at: Annotated[
        datetime,
        Field(description="Instant exclu", examples=["2026-11-21T12:00:00Z"]),
    ]
    site: Site
    distance_km: Annotated[float, Field(description="À vol d'oiseau", examples=[2.4])]


class Availability(Schema):
    """Les médecins de garde, du plus proche au plus lointain, ou la raison de leur absence."""

    place: Place
    at: Annotated[datetime, Field(examples=["2026-11-21T09:00:00Z"])]
    until: Annotated[
        datetime,
        Field(description="Fin de la fenêtre, exclue", examples=["2026-11-24T09:00:00Z"]),
    ]
    radius_km: Annotated[float, Field(description="Rayon où l'on a cherché", examples=[10])]
    enlarged_radius_km: Annotated[
        float, Field(description="Rayon à essayer ensuite", examples=[15])
    ]
    doctors: list[DoctorOnDuty]
    why_none: Annotated[
        Literal["no_roster", "no_slot", "nobody_seated", "none_within_radius"] | None,
        Field(
            description="Pourquoi personne : aucun tableau publié pour cette période, aucune "
            "garde prévue, aucune garde pourvue, personne dans le rayon",
        ),
    ]
    nearest_km: Annotated[
        float | None,
        Field(description="Distance du lieu de garde pourvu le plus proche, même hors du rayon"),
    ]


class AcceptingDoctor(Schema):
    """Un médecin installé qui accepte de nouveaux patients ; `null` veut dire inconnu."""

    rpps: Annotated[str, Field(examples=["10990000017"])]
    family_name: Annotated[str | None, Field(examples=["Lambert"])]
    given_name: Annotated[str | None, Field(examples=["Inès"])]
    code_insee: Annotated[str | None, CODE_INSEE]
    commune_name: Annotated[str | None, Field(examples=["Nancy"])]
    latitude: Annotated[float, LATITUDE]
    longitude: Annotated[float, LONGITUDE]
    places: Annotated[int, Field(description="Nouveaux patients acceptés", examples=[80])]
    min_age: Annotated[int | None, Field(examples=[16])]
    max_age: int | None
    wheelchair: bool | None
    languages: Annotated[
        list[str], Field(description="ISO 639-1 ; vide : français", examples=[["fr", "ar"]])
    ]
    home_visit_minutes: Annotated[float | None, Field(examples=[15])]
    confirmed_on: Annotated[date | None, Field(description="Dernière confirmation par le médecin")]
    freshness: Literal["recent", "stale", "never_confirmed"]


class Listing(Schema):
    """Les médecins qui acceptent de nouveaux patients, par commune puis par nom."""

    doctors: list[AcceptingDoctor]


class CommuneFigures(Schema):
    """Les chiffres publiés d'une commune ; un nombre de personnes `null` est masqué."""

    code_insee: Annotated[str, CODE_INSEE]
    name: Annotated[str, Field(examples=["Nancy"])]
    latitude: Annotated[float, LATITUDE]
    longitude: Annotated[float, LONGITUDE]
    patients: int | None
    proposed: int | None
    waiting: int | None
    accepting_doctors: int
    places_open: int


class Communes(Schema):
    """Les chiffres du dernier appariement, par commune ; tout est vide avant le premier."""

    day: date | None
    status: Literal["optimal", "feasible", "none"] | None
    communes: list[CommuneFigures]


class Health(Schema):
    """L'état du service."""

    status: Literal["ok"] = "ok"


class FieldProblem(BaseModel):
    """Un paramètre refusé."""

    field: Annotated[str, Field(examples=["lat"])]
    detail: Annotated[str, Field(examples=["doit être inférieur ou égal à 90"])]


class Problem(BaseModel):
    """Une erreur, selon la RFC 9457."""

    type: Annotated[str, Field(examples=["urn:releve:invalid-request"])]
    title: Annotated[str, Field(examples=["Demande invalide"])]
    status: Annotated[int, Field(examples=[422])]
    detail: Annotated[str, Field(examples=["Le paramètre lat doit être inférieur ou égal à 90."])]
    errors: list[FieldProblem] = []
