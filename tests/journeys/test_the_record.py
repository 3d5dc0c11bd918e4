"""Whatever the services are asked in whatever order, the record keeps its invariants.

The journal is sound, no row refers to nothing, what was committed is there and what was not is
not, a link did one thing once, and nobody is in who should be out.
"""

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlmodel import Session, select

from api.services import credentials, entry, links, purge
from api.services.access import Role
from api.services.entry import Door, Entered
from api.services.keys import Keys
from api.services.patients import IDENTITY, Files, Identity, Purpose
from store import accounts, journal, tables
from store import session as stores
from store.vault import Vault
from tests.store import rows
from tests.store.rows import NOON

SEQUENCES, STEPS = 1_000, 8

VAULT = Vault([bytes(range(32))])
PASSWORDS = ("dix-huit heures à Metz", "samedi matin à Nancy")
PATIENTS, LOGINS = ("p", "q"), ("ines", "paul")

patient_ids, logins = st.sampled_from(PATIENTS), st.sampled_from(LOGINS)
passwords, purposes = st.sampled_from(PASSWORDS), st.sampled_from(Purpose)
names = st.sampled_from(["", "Lambert", "lambert", "Martin"])
kept = st.booleans()


class Record(RuleBasedStateMachine):
    """A store with two accounts and two patients, and what should be true of it."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        file = self.folder / "releve.sqlite3"
        shutil.copy(self.template, file)
        self.engine = stores.open_engine(f"sqlite:///{file}")
        self.now = NOON
        self.passwords = dict.fromkeys(LOGINS, PASSWORDS[0])
        self.inside = dict[str, str]()
        """The account of each token that should be good, silence and age apart."""
        self.lines, self.reads = 0, dict.fromkeys(PATIENTS, 0)
        self.known = dict.fromkeys(PATIENTS, "")
        self.links = dict[str, bool]()
        self._fill()

    def _fill(self) -> None:
        with self._writing() as session:
            rows.keep(session, tables.Territory(id="metz", name="Metz"))
        with self._writing() as session:
            door = Door(session, VAULT, self.now)
            for login in LOGINS:
                made = door.register(login=login, family_name="L", given_name="I", account_id=login)
                door.set_password(made, PASSWORDS[0])
            for name in PATIENTS:
                row = {"territory_id": "metz", "file_number": name, "recorded_at": self.now}
                session.add(tables.Patient(id=name, **row))
            session.commit()

    def _writing(self) -> Session:
        return stores.writing_factory(self.engine)()

    def teardown(self) -> None:
        try:
            self._look_over_the_store()
        finally:
            self.engine.dispose()
            shutil.rmtree(self.folder)

    def _look_over_the_store(self) -> None:
        """What is costly to look at is looked at when a sequence is over."""
        line = tables.JournalLine
        with stores.session_factory(self.engine)() as session:
            assert list(journal.breaches(session, VAULT)) == []
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
            for name, times in self.reads.items():
                asked = select(line).where(line.subject == f"patient:{name}", line.act == "read")
                assert len(session.exec(asked).all()) == times

    @rule(minutes=st.sampled_from([1, 45, 700, 600_000]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(name=patient_ids, family_name=names, commits=kept)
    def identify(self, name: str, family_name: str, commits: bool) -> None:
        with self._writing() as session:
            files = Files(session, VAULT, "account:ines", self.now)
            identity = Identity(family_name, "Inès", date(1950, 3, 2))
            files.identify(session.get_one(tables.Patient, name), identity)
            if commits:
                session.commit()
                self.known[name] = family_name

    @rule(name=patient_ids, purpose=purposes, commits=kept)
    def read(self, name: str, purpose: Purpose, commits: bool) -> None:
        with self._writing() as session:
            read = Files(session, VAULT, "account:paul", self.now).read(name, purpose, IDENTITY)
            assert (read["family_name"] or "") == self.known[name]
            if commits:
                session.commit()
                self.reads[name] += 1

    @rule(login=logins, password=passwords, commits=kept)
    def enter(self, login: str, password: str, commits: bool) -> None:
        with self._writing() as session:
            outcome = Door(session, VAULT, self.now).enter(login=login, password=password)
            right = password == self.passwords[login]
            assert not isinstance(outcome, Entered) or right
            if commits:
                session.commit()
                if isinstance(outcome, Entered):
                    self.inside[outcome.token] = login

    @rule(login=logins, password=passwords)
    def change_password(self, login: str, password: str) -> None:
        with self._writing() as session:
            door = Door(session, VAULT, self.now)
            door.set_password(session.get_one(tables.Account, login), password)
            session.commit()
        self.passwords[login] = password
        self.inside = {token: who for token, who in self.inside.items() if who != login}

    @rule()
    def leave(self) -> None:
        for token in list(self.inside)[:1]:
            with self._writing() as session:
                Door(session, VAULT, self.now).leave(token)
                session.commit()
            del self.inside[token]

    @rule(name=patient_ids)
    def send_a_link(self, name: str) -> None:
        with self._writing() as session:
            length = timedelta(days=5)
            subject = f"patient:{name}"
            token = links.make(
                session, self.now, length, act="confirm", subject=subject, actor=subject
            )
            session.commit()
        self.links[token] = False

    @rule(commits=kept)
    def use_a_link(self, commits: bool) -> None:
        for token, used in list(self.links.items())[:1]:
            with self._writing() as session:
                link = links.use(session, token, "confirm", self.now)
                assert not (used and link.state is links.State.GOOD)
                if commits and link.state is links.State.GOOD:
                    session.commit()
                    self.links[token] = True

    @rule(role=st.sampled_from(Role))
    def make_and_revoke_a_key(self, role: Role) -> None:
        with self._writing() as session:
            keys = Keys(session, VAULT, "account:ines", self.now)
            made = keys.make("agenda", [role], "metz", timedelta(days=1))
            digest = credentials.token_digest(made.shown)
            assert entry.program(session, digest, self.now) is not None
            keys.revoke(made.key_id)
            assert entry.program(session, digest, self.now) is None
            session.commit()

    @rule(name=patient_ids)
    def object_to_everything(self, name: str) -> None:
        with self._writing() as session:
            session.get_one(tables.Patient, name).opposed_at = self.now
            session.commit()

    @rule(commits=kept)
    def purge(self, commits: bool) -> None:
        with self._writing() as session:
            told = purge.simulate(session, self.now)
            assert purge.carry_out(session, VAULT, "job:purge", self.now) == told
            if not commits:
                return
            session.commit()
            for name in PATIENTS:
                if session.get_one(tables.Patient, name).anonymised_at is not None:
                    self.known[name] = ""

    @invariant()
    def no_line_of_the_journal_goes(self) -> None:
        with stores.session_factory(self.engine)() as session:
            head = session.get_one(tables.JournalHead, 1)
            assert head.number >= self.lines
            self.lines = head.number

    @invariant()
    def whoever_is_in_may_be_in(self) -> None:
        with stores.session_factory(self.engine)() as session:
            for login in LOGINS:
                tokens = [token for token, who in self.inside.items() if who == login]
                open_now = accounts.open_sessions(session, login, self.now)
                assert open_now <= len(tokens)
                seen = [self._seen(session, token) for token in tokens]
                assert set(seen) <= {login, None}

    def _seen(self, session: Session, token: str) -> str | None:
        account = entry.who(session, token, self.now)
        return account.id if account else None


def test_a_thousand_sequences_of_calls_keep_the_record_in_order(
    sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The digests of the passwords are not what is tried here, and take their time on purpose.
    weak = PasswordHasher(time_cost=1, memory_cost=64)
    monkeypatch.setattr(credentials, "_hasher", weak)
    Record.template = sqlite_template
    run_state_machine_as_test(
        Record,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
