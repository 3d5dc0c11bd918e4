from datetime import timedelta

import pyotp
import pytest

from api.services import credentials
from api.services.credentials import Fault
from tests.store.rows import NOON

PASSWORD = "dix-huit heures à Metz"  # noqa: S105 (opens nothing but these tests)
STEP = timedelta(seconds=credentials.STEP_SECONDS)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("a1b2c3d4e5f", Fault.TOO_SHORT),
        ("a1b2c3d4e5f6", None),
        ("abcdabcdabcd", Fault.TOO_SIMPLE),
        ("abcdeabcdeab", None),
        ("je suis Inès 57", None),
        ("je suis INES.L 57", Fault.HOLDS_THE_LOGIN),
        (PASSWORD, None),
    ],
)
def test_a_password_is_long_varied_and_not_the_login(password: str, fault: Fault | None) -> None:
    assert credentials.fault(password, "ines.l") is fault


def test_a_password_is_kept_as_a_salted_digest() -> None:
    kept = {credentials.digest(PASSWORD) for _ in range(2)}

    assert len(kept) == 2
    assert all(one.startswith("$argon2id$") and PASSWORD not in one for one in kept)
    assert all(credentials.matches(PASSWORD, one) for one in kept)
    assert not any(credentials.matches(PASSWORD + " ", one) for one in kept)
    assert not any(credentials.is_old(one) for one in kept)


@pytest.mark.parametrize("kept", [None, "", "nonsense"])
def test_where_no_password_is_kept_none_matches(kept: str | None) -> None:
    assert not credentials.matches(PASSWORD, kept)
    assert not credentials.matches("", kept)


def test_a_digest_on_weaker_parameters_is_told() -> None:
    weaker = credentials.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)

    assert credentials.matches(PASSWORD, weaker)
    assert credentials.is_old(weaker)


def test_tokens_are_long_all_different_and_kept_as_digests() -> None:
    tokens = {credentials.draw() for _ in range(100)}

    assert len(tokens) == len({credentials.token_digest(token) for token in tokens}) == 100
    assert all(len(token) >= 43 for token in tokens)


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_stands_for_its_half_minute_and_one_on_either_side(steps: int, taken: bool) -> None:
    shared = credentials.draw_shared()
    code = pyotp.TOTP(shared).at(NOON)

    assert (credentials.step_of(code, shared, NOON + steps * STEP, 0) is not None) is taken


def test_no_code_is_taken_twice_nor_one_before_it() -> None:
    shared = credentials.draw_shared()
    code, former = pyotp.TOTP(shared).at(NOON), pyotp.TOTP(shared).at(NOON - STEP)
    step = credentials.step_of(f" {code} ", shared, NOON, 0)
    assert step is not None

    assert credentials.step_of(code, shared, NOON, step) is None
    assert credentials.step_of(former, shared, NOON, step) is None
    assert credentials.step_of(pyotp.TOTP(shared).at(NOON + STEP), shared, NOON, step) == step + 1


@pytest.mark.parametrize("code", ["", "000", "é" * 6, "abcdef"])
def test_what_is_no_code_is_not_taken(code: str) -> None:
    assert credentials.step_of(code, credentials.draw_shared(), NOON, 0) is None


def test_the_telephone_is_told_the_name_and_the_service() -> None:
    address = credentials.shared_address("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ines.l")

    assert address.startswith(
        "otpauth://totp/Rel%C3%A8ve:ines.l?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    )
