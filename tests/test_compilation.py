from pathlib import Path

import compilation


def test_machine_code_of_another_version_makes_way_for_that_of_this_one(tmp_path: Path) -> None:
    former, other = tmp_path / "releve-matcher-1", tmp_path / "releve-scheduler-1"
    former.mkdir()
    other.mkdir()

    folder = compilation._fresh(tmp_path / "releve-matcher-2")

    assert folder == tmp_path / "releve-matcher-2"
    assert sorted(tmp_path.iterdir()) == [folder, other]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert compilation._fresh(file / "releve-matcher-2") is None
