"""The pages as people meet them: in a browser, on a phone and on a desk."""

from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

ADDRESSES = [
    "/",
    "/medecins",
    "/carte",
    "/gardes",
    "/regulation",
    "/regulation?lieu=Metz",
    "/regulation?lieu=Nancy",
    "/regulation?lieu=Atlantide",
    "/regulation?lieu=57050",
    "/mentions",
]
WIDTHS_PX = [390, 1280]


@pytest.mark.parametrize("width", WIDTHS_PX)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_fits_is_accessible_and_asks_nobody_else(site, watched, address, width):
    seen = watched(width)

    seen.open(site + address)

    assert seen.overflow_px() == 0
    assert seen.violations() == []
    assert seen.complaints == []
    assert {urlsplit(asked).netloc for asked in seen.addresses} == {urlsplit(site).netloc}


@pytest.mark.parametrize("width", WIDTHS_PX)
@pytest.mark.parametrize("name", ["carte.html", "roster.html"])
def test_a_file_fits_is_accessible_and_reads_only_its_folder(files, watched, name, width):
    seen = watched(width)

    seen.open((files / name).as_uri())

    assert seen.overflow_px() == 0
    assert seen.violations() == []
    assert seen.complaints == []
    assert all(asked.startswith(files.as_uri()) for asked in seen.addresses)


def test_the_map_opened_from_a_disk_draws_a_circle_a_commune(files, watched, published):
    seen = watched()

    seen.open((files / "carte.html").as_uri())

    circles = seen.page.locator("#carte path.leaflet-interactive")
    assert circles.count() == len(published.figures.communes)
    assert seen.page.locator(".needs-script").is_hidden()


def test_the_map_of_the_site_draws_under_its_strict_policy(site, watched, published):
    seen = watched()

    seen.open(f"{site}/carte")

    circles = seen.page.locator("#carte path.leaflet-interactive")
    assert circles.count() == len(published.figures.communes)


def test_without_javascript_the_table_says_it_all(files, watched, published):
    seen = watched(javascript=False)

    seen.open((files / "carte.html").as_uri())

    rows = seen.page.locator("table tbody tr")
    assert rows.count() == len(published.figures.communes)
    assert seen.page.locator("#carte").is_hidden()
    assert seen.page.locator(".needs-script").is_visible()


def test_names_on_the_map_never_cover_each_other(files, watched):
    seen = watched()

    seen.open((files / "carte.html").as_uri())

    boxes = [
        name.bounding_box()
        for name in seen.page.locator(".commune-name").all()
        if name.is_visible()
    ]
    apart = [
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
        for index, one in enumerate(boxes)
        for other in boxes[:index]
    ]
    assert len(boxes) > 10
    assert all(apart)


def test_the_first_key_reaches_the_link_to_the_content(site, watched):
    seen = watched()
    seen.open(f"{site}/medecins")

    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.className") == "skip"
    seen.page.keyboard.press("Enter")

    assert seen.page.evaluate("document.activeElement.id") == "contenu"


def test_centre_15_searches_with_the_keyboard_alone(site, watched):
    seen = watched()
    seen.open(f"{site}/regulation")

    seen.page.keyboard.type("Metz")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".answers li")

    assert "prend fin à 13:00" in seen.page.locator(".answers li").first.inner_text()
    assert seen.page.evaluate("document.activeElement.id") == "lieu"


def test_every_element_that_takes_the_focus_shows_it(site, watched):
    seen = watched()
    seen.open(f"{site}/regulation?lieu=Metz")

    for _ in range(12):
        seen.page.keyboard.press("Tab")
        style = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", seen.page.evaluate("document.activeElement.outerHTML")


def test_a_printed_week_is_never_cut_in_two(files, watched):
    seen = watched()
    seen.open((files / "roster.html").as_uri())

    seen.page.emulate_media(media="print")

    breaks = seen.page.evaluate(
        "[...document.querySelectorAll('.week')].map(week => getComputedStyle(week).breakInside)"
    )
    assert set(breaks) == {"avoid"}
    assert seen.page.locator(".skip").is_hidden()
