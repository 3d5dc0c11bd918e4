"""The figures published by commune."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from store import tables


def of_run(session: Session, run_id: int) -> Sequence[tuple[tables.CommuneFigure, tables.Commune]]:
    """The published figures of a run with their communes, by code."""
    figure, commune = tables.CommuneFigure, tables.Commune
    return session.exec(
        select(figure, commune)
        .join(commune, col(commune.code_insee) == col(figure.code_insee))
        .where(col(figure.run_id) == run_id)
        .order_by(col(figure.code_insee))
    ).all()
