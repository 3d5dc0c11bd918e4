"""Many territories at once: each sub-folder of a folder, matched as `releve match` does it.

The workers are anybody's `concurrent.futures.Executor`. Paths and options go to them, figures come
back: no patient travels, and no exception either, since not every one survives the journey.
"""

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed, wait
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from api import rounds
from api.files import errors, outcome, writing
from api.files.rules import Places
from api.services import matching
from api.services.stopwatch import Progress

SUMMARY_FILE = "territories.csv"
SUFFIXES = (".csv", ".xlsx")


class NoTerritories(Exception):
    """The folders given cannot be used; the message is a French sentence."""


class NoWorkers(Exception):
    """Nobody can do the work; the message is a French sentence."""


class NotShared(Exception):
    """A worker does not see the folders."""


@dataclass(frozen=True)
class Plan:
    """Where the territories are, where their results go, and what is the same for all."""

    folder: Path
    out: Path
    options: matching.MatchOptions
    places: Places | None = None
    accept_partial: bool = False


@dataclass(frozen=True)
class Territory:
    """How a territory ended; the figures are None unless it was matched.

    `status`: `optimal`, `feasible`, `refused` (something given cannot be accepted), `failed` (a bug
    of ours, or a worker that died), `cancelled` (interrupted; a begun one may still end on a
    cluster, and nothing is ever half written). `places` are those that its doctors offer, `seconds`
    those spent on it from files to files. `error` is French and names nobody.
    """

    territory: str
    status: str
    patients: int | None = None
    matched: int | None = None
    places: int | None = None
    travel_seconds: int | None = None
    seconds: float | None = None
    error: str = ""
    doubts: tuple[outcome.Remark, ...] = ()


COLUMNS = tuple(field.name for field in fields(Territory) if field.name != "doubts")


def territories(plan: Plan) -> list[Path]:
    """The sub-folders in the order of their names, hidden ones aside. Raises NoTerritories.

    No result may land among the files given: its `doctors.csv` would replace theirs.
    """
    folders = _folders(plan.folder)
    if not folders:
        raise NoTerritories(
            f"{plan.folder} n'a pas de sous-dossier : il en faut un par territoire, avec ses deux "
            "fichiers, patients et doctors. Pour un seul territoire : « releve match »."
        )
    out = plan.out.resolve()
    given = {folder.resolve() for folder in folders}
    results = {(out / folder.name).resolve() for folder in folders}
    if plan.folder.resolve() in (out, *out.parents) or given & results:
        raise NoTerritories(
            f"Les résultats ne peuvent pas aller dans {plan.out}, parmi les fichiers donnés."
        )
    return folders


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(it for it in folder.iterdir() if it.is_dir() and it.name[0] != ".")
    except OSError as refused:
        raise NoTerritories(
            f"{folder} n'est pas un dossier lisible : le système répond « {refused.strerror} »."
        ) from None


def match(
    plan: Plan, folders: Sequence[Path], executor: Executor, progress: Progress
) -> list[Territory]:
    """Match every folder, write `territories.csv`, and give its rows in the order of the folders.

    `progress` is told the count and the share of the territories that ended. An interruption
    cancels what has not begun and lets the rest end. Raises OutputRefused, UnknownParameter.
    """
    matching.prepare(progress)  # here and once, not by each worker at the same time
    matching.score_rule(plan.options.day, plan.options.territory)
    # The folder of results is made here: a worker that misses it does not share our disk.
    writing.write_outputs(plan.out, {})
    absolute = replace(plan, folder=plan.folder.absolute(), out=plan.out.absolute())
    futures = [executor.submit(_attempt, absolute, folder.name) for folder in folders]
    _await(futures, progress)
    ended = [_ended(folder.name, it) for folder, it in zip(folders, futures, strict=True)]
    rows = [[getattr(it, name) for name in COLUMNS] for it in ended]
    writing.write_outputs(plan.out, {SUMMARY_FILE: writing.csv_bytes(COLUMNS, rows)})
    return ended


def _await(futures: Sequence[Future[Territory]], progress: Progress) -> None:
    count = len(futures)
    try:
        for done, _ in enumerate(as_completed(futures), start=1):
            progress(f"{done} / {count}", done / count)
    except KeyboardInterrupt:
        begun = [future for future in futures if not future.cancel()]
        progress("arrêt après ceux en cours", len(begun) / count)
        wait(begun)


