from xml.etree import ElementTree

from api.files import picture

LOADS = [picture.Load("Anne <Un>", 12, 10.5), picture.Load("10001234565", 0, 3.0)]
WEEKS = [picture.Week("S52", 0), picture.Week("S53", 2), picture.Week("S1", 1)]
SVG = "{http://www.w3.org/2000/svg}"


def _drawn(loads: list[picture.Load], weeks: list[picture.Week]) -> ElementTree.Element:
    return ElementTree.fromstring(picture.roster(loads, weeks))  # noqa: S314 - our own bytes


def _bars(drawn: ElementTree.Element) -> list[tuple[float, float]]:
    boxes = [it for it in drawn.iter(f"{SVG}rect") if it.get("x")]
    return [(float(it.attrib["width"]), float(it.attrib["height"])) for it in boxes]


def test_each_doctor_is_named_with_points_and_target_and_each_week_with_its_holes() -> None:
    said = [it.text for it in _drawn(LOADS, WEEKS).iter(f"{SVG}text")]

    assert {"Anne <Un>", "12 (cible 10,5)", "10001234565", "0 (cible 3,0)"} <= set(said)
    assert said[-5:] == ["S52", "2", "S53", "1", "S1"]


def test_bars_are_as_long_as_the_points_and_columns_as_tall_as_the_holes() -> None:
    (full, _), (none, _), (_, two), (_, one) = _bars(_drawn(LOADS, WEEKS))

    assert none == 0 < full
    assert two == 2 * one


def test_the_mark_of_the_target_stands_on_the_scale_of_the_bars() -> None:
    drawn = _drawn([picture.Load("A", 4, 8.0), picture.Load("B", 8, 2.0)], [])
    marks = [it for it in drawn.iter(f"{SVG}line") if it.get("stroke-width") == "2.5"]
    (half, _), (whole, _) = _bars(drawn)
    left = float(marks[1].attrib["x1"]) - whole / 4

    assert float(marks[0].attrib["x1"]) == left + whole
    assert half == whole / 2


def test_a_screen_reader_is_told_what_the_picture_shows() -> None:
    drawn = _drawn(LOADS, WEEKS)

    assert drawn.get("role") == "img"
    assert drawn.findtext(f"{SVG}title") == "Tableau de garde"
    desc = "Médecins : 2 ; points : 12 ; semaines : 3 ; sièges vides : 3."
    assert drawn.findtext(f"{SVG}desc") == desc


def test_a_full_roster_says_so_and_an_empty_one_is_still_a_picture() -> None:
    for loads, weeks in ((LOADS, [picture.Week("S1", 0)]), ([], [])):
        drawn = _drawn(loads, weeks)
        assert "Aucun : tous les sièges sont pourvus." in "".join(drawn.itertext())


def test_a_year_of_weeks_keeps_its_labels_apart() -> None:
    weeks = [picture.Week(f"S{it}", it % 2) for it in range(1, 54)]
    said = [it.text for it in _drawn([], weeks).iter(f"{SVG}text")]

    assert len([it for it in said if it and it.startswith("S") and it[1:].isdigit()]) == 27


def test_the_same_figures_give_the_same_bytes() -> None:
    assert picture.roster(LOADS, WEEKS) == picture.roster(LOADS, WEEKS)
