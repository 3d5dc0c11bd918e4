"""The same values give the same rows, whichever of the three kinds of file carries them."""

from datetime import date

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.files import formats, social_security, writing
from tests.api.files import sheets

IDENTIFIERS = st.text(
    st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8
).filter(lambda text: text == text.strip() and social_security.mask(text) == text)
ANSWERS = st.none() | st.booleans()
# Twelve decimals are more than a workbook shows, and fewer digits than it loses.
DECIMALS = st.integers(0, 90 * 10**12).map(lambda value: value / 10**12)
COORDINATES = DECIMALS.filter(lambda degrees: degrees != 0)

PATIENTS = st.lists(
    st.fixed_dictionaries(
        {
            "patient_id": IDENTIFIERS,
            "household_id": st.none() | IDENTIFIERS,
            "birth_year": st.none() | st.integers(1890, 2026),
            "latitude": COORDINATES,
            "longitude": COORDINATES,
            "code_insee": st.sampled_from([None, "54395", "2A004"]),
            "ald": ANSWERS,
            "pregnant": ANSWERS,
            "handicap": ANSWERS,
            "ehpad": ANSWERS,
            "precarious": ANSWERS,
            "unattached_since": st.none() | st.dates(date(1890, 1, 1), date(2026, 1, 15)),
            "usual_doctor_rpps": st.sampled_from([None, sheets.RPPS, sheets.OTHER_RPPS]),
            "needs_wheelchair": ANSWERS,
            "needs_home_visit": ANSWERS,
            "languages": st.lists(st.sampled_from(["fr", "ar", "tr"]), unique=True),
            "max_minutes": st.none() | DECIMALS,
        }
    ),
    max_size=6,
    unique_by=lambda patient: patient["patient_id"],
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PATIENTS)
def test_patients_come_back_the_same_from_each_kind_of_file(tmp_path, patients):
    frame = pl.DataFrame(patients, schema={it.name: it.dtype for it in formats.PATIENTS.columns})
    comma = writing.csv_bytes(frame.columns, frame.iter_rows())
    semicolon = [[spelt(value) for value in row] for row in [frame.columns, *frame.rows()]]
    workbook = [frame.columns, *([shown(value) for value in row] for row in frame.rows())]
    (tmp_path / "comma.csv").write_bytes(comma)
    sheets.a_text(tmp_path, "semicolon.csv", "\n".join(";".join(row) for row in semicolon))
    sheets.a_workbook(tmp_path, "patients.xlsx", workbook)

    for name in ("comma.csv", "semicolon.csv", "patients.xlsx"):
        table = formats.read_patients(tmp_path / name)
        assert table.rejects == []
        assert table.frame.equals(frame)


def spelt(value):
    """A cell of a French spreadsheet: decimal comma, oui and non, always between quotes."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    text = " ".join(value) if isinstance(value, list) else str("" if value is None else value)
    return '"{}"'.format(text.replace('"', '""'))


def shown(value):
    """A cell of a workbook: numbers and dates keep their type, the rest is text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else value
