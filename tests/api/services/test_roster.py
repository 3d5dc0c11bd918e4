import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from api.files import outcome
from api.services import roster

PARIS = ZoneInfo("Europe/Paris")
OPTIONS = roster.RosterOptions(seed=1)


def slots(*days: int, needed: int = 1) -> pl.DataFrame:
    starts = [datetime(2027, 2, day, 18, tzinfo=PARIS) for day in days]
    return pl.DataFrame(
        {
            "slot_id": [f"s{day:02}" for day in days],
            "site_id": ["metz" for _ in days],
            "start": starts,
            "end": [start.replace(hour=20) for start in starts],
            "doctors_needed": [needed for _ in days],
            "hardness": [1 + day % 3 for day in days],
            "points": [2 for _ in days],
        },
        schema_overrides={
            "slot_id": pl.String,
            "start": pl.Datetime("us", "UTC"),
            "end": pl.Datetime("us", "UTC"),
        },
    )


def doctors(*rpps: str, **caps: int) -> pl.DataFrame:
    columns = {"max_per_week": None, "max_per_month": None, "max_per_period": None} | caps
    return pl.DataFrame(
        {
            "rpps": rpps,
            "participation": [1.0 for _ in rpps],
            "history_points": [None for _ in rpps],
            **{name: [value for _ in rpps] for name, value in columns.items()},
        },
        schema_overrides={"rpps": pl.String}
        | dict.fromkeys([*columns, "history_points"], pl.Int32),
    )


