"""The settings of the service: read once by the entry point, never changed afterwards."""

from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_TOKEN = 32
"""Characters: sixteen random bytes in hexadecimal, 128 bits, out of reach of any guessing."""

FEWEST_CHARACTERS = 8
"""Distinct characters in a token: a random one of 32 has more, `aaaa...` and `changeme` less."""

GIVEN_AS_EXAMPLES = ("change", "exemple", "example", "secret", "password", "token", "releve")
"""Words of tokens that were copied from a page or made up by a tired person."""


class Settings(BaseSettings):
    """What the environment (`RELEVE_...`) or the command line decides; a wrong value refuses."""

    model_config = SettingsConfigDict(env_prefix="RELEVE_", frozen=True, extra="forbid")

    database_url: str = Field(default="sqlite:///releve.sqlite3", repr=False)
    """SQLite file or PostgreSQL address; out of the printed form, it may hold a password."""

    demo: bool = False
    """Invented people, everything shown to everybody: never on a store of real people."""

    desk_token: SecretStr | None = None
    """What the desk of centre 15 shows to see names; required outside demonstration mode."""

    host: str = "127.0.0.1"
    """Only this machine by default: opening to a network is a decision."""

    port: int = Field(default=8000, ge=0, le=65535)
    """8000 needs no privilege; 0 lets the system choose a free one (tests)."""

    timezone: str = "Europe/Paris"
    """Civil time of an instant that is given without an offset."""

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
        token = self.desk_token.get_secret_value()
        if len(token) < SHORTEST_TOKEN or len(set(token)) < FEWEST_CHARACTERS:
            raise ValueError(
                "RELEVE_DESK_TOKEN est trop court ou trop simple : "
                f"{SHORTEST_TOKEN} caractères tirés au hasard au moins"
            )
        if any(word in token.lower() for word in GIVEN_AS_EXAMPLES):
            raise ValueError("RELEVE_DESK_TOKEN est un exemple : tirez-en un au hasard")
        return self
