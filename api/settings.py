"""The settings of the service: read once by the entry point, never changed afterwards."""

import string
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from store import vault

SHORTEST_TOKEN = 32
"""Characters: sixteen random bytes in hexadecimal, 128 bits, out of reach of any guessing."""

FEWEST_CHARACTERS = 8
"""Distinct characters in a token: a random one of 32 has more, `aaaa...` and `changeme` less."""

GIVEN_AS_EXAMPLES = ("change", "exemple", "example", "secret", "password", "token", "releve")
"""Words of tokens that were copied from a page or made up by a tired person."""


KEY_DIGITS = 2 * vault.KEY_BYTES
"""Hexadecimal digits of a secret key."""

DEMO_KEY = "0" * KEY_DIGITS
"""Of the demonstration, where there is nobody real to protect."""


class Settings(BaseSettings):
    """What the environment (`RELEVE_...`) or the command line decides; a wrong value refuses."""

    model_config = SettingsConfigDict(env_prefix="RELEVE_", frozen=True, extra="forbid")

    database_url: str = Field(default="sqlite:///releve.sqlite3", repr=False)
    """SQLite file or PostgreSQL address; out of the printed form, it may hold a password."""

    demo: bool = False
    """Invented people, everything shown to everybody: never on a store of real people."""

    desk_token: SecretStr | None = None
    """What the desk of centre 15 shows to see names; required outside demonstration mode."""

    metrics_token: SecretStr | None = None
    """What Prometheus shows at `/metrics`, which does not exist without it."""

    secret_keys: SecretStr | None = None
    """What seals identities and marks the journal: keys of 64 hexadecimal digits, separated by
    commas, the one in use first. Required outside demonstration mode."""

    host: str = "127.0.0.1"
    """Only this machine by default: opening to a network is a decision."""

    port: int = Field(default=8000, ge=0, le=65535)
    """8000 needs no privilege; 0 lets the system choose a free one (tests)."""

    timezone: str = "Europe/Paris"
    """Civil time of an instant that is given without an offset."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged; `info` tells of every request."""

    ban_url: str | None = None
    """Addresses to places: the national address base. None: off, as for those below."""

    geo_url: str | None = None
    """Communes and their contours: the official geographic code."""

    annuaire_url: str | None = None
    """Doctors by RPPS: Annuaire Santé, its FHIR interface."""

    annuaire_key: SecretStr | None = None
    """What Annuaire Santé knows us by; required with its address."""

    osrm_url: str | None = None
    """Travel times by road: an OSRM server, best one of our own."""

    @field_validator("ban_url", "geo_url", "annuaire_url", "osrm_url")
    @classmethod
    def _a_web_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None or not value.strip():
            return None
        if not _is_web_address(value.strip()):
            raise ValueError(
                f"RELEVE_{str(info.field_name).upper()} n'est pas une adresse http(s) sans mot de "
                "passe, question ni fragment, comme https://exemple.fr/api"
            )
        return value.strip().rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _a_known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as unknown:
            raise ValueError(f"fuseau horaire inconnu : {value}") from unknown
        return value

    @model_validator(mode="after")
    def _a_real_token_outside_demo(self) -> Self:
        if self.demo:
            return self
        if self.desk_token is None:
            raise ValueError("RELEVE_DESK_TOKEN est obligatoire hors démonstration")
        _refuse_simple("RELEVE_DESK_TOKEN", self.desk_token.get_secret_value())
        return self

    @model_validator(mode="after")
    def _a_token_of_its_own_for_metrics(self) -> Self:
        if self.metrics_token is None:
            return self
        _refuse_simple("RELEVE_METRICS_TOKEN", self.metrics_token.get_secret_value())
        if self.metrics_token == self.desk_token:
            raise ValueError("RELEVE_METRICS_TOKEN doit différer de RELEVE_DESK_TOKEN")
        return self

    @model_validator(mode="after")
    def _real_keys_outside_demo(self) -> Self:
        if self.secret_keys is None:
            if self.demo:
                return self
            raise ValueError("RELEVE_SECRET_KEYS est obligatoire hors démonstration")
        for key in self._keys():
            if len(key) != KEY_DIGITS or not set(key) <= set(string.hexdigits):
                raise ValueError(
                    f"RELEVE_SECRET_KEYS : chaque clé a {KEY_DIGITS} chiffres hexadécimaux, "
                    "tirés au hasard, séparées par des virgules"
                )
            if len(set(key)) < FEWEST_CHARACTERS:
                raise ValueError("RELEVE_SECRET_KEYS : une clé est trop simple, tirez-la au hasard")
        return self

    @model_validator(mode="after")
    def _a_key_for_the_annuaire(self) -> Self:
        key = "" if self.annuaire_key is None else self.annuaire_key.get_secret_value()
        if self.annuaire_url is not None and not key:
            raise ValueError("RELEVE_ANNUAIRE_KEY est obligatoire avec RELEVE_ANNUAIRE_URL")
        if not set(key) <= set(string.ascii_letters + string.digits + string.punctuation):
            raise ValueError("RELEVE_ANNUAIRE_KEY contient autre chose que des caractères ASCII")
        return self

    @property
    def vault(self) -> vault.Vault:
        """What seals and marks with these keys."""
        return vault.Vault([bytes.fromhex(key) for key in self._keys()])

    def _keys(self) -> list[str]:
        given = DEMO_KEY if self.secret_keys is None else self.secret_keys.get_secret_value()
        return [key.strip() for key in given.split(",")]


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    known = parts.scheme in {"http", "https"} and port != 0
    return plain and known and bool(host) and not set(value) & set(string.whitespace)


def _refuse_simple(name: str, token: str) -> None:
    """Raises ValueError for a token that somebody could guess."""
    if len(token) < SHORTEST_TOKEN or len(set(token)) < FEWEST_CHARACTERS:
        raise ValueError(
            f"{name} est trop court ou trop simple : "
            f"{SHORTEST_TOKEN} caractères tirés au hasard au moins"
        )
    if any(word in token.lower() for word in GIVEN_AS_EXAMPLES):
        raise ValueError(f"{name} est un exemple : tirez-en un au hasard")
