import pytest
from pydantic import ValidationError

from api.settings import Settings
from tests.api.http.conftest import KEYS, TOKEN


@pytest.fixture(autouse=True)
def _without_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RELEVE_{name.upper()}", raising=False)


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        TOKEN[:31],
        "a" * 40,
        "changeme-changeme-changeme-0123456789",
        "ExempleDeJetonLongMaisConnu0123456789",
    ],
)
def test_outside_demo_a_missing_short_or_copied_token_refuses_to_start(token: str | None) -> None:
    with pytest.raises(ValidationError, match="RELEVE_DESK_TOKEN"):
        Settings(desk_token=token, secret_keys=KEYS)  # type: ignore[arg-type]


def test_outside_demo_a_random_token_of_32_characters_is_enough() -> None:
    assert len(TOKEN) == 32
    assert not Settings(desk_token=TOKEN, secret_keys=KEYS).demo  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (None, "obligatoire"),
        ("", "64 chiffres"),
        (KEYS[:-1], "64 chiffres"),
        (KEYS[:-1] + "g", "64 chiffres"),
        (f"{KEYS},", "64 chiffres"),
        ("0" * 64, "trop simple"),
        (f"{KEYS},{'ab' * 32}", "trop simple"),
    ],
)
def test_outside_demo_missing_malformed_or_simple_keys_refuse_to_start(
    keys: str | None, why: str
) -> None:
    with pytest.raises(ValidationError, match=f"RELEVE_SECRET_KEYS.*{why}"):
        Settings(desk_token=TOKEN, secret_keys=keys)  # type: ignore[arg-type]


def test_the_first_key_seals_and_the_others_still_open() -> None:
    former = "0123456789abcdef" * 4
    sealed = Settings(demo=True, secret_keys=former).vault.seal("Inès", "here")  # type: ignore[arg-type]

    vault = Settings(demo=True, secret_keys=f"{KEYS}, {former}").vault  # type: ignore[arg-type]

    assert vault.open(sealed, "here") == "Inès"
    assert not vault.is_current(sealed, "here")
    assert vault.is_current(vault.seal("Inès", "here"), "here")


def test_demo_needs_no_token() -> None:
    assert Settings(demo=True).desk_token is None


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVE_DEMO", "true")
    monkeypatch.setenv("RELEVE_DATABASE_URL", "postgresql://somebody:hidden@db/releve")
    monkeypatch.setenv("RELEVE_PORT", "9000")

    settings = Settings()

    assert (settings.demo, settings.port) == (True, 9000)
    assert settings.database_url.endswith("@db/releve")


def test_settings_printed_show_no_secret_and_never_change() -> None:
    settings = Settings(
        desk_token=TOKEN,  # type: ignore[arg-type]
        secret_keys=KEYS,  # type: ignore[arg-type]
        database_url="postgresql://me:hidden@db/releve",
    )

    assert TOKEN not in repr(settings)
    assert KEYS not in repr(settings)
    assert "hidden" not in repr(settings)
    with pytest.raises(ValidationError):
        settings.demo = True  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong", [{"timezone": "Europe/Metz"}, {"port": 70000}, {"prot": 80}, {"log_level": "loud"}]
)
def test_a_wrong_setting_refuses_to_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(demo=True, **wrong)  # type: ignore[arg-type]


DIRECTORIES = ("ban_url", "geo_url", "annuaire_url", "osrm_url")


def test_every_directory_is_off_unless_it_has_an_address() -> None:
    assert [getattr(Settings(demo=True), name) for name in DIRECTORIES] == [None] * 4
    blank = Settings(demo=True, ban_url="", osrm_url=" ")
    assert (blank.ban_url, blank.osrm_url) == (None, None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://data.geopf.fr/geocodage/", "https://data.geopf.fr/geocodage"),
        (" http://127.0.0.1:5000 ", "http://127.0.0.1:5000"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_the_address_of_a_directory_is_kept_without_its_last_slash(given: str, kept: str) -> None:
    assert Settings(demo=True, ban_url=given).ban_url == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "data.geopf.fr",
        "ftp://data.geopf.fr",
        "file:///etc/passwd",
        "https://",
        "https://me:hidden@data.geopf.fr",
        "https://data.geopf.fr/?q=1",
        "https://data.geopf.fr/#top",
        "https://data.geopf.fr/a b",
        "https://data.geopf.fr:99999",
        "https://[::1",
    ],
)
def test_what_is_no_address_of_a_directory_refuses_to_start(wrong: str) -> None:
    for name in DIRECTORIES:
        with pytest.raises(ValidationError, match=f"RELEVE_{name.upper()} n'est pas une adresse"):
            Settings(demo=True, **{name: wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "why"),
    [(None, "obligatoire"), ("", "obligatoire"), ("clé", "ASCII"), ("a\nb", "ASCII")],
)
def test_the_annuaire_needs_a_key_that_a_header_can_carry(key: str | None, why: str) -> None:
    with pytest.raises(ValidationError, match=f"RELEVE_ANNUAIRE_KEY.*{why}"):
        Settings(demo=True, annuaire_url="https://annuaire.example", annuaire_key=key)  # type: ignore[arg-type]


def test_the_key_of_the_annuaire_is_not_printed() -> None:
    settings = Settings(demo=True, annuaire_url="https://a.example", annuaire_key="d5aa2278")  # type: ignore[arg-type]

    assert "d5aa2278" not in repr(settings)