def _ended(name: str, future: Future[Territory]) -> Territory:
    if future.cancelled():
        return Territory(name, "cancelled")
    died = future.exception()
    if died is not None:
        how = f"Le processus de calcul s'est arrêté ({type(died).__name__}), peut-être faute de"
        return Territory(name, "failed", error=f"{how} mémoire.")
    return future.result()


def _attempt(plan: Plan, name: str) -> Territory:
    """One territory from files to files, in a worker; whatever goes wrong is part of the answer."""
    begun = time.perf_counter()
    doubts: list[outcome.Remark] = []
    try:
        ended = _matched(plan, name, doubts)
    except KeyboardInterrupt:
        # Workers ignore interruptions, but Polars listens to them all the same.
        return Territory(name, "cancelled")
    except Exception as failure:
        ended = _unmatched(name, failure)
    told = tuple(replace(doubt, file=f"{name}/{doubt.file}") for doubt in doubts)
    return replace(ended, seconds=round(time.perf_counter() - begun, 3), doubts=told)


def _matched(plan: Plan, name: str, doubts: list[outcome.Remark]) -> Territory:
    folder, out = plan.folder / name, plan.out / name
    if not (folder.is_dir() and plan.out.is_dir()):
        raise NotShared
    try:
        files = rounds.MatchFiles(_file(folder, "patients"), _file(folder, "doctors"), plan.places)
    except errors.FileRefused as refused:
        writing.write_rejects(out, refused.rejects)
        raise rounds.Refused(refused.rejects, out) from None
    desk = rounds.Desk(out, plan.accept_partial, remarks=doubts.extend)
    run = rounds.match(files, plan.options, desk)
    return Territory(
        name,
        run.summary["status"],
        patients=run.summary["patients"],
        matched=run.proposals.height,
        places=int(run.doctors["places"].sum()),
        travel_seconds=run.summary["travel_seconds"],
    )


def _file(folder: Path, role: str) -> Path:
    """The one file of a role, `patients` or `doctors`, in capitals or not. Raises FileRefused."""
    wanted = [f"{role}{suffix}" for suffix in SUFFIXES]
    found = sorted(it for it in folder.iterdir() if it.name.lower() in wanted)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(it.name for it in found)
        reason = f"plusieurs fichiers pour un même rôle ({names}) ; gardez-en un seul"
    else:
        reason = f"fichier introuvable ; attendu {' ou '.join(wanted)}"
    raise errors.FileRefused([outcome.Reject(role, None, None, "", reason)])


def _unmatched(name: str, failure: Exception) -> Territory:
    for kind, (status, tell) in FAILURES.items():
        if isinstance(failure, kind):
            return Territory(name, status, error=tell(failure))
    last = traceback.extract_tb(failure.__traceback__)[-1]
    where = f"{Path(last.filename).name}, ligne {last.lineno}"
    error = f"Erreur de Relève : {type(failure).__name__} ({where})."
    return Territory(name, "failed", error=error)


def _of_rejects(refused: rounds.Refused) -> str:
    """The first reject without its value, which could tell something of somebody, and the count."""
    first = outcome.sentence(replace(refused.rejects[0], value=""))
    others = len(refused.rejects) - 1
    return f"{first} Et {others} autre{'s'[: others - 1]}, dans rejects.csv." if others else first


FAILURES: Mapping[type[Exception], tuple[str, Callable[[Any], str]]] = {
    rounds.Refused: ("refused", _of_rejects),
    errors.FilesError: ("refused", str),
    NotShared: (
        "refused",
        lambda _: "Une machine qui calcule ne voit pas les dossiers : ils doivent être partagés.",
    ),
    rounds.Unproven: (
        "failed",
        lambda it: f"Le recompte contredit le solveur ; l'instance est gardée dans {it.file}.",
    ),
    ValueError: ("refused", lambda it: f"Demande impossible : {it}"),
}
"""How what is raised in a worker ends a territory, and what is said; the first kind that fits."""


def processes_here(asked: int | None, tasks: int) -> int:
    """As many processes as asked for, never more than this machine has cores or than tasks."""
    cores = os.cpu_count() or 1
    return min(cores if asked is None else asked, cores, tasks)


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Worker processes of this machine.

    Each starts afresh: the libraries inside keep threads that a fork would break. An interruption
    is for the parent alone, which lets them end what they began; a second one stops them.
    """
    with ProcessPoolExecutor(
        max_workers=count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    ) as pool:
        try:
            yield pool
        except KeyboardInterrupt:
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
