import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.vault import Unreadable, Vault

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
PLACE = "patient.family_name:1"


@given(st.text(), st.text())
def test_what_was_sealed_for_a_place_is_opened_there(text: str, place: str) -> None:
    vault = Vault([KEY])

    assert vault.open(vault.seal(text, place), place) == text


def test_the_same_text_is_never_sealed_the_same_way_and_does_not_show() -> None:
    vault = Vault([KEY])
    sealed = {vault.seal("Lambert", PLACE) for _ in range(20)}

    assert len(sealed) == 20
    assert not any(b"Lambert" in one for one in sealed)


@pytest.mark.parametrize("byte", [0, 11, 12, -1])
def test_a_sealed_text_with_one_byte_changed_is_not_opened(byte: int) -> None:
    vault = Vault([KEY])
    sealed = bytearray(vault.seal("Lambert", PLACE))
    sealed[byte] ^= 1

    with pytest.raises(Unreadable):
        vault.open(bytes(sealed), PLACE)


@pytest.mark.parametrize(("ring", "place"), [([KEY], "patient.family_name:2"), ([OTHER], PLACE)])
def test_it_is_not_opened_at_another_place_or_with_another_key(
    ring: list[bytes], place: str
) -> None:
    sealed = Vault([KEY]).seal("Lambert", PLACE)

    with pytest.raises(Unreadable):
        Vault(ring).open(sealed, place)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12)])
def test_bytes_too_short_to_be_sealed_are_not_opened(sealed: bytes) -> None:
    with pytest.raises(Unreadable):
        Vault([KEY]).open(sealed, PLACE)


def test_after_a_new_key_the_former_one_opens_and_checks_but_seals_no_more() -> None:
    before, after = Vault([KEY]), Vault([OTHER, KEY])
    sealed, mark = before.seal("Lambert", PLACE), before.mark(b"line", "journal")

    assert after.open(sealed, PLACE) == "Lambert"
    assert after.is_marked(b"line", "journal", mark)
    assert not after.is_current(sealed, PLACE)
    assert after.mark(b"line", "journal") != mark
    with pytest.raises(Unreadable):
        before.open(after.seal("Lambert", PLACE), PLACE)


def test_a_mark_is_of_its_data_its_purpose_and_its_key_alone() -> None:
    vault = Vault([KEY])
    mark = vault.mark(b"line", "journal")

    assert vault.mark(b"line", "journal") == mark
    assert vault.is_marked(b"line", "journal", mark)
    assert not vault.is_marked(b"lines", "journal", mark)
    assert not vault.is_marked(b"line", "link", mark)
    assert not Vault([OTHER]).is_marked(b"line", "journal", mark)


@pytest.mark.parametrize("ring", [[], [b"short"], [KEY, b""]])
def test_a_ring_without_keys_or_with_a_short_one_is_refused(ring: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(ring)
