"""Entering, leaving, one's own account and the journal, as a browser does them."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import Engine

from api import gate
from api.pages import entrance
from api.services import credentials, entry, keys, showcase
from api.services.access import Role
from api.services.entry import Door
from store import journal, tables
from store import session as stores
from store.vault import Vault
from tests.api.http.conftest import KEYS, TOKEN, Build, Client
from tests.api.http.conftest import build as build  # a fixture
from tests.store import rows
from tests.store.rows import NOON

PASSWORD = "dix-huit heures à Metz"  # noqa: S105 (opens nothing but these tests)
OTHER = "samedi matin à Nancy"
HTML = {"accept": "text/html"}
OURS = {**HTML, "sec-fetch-site": "same-origin"}


@pytest.fixture
def vault() -> Vault:
    return Vault([bytes.fromhex(KEYS)])


@pytest.fixture
def people(engine: Engine, vault: Vault) -> None:
    """One account a role, named after it, in the territory of Metz."""
    with stores.writing_factory(engine)() as session:
        rows.keep(session, tables.Territory(id="metz", name="Metz et son pays"))
    with stores.writing_factory(engine)() as session:
        door = Door(session, vault, NOON)
        for role in (Role.DESK, Role.DPO, Role.CPAM):
            made = door.register(login=role, family_name="Lambert", given_name="Inès")
            assert door.set_password(made, PASSWORD) is None
            door.give(made, role, "metz", by="account:test")
        session.commit()


class Browser:
    """Keeps the cookie it is given, as a browser does, and sends forms as our pages do."""

    def __init__(self, client: Client, name: str = gate.COOKIE) -> None:
        self.client, self.name, self.cookie = client, name, ""

    def get(self, path: str, **asked: Any) -> httpx.Response:
        return self.client.get(path, headers={**HTML, **self._shown()}, **asked)

    def post(self, path: str, **said: str) -> httpx.Response:
        answer = self.client.request("POST", path, headers={**OURS, **self._shown()}, data=said)
        given = re.search(rf"{self.name}=([^;]*)", answer.headers.get("set-cookie", ""))
        self.cookie = given[1].strip('"') if given else self.cookie
        return answer

    def enter(self, login: str = "desk", password: str = PASSWORD, **said: str) -> httpx.Response:
        return self.post("/connexion", identifiant=login, mot_de_passe=password, **said)

    def _shown(self) -> dict[str, str]:
        return {"cookie": f"{self.name}={self.cookie}"} if self.cookie else {}


@pytest.fixture
def browser(build: Build, people: None) -> Browser:  # noqa: ARG001
    return Browser(build(desk_token=TOKEN))


def test_whoever_may_not_see_a_page_finds_the_form_and_goes_on_from_there(
    browser: Browser,
) -> None:
    refused = browser.get("/regulation?lieu=Metz")
    assert refused.status_code == 401
    assert 'action="/connexion"' in refused.text
    assert 'value="/regulation?lieu=Metz"' in refused.text

    entered = browser.enter(suite="/regulation?lieu=Metz")

    assert (entered.status_code, entered.headers["location"]) == (303, "/regulation?lieu=Metz")
    assert browser.get("/regulation").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_of_other_hosts_and_of_plain_http(
    browser: Browser,
) -> None:
    said = browser.enter().headers["set-cookie"].lower()

    assert said.startswith("__host-releve=")
    for word in ("httponly", "secure", "samesite=lax", "path=/"):
        assert word in said
    assert "domain" not in said


@pytest.mark.parametrize(("login", "password"), [("desk", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_is_told_alike_and_nothing_typed_is_shown_but_the_name(
    browser: Browser, login: str, password: str
) -> None:
    refused = browser.enter(login, password)

    assert refused.status_code == 401
    assert "Identifiant, mot de passe ou code erroné." in refused.text
    assert "set-cookie" not in refused.headers
    assert PASSWORD not in refused.text


def test_after_too_many_attempts_the_page_says_when_to_come_back(browser: Browser) -> None:
    for _ in range(entry.FREE_TRIES):
        browser.enter(password="wrong")

    locked = browser.enter()

    assert locked.status_code == 429
    assert "à 13:00" in locked.text


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.fr", "//elsewhere.fr", "/\\elsewhere.fr", "javascript:alert(1)", "/a\nb"],
)
def test_nobody_is_sent_elsewhere_after_entering(browser: Browser, address: str) -> None:
    assert browser.enter(suite=address).headers["location"] == "/"
    assert entrance.inside(address) == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.fr"},
        {"origin": "null"},
    ],
)
def test_a_form_sent_from_a_foreign_page_does_nothing(
    browser: Browser, headers: dict[str, str]
) -> None:
    said = {"identifiant": "desk", "mot_de_passe": PASSWORD}

    refused = browser.client.request("POST", "/connexion", headers=HTML | headers, data=said)

    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


def test_an_older_browser_names_its_origin_and_a_program_shows_no_cookie(browser: Browser) -> None:
    said = {"identifiant": "desk", "mot_de_passe": PASSWORD}
    for headers in ({"origin": "http://releve"}, {}):
        assert browser.client.request("POST", "/connexion", headers=headers, data=said).is_redirect
    browser.enter()
    cookie = {"cookie": f"{gate.COOKIE}={browser.cookie}"}

    assert browser.client.request("POST", "/deconnexion", headers=cookie).status_code == 403


@pytest.mark.usefixtures("people")
def test_each_role_sees_its_own_pages_and_no_others(build: Build) -> None:
    pages = ("/regulation", "/journal", "/compte")
    seen = {}
    for login in ("desk", "dpo", "cpam"):
        browser = Browser(build(desk_token=TOKEN))
        browser.enter(login)
        seen[login] = [browser.get(path).status_code for path in pages]

    assert seen == {"desk": [200, 403, 200], "dpo": [403, 200, 200], "cpam": [403, 403, 200]}
    stranger = Browser(build(desk_token=TOKEN))
    assert [stranger.get(path).status_code for path in pages] == [401, 401, 401]


def test_whoever_leaves_is_out_and_a_stolen_cookie_opens_nothing_then(browser: Browser) -> None:
    browser.enter()
    stolen = browser.cookie

    left = browser.post("/deconnexion")

    assert left.headers["location"] == "/"
    browser.cookie = stolen
    assert browser.get("/compte").status_code == 401


def test_a_session_outlives_the_process_and_ends_after_an_hour_of_silence(
    browser: Browser, build: Build
) -> None:
    browser.enter()

    def later(minutes: int) -> int:
        other = Browser(build(desk_token=TOKEN, now=NOON + timedelta(minutes=minutes)))
        other.cookie = browser.cookie
        return other.get("/compte").status_code

    assert [later(minutes) for minutes in (50, 100, 150, 211)] == [200, 200, 200, 401]


def test_the_account_says_who_one_is_and_where(browser: Browser) -> None:
    browser.enter()

    page = browser.get("/compte").text

    assert "<h1>Inès Lambert</h1>" in page
    assert "régulation du centre 15 – Metz et son pays" in page
    assert "1 session ouverte" in page


def test_the_password_is_changed_by_whoever_knows_it(browser: Browser) -> None:
    browser.enter()

    wrong = browser.post("/compte/mot-de-passe", actuel="other", nouveau=OTHER)
    short = browser.post("/compte/mot-de-passe", actuel=PASSWORD, nouveau="court")
    changed = browser.post("/compte/mot-de-passe", actuel=PASSWORD, nouveau=OTHER)

    assert [it.status_code for it in (wrong, short, changed)] == [422, 422, 303]
    assert "n’est pas le bon" in wrong.text
    assert "12 caractères" in short.text
    assert browser.get("/compte").status_code == 401
    assert browser.enter().status_code == 401
    assert browser.enter(password=OTHER).status_code == 303


def test_guessing_the_password_from_inside_locks_as_at_the_door(browser: Browser) -> None:
    browser.enter()
    for _ in range(entry.FREE_TRIES):
        browser.post("/compte/mot-de-passe", actuel="wrong", nouveau=OTHER)

    refused = browser.post("/compte/mot-de-passe", actuel=PASSWORD, nouveau=OTHER)

    assert refused.status_code == 422
    assert browser.enter().status_code == 429


def code_at(page: str, now: datetime) -> str:
    address = re.search(r'href="(otpauth://[^"]+)"', page)
    assert address is not None
    secret = re.search(r"secret=(\w+)", address[1])
    assert secret is not None
    return pyotp.TOTP(secret[1]).at(now)


def test_the_second_factor_is_offered_confirmed_and_asked_for(
    browser: Browser, build: Build
) -> None:
    browser.enter()
    offered = browser.post("/compte/code")
    wrong = browser.post("/compte/code", code="000000")
    active = browser.post("/compte/code", code=code_at(offered.text, NOON))

    assert re.search(r"(\w{4} ){7}\w{4}", offered.text)
    assert "Ce code n’est pas le bon" in wrong.text
    assert "double authentification est active" in active.text
    browser.cookie = ""
    without = browser.enter()
    assert (without.status_code, "Donnez aussi le code" in without.text) == (401, True)
    minute = NOON + timedelta(minutes=1)
    later = Browser(build(desk_token=TOKEN, now=minute))
    assert later.enter(code=code_at(offered.text, minute)).status_code == 303


def test_all_sessions_are_ended_at_once(browser: Browser, build: Build) -> None:
    other = Browser(build(desk_token=TOKEN))
    browser.enter()
    other.enter()

    browser.post("/compte/sessions")

    assert [it.get("/compte").status_code for it in (browser, other)] == [401, 401]


def test_the_officer_finds_who_saw_a_file_and_the_finding_is_written_down_too(
    browser: Browser, engine: Engine, vault: Vault
) -> None:
    with stores.writing_factory(engine)() as session:
        for number in range(120):
            line = journal.Entry(
                NOON, "account:c", "read", f"patient:{number % 2}", "matching", ("phone",)
            )
            journal.append(session, vault, line)
        session.commit()
    browser.enter("dpo")

    first = browser.get("/journal").text
    older = re.search(r'href="(/journal[^"]+avant=\d+)"', first)
    assert older is not None
    second = browser.get(older[1].replace("&amp;", "&")).text
    of_one = browser.get("/journal?sur=patient:1").text

    assert first.count("<tr>") - 1 == 100
    assert "proposer un médecin" in first
    assert "téléphone" in first
    assert 1 < second.count("<tr>") < 100
    assert of_one.count("patient:1<") == 60
    assert "patient:0<" not in of_one
    with stores.session_factory(engine)() as session:
        written = journal.about(session, "journal")
        assert [line.detail["about"] for line in written] == ["", "", "patient:1"]
        assert list(journal.breaches(session, vault)) == []


@pytest.mark.usefixtures("people")
def test_a_key_for_programs_opens_what_its_roles_may_see_until_it_is_over(
    build: Build, engine: Engine
) -> None:
    key = keys.PREFIX + credentials.draw()
    with stores.session_factory(engine)() as session:
        rows.keep(
            session,
            tables.ApiKey(
                id="k",
                name="logiciel de régulation",
                digest=credentials.token_digest(key),
                scopes="desk",
                territory_id="metz",
                made_by="account:a",
                made_at=NOON,
                expires_at=NOON + timedelta(days=1),
            ),
        )

    def answered(shown: str, days: int = 0) -> int:
        client = build(desk_token=TOKEN, now=NOON + timedelta(days=days))
        headers = {"authorization": f"Bearer {shown}"}
        path = "/api/v1/availability?lat=49.1&lon=6.2"
        return client.get(path, headers=headers).status_code

    assert [answered(key), answered(key + "x"), answered(key, 1)] == [200, 401, 401]


@pytest.mark.usefixtures("people")
def test_in_the_demonstration_an_account_sees_what_its_role_sees(build: Build) -> None:
    client = build(demo=True, secret_keys=KEYS)
    browser = Browser(client, gate.DEMO_COOKIE)
    assert browser.get("/regulation").status_code == 200

    browser.enter("cpam")

    assert browser.get("/regulation").status_code == 403
    browser.post("/deconnexion")
    browser.cookie = ""
    assert browser.get("/regulation").status_code == 200


def test_an_account_of_the_demonstration_is_nobody_elsewhere(
    build: Build, engine: Engine, vault: Vault
) -> None:
    with stores.writing_factory(engine)() as session:
        rows.keep(session, tables.Territory(id="metz", name="Metz"))
    with stores.writing_factory(engine)() as session:
        showcase.open_accounts(Door(session, vault, NOON, demo=True), "metz")
        session.commit()
    inside = Browser(build(demo=True, secret_keys=KEYS), gate.DEMO_COOKIE)
    outside = Browser(build(desk_token=TOKEN))

    entered = inside.enter("regulation", showcase.PASSWORD)
    refused = outside.enter("regulation", showcase.PASSWORD)
    outside.cookie = inside.cookie

    assert (entered.status_code, refused.status_code) == (303, 401)
    assert inside.get("/compte").status_code == 200
    assert outside.get("/compte").status_code == 401
    assert showcase.PASSWORD not in refused.text


def test_the_form_of_the_demonstration_says_who_one_can_be(build: Build) -> None:
    shown = build(demo=True).get("/connexion").text

    assert all(login in shown for login in showcase.LOGINS.values())
    assert set(showcase.LOGINS) == set(Role)
