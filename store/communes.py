"""Communes, and the figures published about them."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from store import tables


def departement(code_insee: str) -> str:
    """The département of a commune code: "54" of 54395, "2A" of 2A004, "974" of 97411."""
    return code_insee[:3] if code_insee.startswith(("97", "98")) else code_insee[:2]


def by_code(session: Session, code_insee: str) -> tables.Commune | None:
    """The commune of this code, if it is recorded."""
    return session.get(tables.Commune, code_insee)


def everywhere(session: Session) -> Sequence[tables.Commune]:
    """All recorded communes, by name then code."""
    commune = tables.Commune
    return session.exec(select(commune).order_by(col(commune.name), col(commune.code_insee))).all()
