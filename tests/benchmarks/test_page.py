from pathlib import Path

from benchmarks import __main__ as page


def test_a_new_section_takes_the_place_of_the_former_one_and_the_others_stay(
    tmp_path: Path,
) -> None:
    file = tmp_path / "page.md"
    matching, roster, search = (page.SUBJECTS[it][0] for it in ("matching", "roster", "search"))
    file.write_text(
        f"# Old\n\n## {search}\n\nlast\n\n## {matching}\n\nold\n\n### Part\n\n## Gone\n\nstale\n",
        encoding="utf-8",
    )

    page.written(file, {matching: "new\n", roster: "first\n"})

    assert file.read_text(encoding="utf-8") == (
        f"{page.INTRODUCTION}\n## {matching}\n\nnew\n\n## {roster}\n\nfirst\n"
        f"\n## {search}\n\nlast\n"
    )
