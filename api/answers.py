"""What a terminal shows of one patient's story, of a supposition, and of a ranking of communes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from api.pages import sentences, words
from api.services import explanation, what_if

SHOWN = 8
"""Doctors, or communes, of a table that fits on a screen."""

LEVELS = {
    "usual_doctor": "chez le médecin habituel",
    "travel_bands": "tranches de 5 min de trajet",
    "imbalance": "déséquilibre",
    "travel_seconds": "secondes de trajet",
}


def of_explanation(told: explanation.Explanation) -> RenderableType:
    """One screen: where the patient stands, the answer, its reasons, and what else would cost."""
    lines = [*_standing(told), "", *_answer(told)]
    parts: list[RenderableType] = ["\n".join(lines)]
    if told.possible:
        parts.append(_doctors(told))
    parts += [
        "\n".join([escape(heading), *(f"  • {escape(it)}" for it in under)])
        for heading, under in (
            (
                "Et un autre médecin ? Ce que les autres y perdraient, en places :",
                list(_insisted(told)),
            ),
            ("Ce qui changerait la réponse, en places :", list(_changing(told))),
        )
        if under
    ]
    return Group(*parts)


def _standing(told: explanation.Explanation) -> Iterator[str]:
    standing, day = told.standing, words.day_plain(date.fromisoformat(told.date))
    points = ", ".join(f"{sentences.ANSWERS[it]} {n}" for it, n in standing.components.items())
    yield f"[bold]Patient {escape(told.patient_id)}[/bold], au {day}"
    yield (
        f"Priorité {standing.priority_class}, score {standing.score}"
        f"{f' ({points})' if points else ''}, barème {standing.version}"
    )
    if standing.waiting_days is not None:
        waited = sentences.people(standing.waiting_days, few="jour", many="jours")
        yield f"Sans médecin traitant depuis {waited}"
    if told.household:
        yield f"Va avec son foyer : {escape(', '.join(told.household))}"
    if standing.unknown:
        unknown = ", ".join(sentences.ANSWERS[it] for it in standing.unknown)
        yield f"À demander, un appel peut changer la réponse : {unknown}"


def _answer(told: explanation.Explanation) -> Iterator[str]:
    if told.proposed is None:
        yield "[bold]Aucune proposition[/bold] :"
        yield f"  {sentences.WHY_NOBODY[told.reason or '']}."
        return
    yield f"[bold]Proposé : {escape(_name(told.proposed))}[/bold]"
    because = " ; ".join(sentences.WHY_THIS_DOCTOR[it] for it in told.because)
    yield f"Pourquoi : {because or 'le meilleur choix pour l’ensemble des patients'}."


def _name(doctor: explanation.Doctor) -> str:
    name = words.doctor_name(doctor)
    return f"{name} ({doctor.rpps})" if doctor.family_name else name


def _doctors(told: explanation.Explanation) -> Table:
    count = len(told.possible)
    first = f", les {SHOWN} plus proches" if count > SHOWN else ""
    title = f"Médecins possibles : {words.number(count)}{first}"
    table = Table("médecin", "trajet", "distance", "places", "libres", "dernier servi", title=title)
    table.title_justify = "left"
    for column in table.columns[1:]:
        column.justify = "right"
    chosen = [it for it in told.possible[SHOWN:] if it.proposed or it.usual]
    for it in [*told.possible[:SHOWN], *chosen]:
        marks = [
            mark for mark, holds in (("proposé", it.proposed), ("habituel", it.usual)) if holds
        ]
        table.add_row(
            escape(_name(it.doctor)) + (f" [bold]{', '.join(marks)}[/bold]" if marks else ""),
            sentences.minutes(it.travel_seconds),
            words.kilometres(it.kilometres),
            str(it.places),
            str(it.free),
            f"priorité {it.last_class}" if it.last_class else "-",
        )
    return table


def _insisted(told: explanation.Explanation) -> Iterator[str]:
    for it in told.insisted:
        if it.price is None:
            yield f"{_name(it.doctor)} : n'offre pas assez de places"
        else:
            yield f"{_name(it.doctor)} : {sentences.price(it.price, it.others)}"


def _changing(told: explanation.Explanation) -> Iterator[str]:
    way = {it.doctor: sentences.minutes(it.travel_seconds) for it in told.possible}
    for it in told.opened:
        if it.serves:
            places = sentences.people(it.places, few="place", many="places")
            yield f"{places} de plus chez {_name(it.doctor)}, à {way[it.doctor]}"
    if told.opened and not any(it.serves for it in told.opened):
        size = sentences.people(told.opened[0].places, few="place", many="places")
        count = len(told.opened)
        where = f"l'un des {count} plus proches" if count > 1 else _name(told.opened[0].doctor)
        verb = "changerait" if told.opened[0].places == 1 else "changeraient"
        yield f"{size} de plus chez {where} n'y {verb} rien : d'autres passeraient avant"
    for rule in told.barriers:
        doctors = sentences.people(rule.doctors, few="médecin", many="médecins")
        free = sentences.people(rule.free, few="place libre", many="places libres")
        yield (
            f"sans {sentences.WITHOUT[rule.rule]} : {doctors} de plus ({free}) ; le plus proche, "
            f"{_name(rule.nearest)}, à {sentences.minutes(rule.travel_seconds)} "
            f"({words.kilometres(rule.kilometres)})"
        )


def of_what_if(told: what_if.WhatIf) -> RenderableType:
    """Before, after and the difference, level by level; then who moves."""
    table = Table("", "aujourd'hui", "alors", "différence", title="Et si…", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    before, after = _numbers(told.before), _numbers(told.after)
    for label, value in before.items():
        table.add_row(
            label, words.number(value), words.number(after[label]), _signed(after[label] - value)
        )
    proven = (
        "" if told.difference.proven else "Estimation : l'un des deux résultats n'est pas prouvé."
    )
    moved = sentences.moves(told.difference) or ("Personne ne change de médecin",)
    lines = [f"{' ; '.join(moved)}.", *_classes(told), proven]
    return Group(table, "\n".join(line for line in lines if line))


def _numbers(side: what_if.Side) -> Mapping[str, int]:
    matched = {f"proposés, priorité {it}": n for it, n in side.levels["matched"].items()}
    levels = {label: side.levels[name] for name, label in LEVELS.items()}
    return {"places offertes": side.places, "en attente": side.waiting, **matched, **levels}


def _signed(amount: int) -> str:
    return f"{'+' if amount > 0 else '-'}{words.number(abs(amount))}" if amount else "="


def _classes(told: what_if.WhatIf) -> Iterator[str]:
    for counts, label in (
        (told.difference.newly, "Nouvelles propositions"),
        (told.difference.no_longer, "Propositions perdues"),
    ):
        if sum(counts):
            yield f"{label} : {sentences.by_class(counts)}"


def of_ranking(ranked: Sequence[what_if.CommuneWorth], places_each: int) -> RenderableType:
    """The first communes of a ranking, a line each; people by class, class 1 first."""
    table = Table("", title="Où un cabinet de plus aiderait le plus", title_justify="left")
    classes = f"priorités 1 à {len(ranked[0].waiting) if ranked else 1}"
    for heading in (
        "commune",
        "la première place",
        f"en attente à portée,\n{classes}",
        f"servis de plus par {words.number(places_each)} places,\n{classes}",
    ):
        table.add_column(heading)
    for place, it in enumerate(ranked[: what_if.FIRST], start=1):
        more = it.practice or {}
        served = [more.get(f"matched_{rank + 1}", 0) for rank in range(len(it.waiting))]
        table.add_row(
            str(place),
            f"{escape(it.commune.name)} ({it.commune.code_insee})",
            next(iter(sentences.gains(it.first_place)), "rien"),
            _in_a_row(it.waiting),
            _in_a_row(served),
        )
    return table


def _in_a_row(counts: Sequence[int]) -> str:
    return " · ".join(words.number(it) for it in counts)
