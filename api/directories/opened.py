"""All the directories together, as the settings have them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from api.directories import annuaire, ban, cells, communes, errors, osrm, standing
from api.directories.calling import Caller, Timing
from api.settings import Settings
from store import directories as kept
from store.session import Session

METZ, METZ_CODE = (49.1193, 6.1757), "57463"
NOBODY = "10000000000"
"""A number that no doctor has: its key is wrong."""


@dataclass(frozen=True)
class Directories:
    """What an edge hands to a service that may ask elsewhere."""

    ban: ban.Ban
    communes: communes.Communes
    annuaire: annuaire.Annuaire
    roads: osrm.Osrm
    travels: osrm.Travels
    callers: Mapping[str, Caller]

    def states(self, session: Session, now: datetime) -> Mapping[str, standing.State]:
        """How each of them fares, in a fixed order."""
        known = kept.states(session)
        return {
            name: standing.state(known.get(name), now, is_on=caller.is_on)
            for name, caller in self.callers.items()
        }

    def try_all(self) -> None:
        """Ask each that is on a question about nobody, so that its state is that of now."""
        metz = cells.cell_of(*METZ)
        for question in (
            lambda: self.ban.locate("Metz", code_insee=METZ_CODE, most=1),
            lambda: self.communes.one(METZ_CODE),
            lambda: self.annuaire.by_rpps(NOBODY),
            lambda: self.roads.block([metz], [metz]),
        ):
            # How it ended is in the notebook.
            with suppress(errors.DirectoryError):
                question()


@contextmanager
def opened(settings: Settings, engine: Engine, timing: Timing) -> Iterator[Directories]:
    """The directories, until their connections are given back."""
    told = standing.Notebook(engine)
    key = settings.annuaire_key
    headers = {} if key is None else {annuaire.KEY_HEADER: key.get_secret_value()}
    with ExitStack() as closing:

        def caller(name: str, url: str | None, headers: Mapping[str, str] | None = None) -> Caller:
            one = Caller(name, url, timing, headers=headers, told=told)
            return closing.enter_context(one)

        callers = {
            ban.NAME: caller(ban.NAME, settings.ban_url),
            communes.NAME: caller(communes.NAME, settings.geo_url),
            annuaire.NAME: caller(annuaire.NAME, settings.annuaire_url, headers),
            osrm.NAME: caller(osrm.NAME, settings.osrm_url),
        }
        roads = osrm.Osrm(callers[osrm.NAME])
        yield Directories(
            ban=ban.Ban(callers[ban.NAME]),
            communes=communes.Communes(callers[communes.NAME]),
            annuaire=annuaire.Annuaire(callers[annuaire.NAME]),
            roads=roads,
            travels=osrm.Travels(roads, engine),
            callers=callers,
        )
