from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

DESK = ("desk", "qN7vR2xLk9TzW4bYp8HsDf3GmJ6cXt5B")
ADDRESSES = ["/", "/medecins", "/carte", "/gardes", "/regulation", "/mentions"]
BROWSER = {"accept": "text/html"}

Visit = Callable[..., str]


def get(address: str, **options) -> httpx.Response:
    return httpx.get(address, headers=BROWSER, trust_env=False, **options)


@pytest.fixture
def visit(site: str) -> Visit:
    def read(address: str, **fields: str) -> str:
        answer = get(site + address, params=fields)
        assert answer.status_code == 200
        return " ".join(answer.text.split())

    return read


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_has_one_title_and_says_that_people_are_invented(visit, address):
    page = visit(address)

    assert page.count("<h1>") == 1
    assert '<html lang="fr">' in page
    assert "Démonstration : territoire réel, personnes inventées." in page


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_says_something_of_a_store_with_nothing_in_it(
    empty_store_url, open_site, address
):
    answer = get(open_site(empty_store_url) + address)

    assert answer.status_code == 200
    assert "None" not in answer.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_holds_a_style_or_a_script_of_its_own(visit, address):
    page = visit(address)

    assert " style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert " onclick" not in page


def test_the_home_page_names_who_is_on_duty(visit):
    page = visit("/")

    assert "Ouvert jusqu’à 13:00" in page
    assert "Dr " in page


def test_the_home_page_gives_the_next_opening_when_nothing_is_open(store_url, open_site):
    sunday = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)

    page = get(open_site(store_url, now=sunday) + "/").text

    assert "Prochaine ouverture" in page
    assert "Lundi 30" in page


def test_doctors_can_be_kept_to_one_commune(visit):
    everybody, in_nancy = visit("/medecins"), visit("/medecins", commune="54395")

    assert in_nancy.count('<th scope="row">') < everybody.count('<th scope="row">')
    assert 'value="54395" selected' in in_nancy


def test_a_commune_without_doctor_says_so_and_offers_the_others(visit):
    page = visit("/medecins", commune="99999")

    assert "dans cette commune" in page
    assert 'href="/medecins">Voir toutes les communes' in page


def test_a_withheld_figure_is_said_withheld_in_the_table_of_the_map(visit, published):
    assert any(commune.patients is None for commune in published.figures.communes)
    assert "masqué</span>" in visit("/carte")


def test_the_roster_leads_from_week_to_week_and_stops_at_its_ends(visit):
    first, last = visit("/gardes"), visit("/gardes", semaine="2026-12-02")

    assert 'href="/gardes?semaine=2026-11-30"' in first
    assert "Première semaine publiée" in first
    assert "Dernière semaine publiée" in last


@pytest.mark.parametrize("day", ["hier", "0001-01-01", "9999-12-31", "2031-05-05"])
def test_a_week_that_is_not_published_leads_to_one_that_is(visit, day):
    assert "Semaine du lundi" in visit("/gardes", semaine=day)


def test_the_desk_finds_who_is_on_duty_nearest_first(visit):
    page = visit("/regulation", lieu="Metz")

    assert "prend fin à 13:00" in page
    assert page.index("de garde Metz-Centre") < page.index("Centre de santé de Marly")
    assert "Dans un rayon de <strong>10 km</strong>" in page


@pytest.mark.parametrize("place", ["57463", "57000", "metz", "49.119, 6.176", "49,119 ; 6,176"])
def test_a_place_can_be_a_code_a_name_or_coordinates(visit, place):
    assert "prend fin à 13:00" in visit("/regulation", lieu=place)


def test_the_radius_is_shown_and_the_link_to_enlarge_reaches_somebody(visit):
    page = visit("/regulation", lieu="Nancy")
    enlarged = visit("/regulation", lieu="Nancy", rayon="45")

    assert "Aucun médecin de garde à moins de 10 km" in page
    assert "rayon=45" in page
    assert "prend fin à 13:00" in enlarged


def test_a_search_outside_the_roster_says_that_nothing_is_known(visit):
    page = visit("/regulation", lieu="Metz", moment="2028-01-01T10:00")

    assert "Aucun tableau de garde n’est publié pour cette période." in page
    assert "Élargir" not in page


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("lieu", "Atlantide", "Aucune commune connue ne s’appelle « Atlantide »."),
        ("lieu", "91, 6", "Ces coordonnées ne sont pas sur la Terre."),
        ("rayon", "loin", "Le rayon est un nombre de kilomètres."),
        ("rayon", "0", "Le rayon va jusqu’à 500 km."),
        ("rayon", "nan", "Le rayon va jusqu’à 500 km."),
        ("moment", "demain", "Le moment n’est pas une date et une heure lisibles."),
        ("moment", "2027-03-28T02:30", "Cette heure n’existe pas"),
    ],
)
def test_a_field_that_cannot_be_read_is_marked_and_explained(visit, field, text, sentence):
    page = visit("/regulation", **{"lieu": "Metz", field: text})

    assert sentence in page
    assert page.count('aria-invalid="true"') == 1


def test_a_postal_code_that_several_communes_share_offers_them(visit):
    page = visit("/regulation", lieu="57050")

    assert "Plusieurs communes correspondent" in page


def test_what_is_typed_cannot_become_part_of_the_page(visit):
    assert "<b>x" not in visit("/regulation", lieu="<b>x</b>")


def test_the_search_is_closed_to_the_public_outside_the_demonstration(store_url, open_site):
    address = open_site(store_url, token=DESK[1]) + "/regulation"

    refused, admitted = get(address), get(address, params={"lieu": "Metz"}, auth=DESK)

    assert refused.status_code == 401
    assert "<h1>" in refused.text
    assert "Dr " in admitted.text


def test_the_public_roster_has_hours_and_no_names_outside_the_demonstration(store_url, open_site):
    site = open_site(store_url, token=DESK[1])

    pages = get(f"{site}/gardes").text + get(f"{site}/").text

    assert "Médecin présent" in pages
    assert "Dr " not in pages
    assert "Démonstration" not in pages


def test_an_unknown_address_is_a_page_in_french(site):
    answer = get(f"{site}/rien")

    assert answer.status_code == 404
    assert "Rien ne se trouve à cette adresse." in answer.text
