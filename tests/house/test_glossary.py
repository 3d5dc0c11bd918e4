import ast
import re
from collections.abc import Iterator

from tests.house import sources

PAGE = sources.text_of(sources.ROOT / "docs" / "glossary.md")
SECTIONS = ("People", "The matching", "The duties", "Places and publication", "The record")


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _terms() -> list[str]:
    return [
        term
        for section in SECTIONS
        for _, code_name, *_ in sources.columns(PAGE, section)
        for term in _quoted(code_name)
    ]


def _names() -> Iterator[tuple[str, str]]:
    """Every name that the code gives to something, with its file."""
    for path in sources.python_files(*sources.PACKAGES, "tests"):
        for node in ast.walk(sources.tree_of(path)):
            for kind in ("id", "name", "attr", "arg"):
                name = getattr(node, kind, None)
                if isinstance(name, str):
                    yield name, sources.name_of(path)


def _holds(name: str, term: str) -> bool:
    in_words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return re.search(rf"(?<![a-z]){term}(?![a-z])", in_words) is not None


def test_every_term_has_one_name_one_meaning_and_a_source() -> None:
    rows = [row for section in SECTIONS for row in sources.columns(PAGE, section)]
    terms = _terms()

    assert len(terms) == len(rows) == len(set(terms))
    assert [row for row in rows if len(row) != 4 or not all(row)] == []


def test_every_name_of_the_glossary_occurs_in_the_code() -> None:
    code = " ".join(map(sources.text_of, sources.python_files(*sources.PACKAGES)))

    assert [term for term in _terms() if not _holds(code, term)] == []


def test_no_rejected_word_names_anything() -> None:
    rejected = [row[0].strip("`") for row in sources.columns(PAGE, "Words we do not use")]

    assert rejected
    assert [
        (name, file) for name, file in set(_names()) for term in rejected if _holds(name, term)
    ] == []
