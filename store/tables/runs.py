"""Finished computations, and what of them may be published."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index
from sqlmodel import Field

from store.tables.row import Row


class Run(Row, table=True):
    """A finished computation: what was asked, how it ended, what it said of itself."""

    __table_args__ = (
        CheckConstraint("kind IN ('matching', 'roster')", name="kind_known"),
        CheckConstraint("status IN ('optimal', 'feasible', 'none')", name="status_known"),
        Index(None, "kind", "finished_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    territory_id: str | None = Field(default=None, foreign_key="territory.id", index=True)
    kind: str
    day: date
    seed: int = Field(sa_type=BigInteger)
    status: str
    summary: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    problem_digest: str
    finished_at: datetime


class CommuneFigure(Row, table=True):
    """What may be published of a commune after a matching; an empty count is a hidden one."""

    __tablename__ = "commune_figure"

    run_id: int = Field(primary_key=True, foreign_key="run.id")
    code_insee: str = Field(primary_key=True, foreign_key="commune.code_insee")
    patients: int | None = None
    proposed: int | None = None
    waiting: int | None = None
    accepting_doctors: int
    places_open: int
