"""PRV-01: what nobody may know has no place to stand in: no column, no field of the interface."""

import re

import pytest
from pydantic import BaseModel

from api.files import formats
from api.http import schemas
from store import tables

HEALTH = re.compile(
    r"diagnos|patholog|disease|illness|treatment|medication|symptom|motive|reason_for|icd|cim10"
)
"""Words of columns that would say what somebody suffers from, or why somebody calls."""

NUMBERS = re.compile(r"^(nir|ins|nia|social_security.*|insurance_number)$")
"""Names of columns that would hold a number of the health insurance."""

WHERE = re.compile(r"latitude|longitude|street|address")
"""Words of columns that would say where somebody lives, to the house."""

OF_PEOPLE = ("patient", "household", "request", "request_event", "consent", "booking", "hold")


def columns() -> list[tuple[str, str]]:
    return [
        (table.name, column.name)
        for table in tables.Row.metadata.sorted_tables
        for column in table.columns
    ]


@pytest.mark.parametrize("words", [HEALTH, NUMBERS])
def test_no_column_holds_a_diagnosis_or_a_number_of_the_insurance(words: re.Pattern[str]) -> None:
    assert [column for column in columns() if words.search(column[1])] == []


def test_no_column_says_where_a_patient_lives_to_the_house() -> None:
    assert [
        (table, name) for table, name in columns() if table in OF_PEOPLE and WHERE.search(name)
    ] == []


def test_no_field_of_the_interface_and_no_column_of_a_file_speaks_of_health() -> None:
    fields = [
        name
        for schema in vars(schemas).values()
        if isinstance(schema, type) and issubclass(schema, BaseModel)
        for name in schema.model_fields
    ]
    asked = [column.name for column in formats.PATIENTS.columns]

    assert len(fields) > 20
    assert [name for name in fields + asked if HEALTH.search(name) or NUMBERS.search(name)] == []


def test_whatever_identifies_a_patient_is_sealed() -> None:
    patient = tables.Row.metadata.tables["patient"].columns
    identifying = re.compile(r"name|birth_date|phone|email|contact")

    assert {
        column.name
        for column in patient
        if identifying.search(column.name) and column.type.python_type is not bytes
    } == set()
