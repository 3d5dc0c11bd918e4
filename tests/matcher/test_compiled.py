from pathlib import Path

from matcher import compiled


def test_machine_code_of_another_version_makes_way_for_that_of_this_one(tmp_path: Path) -> None:
    former, other = tmp_path / "releve-former", tmp_path / "others"
    former.mkdir()
    other.mkdir()

    folder = compiled._fresh(tmp_path / "releve-this")

    assert folder == tmp_path / "releve-this"
    assert sorted(tmp_path.iterdir()) == [other, folder]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert compiled._fresh(file / "releve-this") is None
