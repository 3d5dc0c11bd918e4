import pytest
from sqlmodel import Session

from api.services import gazetteer, record
from fixtures import communes


@pytest.fixture
def towns(session: Session) -> Session:
    record.record_territory(session, communes.load())
    return session


def found(session: Session, text: str) -> list[str]:
    return [commune.name for commune in gazetteer.find(session, text)]


@pytest.mark.parametrize(
    "text", ["Vandœuvre-lès-Nancy", "vandoeuvre les nancy", "VANDOEUVRE", "54547", "œuvre"]
)
def test_a_commune_is_found_however_it_is_typed(towns, text):
    assert found(towns, text) == ["Vandœuvre-lès-Nancy"]


def test_the_short_form_of_saint_is_understood(towns):
    assert found(towns, "st-max") == ["Saint-Max"]


def test_a_whole_name_wins_over_the_names_that_contain_it(towns):
    assert found(towns, "nancy") == ["Nancy"]
    assert found(towns, "Metz") == ["Metz"]


def test_a_postal_code_may_belong_to_several_communes(towns):
    assert len(found(towns, "57050")) > 1


def test_a_part_of_a_name_offers_at_most_a_dozen(towns):
    assert len(found(towns, "i")) == gazetteer.MOST


@pytest.mark.parametrize("text", ["", "  ", "?!", "Atlantide", "99999"])
def test_what_is_no_commune_finds_nothing(towns, text):
    assert found(towns, text) == []


def test_all_names_are_offered_for_typing(towns):
    assert "Nancy" in gazetteer.names(towns)
    assert len(gazetteer.names(towns)) == len(communes.load())
