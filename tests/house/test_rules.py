import tomllib
from datetime import date

import pytest

import matcher.rules
import scheduler.rules
from api.files import errors as file_errors
from api.http import errors as answers
from api.services import errors
from store import parameters
from tests.house import sources

FILES = sorted(parameters.FOLDER.glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_row_of_a_parameter_says_since_when_where_and_who_says_so(file: object) -> None:
    rows = tomllib.loads(sources.text_of(file))["row"]

    assert rows
    for row in rows:
        assert row.keys() == {"value", "from", "territory", "source"}
        assert isinstance(row["from"], date)
        assert row["territory"]
        assert len(row["source"].split()) > 2


def test_every_parameter_is_read_somewhere() -> None:
    code = "".join(map(sources.text_of, sources.python_files("api", "fixtures")))

    assert [file.stem for file in FILES if f'"{file.stem}"' not in code] == []


@pytest.mark.parametrize("rules", [matcher.rules.RULES, scheduler.rules.RULES])
def test_every_hard_rule_has_a_name_of_its_own_and_a_source(rules: tuple[object, ...]) -> None:
    assert len({rule.name for rule in rules}) == len(rules)
    assert [rule.name for rule in rules if not rule.source.strip()] == []


def test_every_refusal_of_a_service_has_a_status_and_a_french_sentence() -> None:
    assert set(errors.ServiceError.__subclasses__()) <= set(answers.ANSWERS)
    assert all(title and detail.endswith(".") for title, detail in answers.SAID.values())


def test_every_refusal_of_the_file_layer_is_one_of_the_two_that_the_command_line_knows() -> None:
    assert set(file_errors.FilesError.__subclasses__()) == {
        file_errors.FileRefused,
        file_errors.OutputRefused,
    }


def test_every_template_and_every_asset_is_used() -> None:
    pages = sources.ROOT / "api" / "pages"
    parts = [path for path in pages.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    said = {path: sources.text_of(path) for path in [*parts, *sources.python_files("api")]}

    assert [
        sources.name_of(part)
        for part in parts
        if not any(part.name in text for path, text in said.items() if path != part)
    ] == []