def availability(*rows: tuple[str, str, int | None]) -> pl.DataFrame:
    schema = {"rpps": pl.String, "slot_id": pl.String, "wish": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_roster_goes_from_tables_to_tables() -> None:
    offers = availability(("a", "s01", None), ("b", "s03", 2), ("a", "s03", 1), ("b", "s01", -1))

    done = roster.run(slots(3, 1), doctors("b", "a"), offers, None, OPTIONS)

    assert done.roster.rows() == [("s01", "a", 2), ("s03", "b", 2)]
    assert done.holes.height == 0
    assert done.fairness.rows() == [("a", 1, 2, 0, 2.0), ("b", 1, 2, 0, 2.0)]
    assert done.faults == []


FLOW = {"compile", "flow"}
"""The phase of the flow; the first time ever, it is compiled in it."""


def test_the_summary_tells_levels_bounds_and_what_it_takes_to_run_again() -> None:
    ticks = iter(range(100))
    done = roster.run(
        slots(1),
        doctors("a"),
        availability(("a", "s01", 2)),
        None,
        OPTIONS,
        clock=lambda: float(next(ticks)),
    )

    summary = json.loads(json.dumps(done.summary))

    assert summary["status"] == "optimal"
    assert (summary["seats"], summary["filled"]) == (1, {"1": 0, "2": 1, "3": 0})
    assert (summary["fairness"], summary["wishes"]) == (4000, 2)
    assert set(summary["gap"].values()) == {0}
    assert summary["bound"]["fairness"] == 4000
    assert summary["seed"] == 1
    assert set(summary["versions"]) == {"releve", "ortools"}
    assert "changes" not in summary
    begun, solved, ended = summary["seconds"]
    assert (begun, ended) == ("prepare", "explain")
    assert solved in FLOW
    assert set(summary["proved_by"].values()) == {"flow"}


def test_holes_are_told_in_compact_words() -> None:
    offers = availability(*[("a", f"s{day:02}", 0) for day in (3, 4, 6)], ("b", "s04", 0))
    capped = doctors("a", "b").with_columns(
        max_per_week=pl.Series([1, None], dtype=pl.Int32),
        max_per_period=pl.Series([None, 0], dtype=pl.Int32),
    )

    done = roster.run(slots(3, 4, 6, 20), capped, offers, None, OPTIONS)

    assert done.roster.rows() == [("s03", "a", 2)]
    assert done.holes.rows() == [
        (
            "s04",
            1,
            "everybody_blocked a:max_per_week+rest b:max_per_period",
            "b max_per_period 0->1",
        ),
        ("s06", 1, "everybody_blocked a:max_per_week", "a max_per_week 1->2"),
        ("s20", 1, "nobody_available", "a ask"),
    ]


def test_a_hole_nothing_simple_fills_has_an_empty_relaxation() -> None:
    offers = availability(("a", "s03", 0), ("a", "s04", 0))
    told: list[str] = []

    done = roster.run(
        slots(3, 4),
        doctors("a", max_per_week=1),
        offers,
        progress=lambda phase, _share: told.append(phase),
    )

    assert done.holes.rows() == [("s04", 1, "everybody_blocked a:max_per_week+rest", "")]
    assert told[0] in FLOW
    assert told[-1] == "explain"


def test_an_unproven_run_is_told_as_feasible_with_its_gap() -> None:
    days = range(1, 20)
    offers = availability(*[(rpps, f"s{day:02}", day % 3) for day in days for rpps in "abc"])
    hurried = roster.RosterOptions(limit_seconds=1e-9)

    done = roster.run(slots(*days), doctors("a", "b", "c"), offers, None, hurried)

    assert done.summary["status"] == "feasible"
    assert max(done.summary["gap"].values()) > 0


def test_availability_of_strangers_is_a_fault_with_its_row() -> None:
    offers = availability(("a", "s01", 0), ("x", "s01", 0), ("a", "s99", 0), ("x", "s99", 0))

    faults = roster.cross_check(slots(1), doctors("a"), offers)

    assert faults == [
        outcome.Fault(1, "rpps", "x", "n'est pas dans le fichier des médecins"),
        outcome.Fault(3, "rpps", "x", "n'est pas dans le fichier des médecins"),
        outcome.Fault(2, "slot_id", "s99", "n'est pas dans le fichier des créneaux"),
        outcome.Fault(3, "slot_id", "s99", "n'est pas dans le fichier des créneaux"),
    ]
    done = roster.run(slots(1), doctors("a"), offers, None, OPTIONS)
    assert done.faults == faults
    assert done.roster.rows() == [("s01", "a", 2)]


def test_a_published_row_of_a_stranger_counts_as_a_dropped_duty() -> None:
    published = pl.DataFrame({"slot_id": ["s01", "s99", "s01"], "rpps": ["a", "a", "x"]})

    done = roster.run(
        slots(1), doctors("a", "b"), availability(("a", "s01", 0), ("b", "s01", 2)), published
    )

    assert done.roster.rows() == [("s01", "a", 2)]
    assert done.summary["changes"] == 2


def test_the_order_of_the_rows_changes_nothing() -> None:
    every = slots(*range(1, 20), needed=2)
    people = doctors(*"abcdef", max_per_week=2)
    offers = availability(
        *[(rpps, f"s{day:02}", day % 3) for rpps in "abcdef" for day in range(1, 20)]
    )
    other = [frame.sample(fraction=1.0, shuffle=True, seed=5) for frame in (every, people, offers)]

    runs = [roster.run(*frames, None, OPTIONS) for frames in ([every, people, offers], other)]

    for table in ("roster", "holes", "fairness"):
        first, second = (getattr(run, table).write_csv() for run in runs)
        assert first == second


def test_empty_tables_make_an_empty_roster() -> None:
    done = roster.run(slots(), doctors(), availability(), None, OPTIONS)

    assert (done.roster.height, done.holes.height, done.fairness.height) == (0, 0, 0)
    assert done.summary["status"] == "optimal"


AWAY = {"locum": "j", "first_day": date(2027, 2, 1), "last_day": date(2027, 2, 10)}


def published(*rows: tuple[str, str, bool | None]) -> pl.DataFrame:
    schema = {"slot_id": pl.String, "rpps": pl.String, "pinned": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_ros_11_the_duties_of_a_replaced_doctor_are_told_as_transfers_to_the_locum() -> None:
    people = doctors("i", "j").with_columns(replaced=pl.Series([[AWAY], None]))
    offers = availability(("i", "s03", 2), ("i", "s20", 0))

    done = roster.run(slots(3, 20), people, offers, published(("s03", "i", None)), OPTIONS)

    assert done.roster.rows() == [("s20", "i", 2)]
    assert done.summary["transfers"] == [
        {"slot_id": "s03", "rpps": "i", "locum": "j", "barred_by": ()}
    ]


def test_ros_10_a_locum_without_authorisation_is_not_assigned_and_the_reason_is_shown() -> None:
    held = {"departement": "57", "first_day": date(2027, 1, 1), "last_day": date(2027, 2, 3)}
    people = doctors("j").with_columns(authorisations=pl.Series([[held]]))
    offers = availability(("j", "s03", 0), ("j", "s06", 0))

    done = roster.run(
        slots(3, 6).with_columns(departement=pl.lit("57")), people, offers, None, OPTIONS
    )

    assert done.roster.rows() == [("s03", "j", 2)]
    assert done.holes.rows() == [("s06", 1, "everybody_blocked j:authorisation", "")]


def test_ros_15_who_comes_near_the_ceiling_is_named_in_the_summary() -> None:
    paid = slots(3, 6).with_columns(indemnity=pl.lit(50.0))
    people = doctors("a", "b").with_columns(indemnity_so_far=pl.Series([40.0, 39.99]))
    offers = availability(("a", "s03", 0), ("b", "s06", 0))
    options = roster.RosterOptions(indemnity_ceiling_cents=10_000)

    done = roster.run(paid, people, offers, None, options)

    assert done.summary["indemnities"] == [
        {"rpps": "a", "year": 2027, "cents": 9_000, "ceiling_cents": 10_000}
    ]
    assert "indemnities" not in roster.run(paid, people, offers, None, OPTIONS).summary


def test_what_the_coordinator_pins_or_forbids_is_kept() -> None:
    offers = availability(("a", "s03", 2), ("b", "s03", 0), ("b", "s20", 0)).with_columns(
        forbidden=pl.Series([None, True, None])
    )
    pinned = published(("s20", "a", True), ("s03", "b", None))

    done = roster.run(slots(3, 20), doctors("a", "b"), offers, pinned, OPTIONS)

    assert done.roster.rows() == [("s03", "a", 2), ("s20", "a", 2)]


@pytest.mark.parametrize(
    ("slot_id", "rpps", "told"),
    [
        ("s04", "a", "« a » sur « s03 » et « a » sur « s04 » : la règle rest"),
        ("s04", "?", "« \\? » n'est pas dans le fichier des médecins"),
        ("?", "a", "« \\? » n'est pas dans le fichier des créneaux"),
    ],
)
def test_a_pin_that_cannot_be_kept_is_told_in_french(slot_id: str, rpps: str, told: str) -> None:
    pinned = published(("s03", "a", True), (slot_id, rpps, True))

    with pytest.raises(ValueError, match=told):
        roster.run(slots(3, 4), doctors("a"), availability(), pinned, OPTIONS)


def test_two_duties_a_day_are_given_where_the_gap_allows() -> None:
    day = slots(3, 4).with_columns(
        start=pl.Series([datetime(2027, 2, 3, hour, tzinfo=PARIS) for hour in (18, 20)]).cast(
            pl.Datetime("us", "UTC")
        ),
        end=pl.Series([datetime(2027, 2, 3, hour, tzinfo=PARIS) for hour in (20, 23)]).cast(
            pl.Datetime("us", "UTC")
        ),
    )
    offers = availability(("a", "s03", 0), ("a", "s04", 0))

    seats = [
        roster.run(day, doctors("a"), offers, None, options).roster.height
        for options in (OPTIONS, roster.RosterOptions(min_gap_seconds=0))
    ]

    assert seats == [1, 2]
