import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from api.directories import ban, cells, errors
from tests.api.directories.conftest import Open
from tests.api.directories.server import Local, Reply, Request, said

KNOWN = {
    "12 rue de la Chapelle": ("12 Rue de la Chapelle 57000 Metz", 6.1757, 49.1193, "57463"),
    "rue Saint-Dizier, Nancy": ("Rue Saint-Dizier 54000 Nancy", 6.1834, 48.6899, "54395"),
}


def feature(label: str, longitude: float, latitude: float, code_insee: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": {
            "label": label,
            "score": 0.93,
            "id": f"{code_insee}_1234_00012",
            "type": "housenumber",
            "name": label,
            "postcode": "57000",
            "citycode": code_insee,
            "city": "Metz",
            "context": "57, Moselle, Grand Est",
            "importance": 0.6,
        },
    }


def base(request: Request) -> Reply:
    """The national address base, as far as we ask it; it knows two streets."""
    if request.path == "/search/csv":
        return located(request)
    if request.path != "/search" or len(request.query["q"]) < 3:
        return said({"code": 400, "message": "q must contain between 3 and 200 chars"}, 400)
    found = [feature(*it) for text, it in KNOWN.items() if text == request.query["q"]]
    within = request.query.get("citycode")
    found = [it for it in found if within in (None, it["properties"]["citycode"])]
    return said({"type": "FeatureCollection", "version": "draft", "features": found})


def located(request: Request) -> Reply:
    parts = request.parts()
    (sent,), (text,), (commune,) = parts["data"], parts["columns"], parts["citycode"]
    rows = list(csv.DictReader(io.StringIO(sent, newline="")))
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, [*rows[0], *parts["result_columns"]], restval="")
    writer.writeheader()
    for row in rows:
        label, longitude, latitude, code = KNOWN.get(row[text], ("", "", "", ""))
        if code and row[commune] in ("", code):
            row |= {"latitude": str(latitude), "longitude": str(longitude), "result_label": label}
            row |= {"result_score": "0.8", "result_type": "street", "result_citycode": code}
        writer.writerow(row)
    return Reply(body=written.getvalue().encode(), headers={"Content-Type": "text/csv"})


@pytest.fixture
def asked(server: Local, opened: Open) -> ban.Ban:
    server.answers = base
    return ban.Ban(opened())


def test_an_address_has_a_place_and_a_cell(asked: ban.Ban, server: Local) -> None:
    (place,) = asked.locate("  12 rue de  la\nChapelle ", code_insee="57463", most=3)

    assert place == ban.Place(
        "12 Rue de la Chapelle 57000 Metz", 0.93, 49.1193, 6.1757, "57463", "housenumber"
    )
    assert place.cell == cells.cell_of(49.1193, 6.1757)
    assert server.requests[0].query == {
        "q": "12 rue de la Chapelle",
        "limit": "3",
        "citycode": "57463",
    }


def test_a_place_printed_does_not_say_where_it_is(asked: ban.Ban) -> None:
    (place,) = asked.locate("12 rue de la Chapelle")

    assert "Chapelle" not in repr(place)
    assert "49.1" not in repr(place)
    assert "Chapelle" not in repr(ban.Address("p", "12 rue de la Chapelle"))


def test_what_the_base_does_not_know_has_no_place(asked: ban.Ban) -> None:
    assert asked.locate("99 rue de nulle part") == []
    assert asked.locate("12 rue de la Chapelle", code_insee="54395") == []


@pytest.mark.parametrize("text", ["", "  ", "12", "— ?", "\0\0\0\0"])
def test_a_text_too_short_to_mean_anything_is_not_sent(
    asked: ban.Ban, server: Local, text: str
) -> None:
    assert asked.locate(text) == []
    assert server.requests == []


def test_a_long_text_is_cut_to_what_the_base_takes(asked: ban.Ban, server: Local) -> None:
    asked.locate("(" + "rue " * 100)

    assert server.requests[0].query["q"] == ("rue " * 50).strip()


