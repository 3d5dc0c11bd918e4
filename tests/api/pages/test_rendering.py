import json
from datetime import date

import jinja2
import pytest

from api.files import geojson
from api.pages import rendering
from api.services import figures

NOTE = rendering.RunNote(date(2026, 11, 23), 7, "feasible", {"gap": 2})
TOTALS = figures.Totals(50, None, None, 1, 30)
POINT = geojson.CommunePoint("54395", "Nancy </script><b>", 48.69, 6.18, 50, None, None, 1, 30)


def the_map() -> str:
    return rendering.map_file(rendering.MapFile("Grand Nancy", NOTE, [POINT], TOTALS, demo=True))


def test_the_files_show_date_status_and_gap(files):
    assert "Situation au <strong>lundi 23\u00a0novembre 2026" in the_map()
    assert "sans preuve qu’il soit le meilleur (écart au plus 2)" in the_map()
    assert "optimal, prouvé" in (files / "roster.html").read_text(encoding="utf-8")


def test_a_name_cannot_close_the_script_that_holds_the_data():
    page = the_map()

    data = page.split('id="carte-donnees">')[1].split("</script>")[0]
    feature = json.loads(data)["features"][0]
    assert feature["properties"]["name"] == "Nancy </script><b>"
    assert "<b>" not in page


def test_the_roster_marks_what_is_still_to_fill_and_ends_with_fairness(files):
    page = (files / "roster.html").read_text(encoding="utf-8")

    assert page.index("Semaine du") < page.index("Répartition entre les médecins")
    assert "Part équitable" in page


def test_everything_a_file_asks_for_stands_beside_it(files):
    for name in ("releve.css", "print.css", "carte.js", "logo.svg", "leaflet/leaflet.js"):
        assert (files / "assets" / name).is_file()


def test_assets_can_be_written_again_over_the_former_ones(tmp_path):
    rendering.write_assets(tmp_path / "assets")
    rendering.write_assets(tmp_path / "assets")

    assert (tmp_path / "assets" / "leaflet" / "leaflet.css").is_file()


def test_the_same_content_gives_the_same_page():
    assert the_map() == the_map()


def test_a_template_that_lacks_something_is_an_error_and_not_a_blank():
    with pytest.raises(jinja2.UndefinedError):
        rendering.render("pages/error.html", demo=False, here="", status=404)


def test_no_template_lies_unused():
    folder = rendering.FOLDER / "templates"
    texts = [path.read_text(encoding="utf-8") for path in rendering.FOLDER.rglob("*.*ml")]
    texts += [path.read_text(encoding="utf-8") for path in rendering.FOLDER.glob("*.py")]

    for path in folder.rglob("*.html"):
        assert any(path.relative_to(folder).as_posix() in text for text in texts)
