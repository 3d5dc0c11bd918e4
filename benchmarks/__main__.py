"""`python -m benchmarks [--write]`: every table on the screen, or in docs/benchmarks.md too."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine, matching, roster, search
from benchmarks.measure import RUNS, alone, table

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
SUBJECTS = (
    ("Matching: 13,000 patients, 250 doctors, no households", matching),
    ("Roster: 13 weeks, 60 doctors", roster),
    ("Search: who is on duty around Metz", search),
)
READING = {
    matching: (
        "All but the last prove their answer. Relève gives up seconds for what comes before them: "
        "usual doctors, travel in bands of five minutes, balance. The others have none of these."
    ),
    roster: "Fairness is to be small, the other levels large; each counts only once those before "
    "it are equal.",
    search: "Requests are handled in this process, without a network, one after the other.",
}


def main() -> None:
    """Measure everything, one contender at a time."""
    day = datetime.now(UTC).date()
    parts = [
        "# Benchmarks\n",
        f"Written by `python -m benchmarks --write` on {day}: {machine.described()}",
        f"Each contender has a process of its own; {RUNS} runs, preparation not counted.\n",
    ]
    for title, subject in SUBJECTS:
        measured = [alone(contender) for contender in subject.CONTENDERS]
        parts += [table(title, subject.COLUMNS, measured), f"{READING[subject]}\n"]
        sys.stdout.write(parts[-2] + "\n")
        sys.stdout.flush()
    if "--write" in sys.argv[1:]:
        PAGE.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
