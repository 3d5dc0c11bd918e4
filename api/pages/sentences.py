"""How the answers of a matching are said in French: reasons, rules, differences between rounds."""

from collections.abc import Iterator, Mapping, Sequence

from api.pages.words import decimal, number
from matcher.explanation.difference import Difference
from matcher.explanation.explain import Reason

SECONDS_IN_MINUTE = 60

WHY_NOBODY: Mapping[str, str] = {
    Reason.NO_DOCTOR_WITHIN_REACH: "aucun médecin installé dans le rayon",
    Reason.BEYOND_PERSONAL_LIMIT: "aucun médecin en deçà du trajet accepté par le patient",
    Reason.NO_HOME_VISIT: "aucun médecin à portée ne se déplace jusque-là",
    Reason.NO_ACCESSIBLE_PRACTICE: "aucun cabinet à portée n'est connu comme accessible",
    Reason.NO_COMMON_LANGUAGE: "aucune langue commune avec un médecin à portée",
    Reason.AGE_NOT_ACCEPTED: "aucun médecin à portée n'accepte cet âge",
    Reason.ONLY_REFUSED_DOCTORS: "les seuls médecins possibles ont été écartés par un refus",
    Reason.NO_DOCTOR_FOR_WHOLE_HOUSEHOLD: "aucun médecin ne convient à tout le foyer",
    Reason.NO_PLACES_OFFERED: "aucun des médecins possibles n'offre de place",
    Reason.HOUSEHOLD_LARGER_THAN_PLACES: "aucun n'offre autant de places que le foyer compte de "
    "personnes",
    Reason.NOT_ENOUGH_PLACES_TOGETHER: "il reste des places, mais les prendre en coûterait "
    "davantage ailleurs",
    Reason.PLACES_TAKEN_BY_HIGHER_PRIORITY: "les places sont allées à des patients plus "
    "prioritaires",
    Reason.PLACES_TAKEN_BY_LONGER_WAITING: "des patients en tout semblables attendaient depuis "
    "plus longtemps",
    Reason.PLACES_TAKEN_BY_DRAW: "le tirage au sort a départagé des patients en tout semblables",
    Reason.PLACES_TAKEN_IN_SAME_CLASS: "les places sont allées à des patients de la même priorité, "
    "mieux placés pour que le plus de monde soit servi au plus près",
}

WHY_THIS_DOCTOR = {
    "promised": "proposition déjà envoyée",
    "usual_doctor": "c'est le médecin habituel",
    "only_doctor": "c'est le seul médecin possible",
    "nearest": "aucun médecin possible n'est plus proche",
    "drawn": "un tirage au sort a départagé des patients en tout semblables",
}

WITHOUT = {
    "beyond_radius": "le rayon",
    "beyond_personal_limit": "le trajet maximal du patient",
    "home_visit": "le besoin de visite à domicile",
    "wheelchair": "le besoin d'un cabinet accessible",
    "language": "l'exigence d'une langue commune",
    "age": "les limites d'âge",
    "refused": "le refus enregistré",
}
"""What one would have to do without, rule by rule."""

ANSWERS = {
    "ald": "affection de longue durée",
    "pregnant": "grossesse",
    "handicap": "handicap",
    "ehpad": "Ehpad",
    "precarious": "précarité",
    "age": "âge",
    "waiting": "attente",
    "needs_wheelchair": "fauteuil roulant",
    "needs_home_visit": "visite à domicile",
    "birth_year": "année de naissance",
    "unattached_since": "début de l'attente",
}


def minutes(seconds: int) -> str:
    """ "12 min", and under a minute "40 s"."""
    if abs(seconds) < SECONDS_IN_MINUTE:
        return f"{seconds} s"
    return f"{number(round(seconds / SECONDS_IN_MINUTE))} min"


def people(count: int, *, few: str = "patient", many: str = "patients") -> str:
    """ "1 patient", "1 200 patients"."""
    return f"{number(count)} {few if abs(count) < 2 else many}"  # noqa: PLR2004 - French plural


def gains(change: Mapping[str, float]) -> tuple[str, ...]:
    """What changes, level by level, most important first."""
    return tuple(_changed(change))


def _changed(change: Mapping[str, float]) -> Iterator[str]:
    for level, amount in change.items():
        direction = "de plus" if amount > 0 else "de moins"
        count = _count(amount)
        match level.split("_"):
            case ["matched", rank]:
                yield f"{count} {direction} en priorité {rank}"
            case ["usual", _]:
                yield f"{count} {direction} chez son médecin habituel"
            case ["travel", "seconds"]:
                more = "en plus" if amount > 0 else "en moins"
                yield f"{minutes(abs(round(amount)))} de trajet {more} au total"
            case ["travel", "bands"] if "travel_seconds" not in change:
                yield f"trajets par tranches de 5 min : {'+' if amount > 0 else ''}{amount:g}"
            case ["imbalance"]:
                yield f"remplissage {'moins' if amount > 0 else 'plus'} égal entre médecins"


def _count(amount: float) -> str:
    """A count of patients; a place of a household may count for a part of one."""
    size = abs(amount)
    return people(int(size)) if size == int(size) else f"{decimal(size)} patient"


def price(total: Mapping[str, float], others: Mapping[str, float]) -> str:
    """The price of another choice for the others, in one sentence."""
    if not total:
        return "aussi bien, à égalité sur tous les buts"
    return " ; ".join(gains(others)) or "rien ne change pour les autres"


def moves(difference: Difference) -> tuple[str, ...]:
    """Who moves, in counts that may exceed what is necessary; who gains or loses a proposition is
    certain where nobody does the contrary."""
    kinds = (difference.newly, difference.no_longer, difference.elsewhere)
    gained, lost, moved = (sum(kind) for kind in kinds)
    most = " au plus" if gained and lost else ""
    told = (
        (gained, most, "aurait une proposition", "auraient une proposition"),
        (lost, most, "n'en aurait plus", "n'en auraient plus"),
        (moved, " au plus", "changerait de médecin", "changeraient de médecin"),
    )
    return tuple(f"{people(n)}{most} {one if n == 1 else many}" for n, most, one, many in told if n)


def by_class(counts: Sequence[int]) -> str:
    """ "priorité 1 : 3, priorité 4 : 12"; those without anybody left out."""
    told = (f"priorité {rank} : {number(it)}" for rank, it in enumerate(counts, 1) if it)
    return ", ".join(told) or "personne"
