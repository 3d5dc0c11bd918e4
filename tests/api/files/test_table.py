from api.files import formats, outcome, table
from tests.api.files import sheets


def availability(folder):
    text = (
        "rpps,slot_id,wish,note\n"
        f"{sheets.RPPS},S1,\n{sheets.RPPS},S1,,\n"
        f'{sheets.RPPS},S8,1,"a, b"\n'
        f"{sheets.OTHER_RPPS},S9,2,\n"
    )
    return formats.read_availability(sheets.a_text(folder, "availability.csv", text))


def test_a_fault_found_later_is_told_with_the_line_of_the_file(tmp_path):
    read = availability(tmp_path)
    fault = outcome.Fault(1, "slot_id", "S8", "ne figure pas parmi les créneaux")

    [reject] = table.rejects_of(read, [fault])

    assert reject == outcome.Reject(
        file="availability.csv",
        line=4,
        column="slot_id",
        value="S8",
        reason="ne figure pas parmi les créneaux",
        row=f'{sheets.RPPS},S8,1,"a, b"',
    )


def test_only_the_first_fault_of_a_cell_is_told(tmp_path):
    read = availability(tmp_path)
    faults = [outcome.Fault(0, "wish", "", reason) for reason in ("first", "second")]

    assert [reject.reason for reject in table.rejects_of(read, faults)] == ["first"]


def test_rows_set_aside_leave_the_frame_and_join_the_rejects_in_order(tmp_path):
    read = availability(tmp_path)
    faults = [outcome.Fault(0, "slot_id", "S1", "inconnu")]

    kept = table.set_aside(read, faults)

    assert read.frame.height == 3
    assert kept.frame["slot_id"].to_list() == ["S8", "S9"]
    assert kept.cells["slot_id"].to_list() == ["S8", "S9"]
    assert kept.lines.to_list() == [4, 5]
    assert [reject.line for reject in kept.rejects] == [2, 3]


def test_nothing_set_aside_is_the_same_table(tmp_path):
    read = availability(tmp_path)

    assert table.set_aside(read, []) is read
