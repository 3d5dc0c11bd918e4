import polars as pl
import pytest

from api.files import social_security

NUMBERS = [
    "1850578006084",
    "185057800608436",
    "1 85 05 78 006 084",
    "1 85 05 78 006 084 36",
    "1.85.05.78.006.084.36",
    "1-85-05-78-006-084",
    "1\u00a085\u00a005\u00a078\u00a0006\u00a0084",
    "285052A004084",
    "2 85 05 2b 004 084 11",
    "7850578006084",
    "8852078006084",
    "1859978006084",
    "1850578006084.0",
    "NIR:1850578006084, merci",
]

OTHERS = [
    "",
    "10001234565",
    "185057800608",
    "18505780060843",
    "1850578006084361",
    "5850578006084",
    "9850578006084",
    "1851378006084",
    "1850078006084",
    "185052C004084",
    "0387123456 / 0612345678",
    "2026-01-05T18:00:00+01:00",
    "1.12395528868385",
    "0,2850578006084",
    "2.2250738585072e-309",
    "1 rue aux Ours, 57000 Metz",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_what_looks_like_a_social_security_number_is_found_and_masked(number):
    masked = social_security.mask(number)

    assert social_security.MASKED in masked
    assert sum(letter.isdigit() for letter in masked) <= 1
    assert social_security.rows_holding(pl.Series(["x", None, number])) == [2]


@pytest.mark.parametrize("text", OTHERS)
def test_what_does_not_look_like_one_is_left_alone(text):
    assert social_security.mask(text) == text
    assert social_security.rows_holding(pl.Series([text, None], dtype=pl.String)) == []


def test_every_number_of_a_text_is_masked():
    text = "1850578006084 et 2850578006084"

    assert social_security.mask(text) == "[NIR masqué] et [NIR masqué]"
