"""What a terminal shows of a repaired roster, and of the answers about one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from statistics import median
from typing import assert_never

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from api import terminal
from api.pages import sentences, words
from api.services import roster_explanation, roster_repair
from scheduler.explanation.choice import Alternative, Choice
from scheduler.explanation.price import Change
from scheduler.explanation.relaxations import Hole, Relaxation
from scheduler.explanation.share import Burden

LOST = {
    "absent": "absent",
    "replaced": "remplacé",
    "swapped": "échange",
    "withdrawn": "créneau supprimé",
    "rearranged": "pour que tout tienne",
    "gone": "inconnu des fichiers",
}
GAINED = {
    "swapped": "échange",
    "transferred": "remplaçant, à confirmer",
    "assigned": "à prévenir",
}
RULES = {
    "max_per_week": "plafond de la semaine",
    "max_per_month": "plafond du mois",
    "max_per_period": "plafond de la période",
    "rest": "repos entre deux gardes",
    "overlap": "autre garde au même moment",
    "travel": "trajet depuis une autre garde",
    "indemnity": "plafond d'indemnités",
    "forbidden": "écarté par le coordinateur, absent ou créneau commencé",
    "licence": "licence de remplacement finie",
    "authorisation": "pas d'autorisation dans ce département",
    "replaced": "remplacé ce jour-là",
    "seats": "sièges déjà fixés",
}
REASONS = {
    "above_share": "Il porte plus que sa part de ce tableau.",
    "below_share": "Il porte moins que sa part de ce tableau.",
    "at_share": "Il porte sa part de ce tableau, à une garde près.",
    "carried_less": "Avant ce tableau, il avait porté moins que le groupe pour sa participation.",
    "carried_more": "Avant ce tableau, il avait porté plus que le groupe pour sa participation.",
    "few_offers": "Il s'est dit disponible moins de la moitié de ce que font les autres.",
    "alone": "Sur certaines de ses gardes, il était le seul disponible :",
    "capped": "Ses plafonds l'ont tenu à l'écart d'autres gardes :",
}


def of_repair(run: roster_repair.RepairRun) -> RenderableType:
    """The levels, then who loses and who takes each duty that changes."""
    kept = sentences.people(run.summary["kept"], few="garde reste", many="gardes restent")
    if run.changes.is_empty():
        return Group(terminal.of_roster(run.summary), f"Rien ne change : {kept}.")
    table = Table("créneau", "début", "perd la garde", "prend la garde", title="Ce qui change")
    table.title_justify = "left"
    for slot_id in run.changes["slot_id"].unique(maintain_order=True):
        rows = run.changes.filter(slot_id=slot_id)
        sides = [list(_side(run, rows.filter(change=it).rows())) for it in ("lost", "gained")]
        cells = ("\n".join(side) or "-" for side in sides)
        table.add_row(escape(slot_id), _start(run.starts, slot_id), *map(escape, cells))
    return Group(terminal.of_roster(run.summary), table, f"{kept} sans changement.")


def _side(run: roster_repair.RepairRun, rows: Iterable[tuple[str, str, str, str]]) -> Iterator[str]:
    for _, rpps, change, why in rows:
        reasons = LOST if change == "lost" else GAINED
        yield f"{_name(run.names, rpps)} ({reasons[why]})"


def of_explanation(found: roster_explanation.RosterExplanation) -> RenderableType:
    """One screen: the answer, after what must be known of the roster it is about."""
    match found.told:
        case Choice():
            lines = _of_choice(found, found.told)
        case Burden():
            lines = _of_burden(found, found.told)
        case tuple():
            lines = _of_holes(found, found.told)
        case _:
            assert_never(found.told)
    return "\n".join([*_caution(found), *lines])


def _caution(found: roster_explanation.RosterExplanation) -> Iterator[str]:
    if found.to_mend:
        changed = sentences.people(found.to_mend, few="affectation", many="affectations")
        yield (
            f"Attention : ce tableau n'est plus le meilleur. « releve repair » y change {changed} ;"
        )
        yield "ce qui suit vaut pour le tableau réparé."
    if found.status != "optimal":
        yield "Attention : ce tableau n'est pas prouvé optimal ; les écarts sont des estimations."


def _of_choice(found: roster_explanation.RosterExplanation, told: Choice) -> Iterator[str]:
    holders = ", ".join(_name(found.names, it) for it in told.holders) or "personne"
    yield f"[bold]{_slot(found, told.slot_id)} : {escape(holders)}[/bold]"
    able = [it for it in told.others if not it.rules]
    barred = [it for it in told.others if it.rules]
    if not told.others:
        yield "Personne d'autre ne s'est dit disponible."
    if able:
        yield "Et un autre médecin ? Avec lui, le meilleur tableau possible donnerait :"
        yield from (f"  • {_alternative(found, it)}" for it in able)
    if barred:
        yield "Disponibles, mais une règle les retient quoi que fassent les autres :"
        yield from (
            f"  • {escape(_name(found.names, it.rpps))} : {_rules(it.rules)}" for it in barred
        )


def _alternative(found: roster_explanation.RosterExplanation, other: Alternative) -> str:
    about = "" if other.proven else " (estimation)"
    price = " ; ".join(_changes(other.change)) or "aussi bien, à égalité sur tous les buts"
    return f"{escape(_name(found.names, other.rpps))} : {price}{about}"


def _of_burden(found: roster_explanation.RosterExplanation, told: Burden) -> Iterator[str]:
    duties = sentences.people(len(told.duties), few="garde", many="gardes")
    yield f"[bold]{escape(_name(found.names, told.rpps))} : {duties}, {told.points} points[/bold]"
    yield (
        f"Part équitable de ce tableau : {words.decimal(told.target_points)} points. Avant lui : "
        f"{told.history_points} points. Participation : {words.plain_number(told.participation)}."
    )
    yield (
        f"Points passés et présents, ramenés à une part entière : {words.decimal(told.relative)} ; "
        f"dans le groupe, de {words.decimal(told.group[0])} à {words.decimal(told.group[-1])}, "
        f"la moitié sous {words.decimal(median(told.group))}."
    )
    offered = sentences.people(told.offered, few="créneau", many="créneaux")
    yield f"Il s'est dit disponible pour {offered}."
    lists = {
        "alone": [_slot(found, it) for it in told.alone],
        "capped": [RULES[it] for it in told.capped],
    }
    for reason in told.reasons:
        yield f"  • {REASONS[reason]}"
        yield from (f"      {it}" for it in lists.get(reason, ()))
    if told.duties:
        yield "Ses gardes :"
        yield from (f"  • {_slot(found, it)}" for it in told.duties)


def _of_holes(found: roster_explanation.RosterExplanation, told: tuple[Hole, ...]) -> Iterator[str]:
    if not told:
        yield "Aucun siège vide : tous les créneaux sont pourvus."
    for it in told:
        missing = sentences.people(it.missing, few="médecin", many="médecins")
        yield f"[bold]{_slot(found, it.slot_id)} : il manque {missing}[/bold]"
        if it.blocked:
            yield "  Disponibles, mais retenus :"
        else:
            yield "  Personne d'autre ne s'est dit disponible."
        for doctor in it.blocked:
            yield f"    • {escape(_name(found.names, doctor.rpps))} : {_rules(doctor.rules)}"
        if it.relaxations:
            yield "  Ce qui remplirait un siège, le plus simple d'abord :"
        else:
            yield "  Aucun changement simple ne suffit."
        yield from (f"    • {_relaxation(found, option)}" for option in it.relaxations)


def _relaxation(found: roster_explanation.RosterExplanation, option: Relaxation) -> str:
    name = _name(found.names, option.rpps)
    match option.rule:
        case "rest":
            what = f"{name} renonce une fois au repos"
        case "ask":
            what = f"{name}, à appeler : il ne s'est pas dit disponible, rien ne l'en empêche"
        case "forbidden":
            what = f"{name}, si le coordinateur ne l'écarte plus"
        case cap:
            raised = (option.cap or 0) + 1
            what = f"{name} accepte que son {RULES[cap]} passe de {option.cap} à {raised}"
    about = "" if option.proven else " (estimation)"
    return f"{escape(what)} : {' ; '.join(_changes(option.change))}{about}"


def _changes(change: Change) -> Iterator[str]:
    """What changes level by level, in words."""
    for level, by in change:
        size, direction = words.number(abs(by)), "de plus" if by > 0 else "de moins"
        match level.split("_"):
            case ["filled", hardness]:
                seats = sentences.people(abs(by), few="siège pourvu", many="sièges pourvus")
                yield f"{seats} {direction} en difficulté {hardness}"
            case ["changes"]:
                moves = sentences.people(abs(by), few="changement", many="changements")
                yield f"{moves} {direction}"
            case ["minimums"]:
                duties = sentences.people(abs(by), few="garde", many="gardes")
                yield f"{duties} {direction} sous les minimums"
            case ["fairness"]:
                yield f"équité {'moins' if by > 0 else 'plus'} bonne de {size}"
            case ["wishes"]:
                yield f"souhaits : {'+' if by > 0 else '-'}{size}"


def _rules(rules: Iterable[str]) -> str:
    return ", ".join(RULES[it] for it in rules)


def _slot(found: roster_explanation.RosterExplanation, slot_id: str) -> str:
    return f"{escape(slot_id)}, {_start(found.starts, slot_id)}"


def _start(starts: Mapping[str, str], slot_id: str) -> str:
    if slot_id not in starts:
        return "?"
    start = datetime.fromisoformat(starts[slot_id])
    return f"{words.day_short(start.date())} {words.hour(start)}"


def _name(names: Mapping[str, str], rpps: str) -> str:
    return f"Dr {names[rpps]} ({rpps})" if rpps in names else f"Médecin {rpps}"
