import json

from api.files import geojson


def a_point(code: str = "54395", patients: int | None = 120) -> geojson.CommunePoint:
    return geojson.CommunePoint(code, "Nancy", 48.6880012, 6.17, patients, 80, 40, 6, 300)


def test_a_commune_is_a_point_with_longitude_first():
    feature = json.loads(geojson.communes([a_point()]))["features"][0]

    assert feature["geometry"] == {"type": "Point", "coordinates": [6.17, 48.688]}
    assert feature["properties"]["patients"] == 120


def test_a_withheld_figure_is_null_and_not_zero():
    text = geojson.communes([a_point(patients=None)])

    assert '"patients":null' in text


def test_the_order_of_the_communes_does_not_change_the_bytes():
    points = [a_point("54547"), a_point("54395")]

    assert geojson.communes(points) == geojson.communes(points[::-1])


def test_accents_stay_letters_in_the_file():
    point = geojson.CommunePoint("54304", "Ludres-lès-Été", 48.6, 6.1, 1, 0, 1, 0, 0)

    assert "Ludres-lès-Été" in geojson.communes([point])


def test_no_commune_is_an_empty_collection():
    assert json.loads(geojson.communes([])) == {"type": "FeatureCollection", "features": []}