@pytest.mark.parametrize("code", ["57", "5746a", "57463/..", "٥٧٤٦٣"])
def test_what_is_no_code_of_a_commune_is_not_sent(asked: ban.Ban, server: Local, code: str) -> None:
    with pytest.raises(ValueError, match="a commune"):
        asked.locate("12 rue de la Chapelle", code_insee=code)

    assert server.requests == []


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("properties", {}),
        ("geometry", {"coordinates": [6.1]}),
        ("geometry", {"coordinates": [6.1, 149.0]}),
        ("geometry", {"coordinates": ["east", "north"]}),
        ("geometry", {"coordinates": [True, False]}),
        ("geometry", None),
    ],
)
def test_a_place_that_is_none_is_unreadable(
    asked: ban.Ban, server: Local, where: str, value: object
) -> None:
    broken = feature("x", 6.1, 49.1, "57463") | {where: value}
    server.replies(said({"features": [broken]}))

    with pytest.raises(errors.Unreadable):
        asked.locate("12 rue de la Chapelle")


def many(rows: int) -> Iterator[ban.Address]:
    """Every third is known, every third is not, every third is nothing."""
    texts = ("12 rue de la Chapelle", 'inconnue, "bis"; là', " ")
    for number in range(rows):
        yield ban.Address(f"patient {number}", texts[number % 3])


def test_many_addresses_go_in_batches_and_come_back_in_order(
    asked: ban.Ban, server: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ban, "BATCH_ROWS", 6)

    found = list(asked.locate_many(many(15)))

    assert [key for key, _ in found] == [f"patient {number}" for number in range(15)]
    assert [place is not None for _, place in found] == [it % 3 == 0 for it in range(15)]
    assert {place for _, place in found if place} == {
        ban.Place("12 Rue de la Chapelle 57000 Metz", 0.8, 49.1193, 6.1757, "57463", "street")
    }
    assert [len(it.parts()["data"][0].splitlines()) for it in server.requests] == [5, 5, 3]


def test_the_base_is_not_told_whose_an_address_is(asked: ban.Ban, server: Local) -> None:
    list(asked.locate_many(many(6)))

    assert b"patient" not in server.requests[0].body


def test_batches_are_sent_when_they_are_wanted(
    asked: ban.Ban, server: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ban, "BATCH_ROWS", 3)
    found = asked.locate_many(many(9_000))

    assert next(found)[0] == "patient 0"
    assert len(server.requests) == 1


def test_rows_are_looked_for_in_their_commune(asked: ban.Ban) -> None:
    text = "rue Saint-Dizier, Nancy"
    rows = [ban.Address("a", text, "54395"), ban.Address("b", text, "57463")]

    assert [place is not None for _, place in asked.locate_many(rows)] == [True, False]


def test_nothing_is_sent_where_no_row_can_be(asked: ban.Ban, server: Local) -> None:
    assert list(asked.locate_many([ban.Address("a", "?")])) == [("a", None)]
    assert list(asked.locate_many([])) == []
    assert server.requests == []


HEADER = "row,address,commune," + ",".join(ban.RESULT_COLUMNS)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [HEADER],
        [HEADER, "1,x,,,,,,,"],
        [HEADER, "0,x,,,,,,,", "0,x,,,,,,,"],
        [HEADER, "0,x,,49.1,here,l,0.5,street,57463"],
        [HEADER, "0,x,,49.1,6.1,,0.5,street,57463"],
        [HEADER, '0,"x,,49.1,6.1'],
        ["row,address", "0,x"],
    ],
    ids=["nothing", "none", "other", "twice", "nowhere", "nameless", "cut", "columns"],
)
def test_a_file_that_is_not_ours_comes_back_unreadable(
    asked: ban.Ban, server: Local, lines: list[str]
) -> None:
    server.replies(Reply(body="\n".join(lines).encode()))

    with pytest.raises(errors.Unreadable):
        list(asked.locate_many([ban.Address("a", "12 rue de la Chapelle")]))


def test_a_batch_is_sent_again_when_the_base_is_busy(asked: ban.Ban, server: Local) -> None:
    busy = [Reply(503), Reply(429, headers={"Retry-After": "1"})]
    server.answers = lambda request: busy.pop() if busy else base(request)

    assert len(list(asked.locate_many(many(3)))) == 3
    assert len({it.body for it in server.requests}) >= 1
    assert len(server.requests) == 3
