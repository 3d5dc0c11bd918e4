"""Figures about the service for Prometheus: how much, how fast, how old; about nobody.

Labels are few by construction: templates of routes, known methods, classes of status, names of
jobs. Each application has figures of its own, and what the database knows is asked at each look.
"""

import platform
import secrets
from datetime import datetime
from http import HTTPStatus
from importlib import metadata

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from api import gate, logs
from api.services import access, ages
from store import session as stores

router = APIRouter(include_in_schema=False)

UNKNOWN = "unknown"
"""The route of every address that no route has."""

GONE = "gone"
"""The status of a request whose asker was gone before the answer."""

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds: a page takes some hundredths, a writer waits up to five seconds for another one."""


class Meters:
    """The figures that one application counts while it answers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "releve_requests",
            "Requests answered, by template of the route, method and class of status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "releve_request_duration_seconds",
            "From the first look at a request to the last byte of its answer.",
            ("route", "method"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._in_progress = Gauge(
            "releve_requests_in_progress", "Requests being answered.", registry=self.registry
        )
        built = Info("releve_build", "The version that runs.", registry=self.registry)
        built.info({"version": metadata.version("releve"), "python": platform.python_version()})
        ProcessCollector(registry=self.registry)

    def begun(self) -> None:
        """A request has come."""
        self._in_progress.inc()

    def answered(self, exchange: logs.Exchange) -> None:
        """It was answered, or given up."""
        self._in_progress.dec()
        route = exchange.route or UNKNOWN
        self._requests.labels(route, exchange.method, _class_of(exchange.status)).inc()
        self._seconds.labels(route, exchange.method).observe(exchange.seconds)


def _class_of(status: int | None) -> str:
    return GONE if status is None else f"{status // 100}xx"


def may_read(request: Request) -> access.Answer:
    """Whoever shows the token of the metrics, as `Bearer`; nobody where none is set."""
    token = gate.settings(request).metrics_token
    if token is None:
        return access.Answer(False, access.Reason.SWITCHED_OFF)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    known = secrets.compare_digest(given.strip().encode(), token.get_secret_value().encode())
    return access.Answer(known and scheme.lower() == "bearer", access.Reason.FOR_METRICS)


@router.get("/metrics")
def metrics(request: Request, session: gate.CurrentSession, now: gate.Now) -> Response:
    """Everything that is counted, in the text format of Prometheus."""
    meters: Meters = request.app.state.meters
    seen = CollectorRegistry()
    _tell_pool(seen, stores.pool_counts(request.app.state.engine))
    _tell_ages(seen, session, now)
    return Response(
        generate_latest(meters.registry) + generate_latest(seen),
        HTTPStatus.OK,
        {"cache-control": "no-store"},
        media_type=CONTENT_TYPE_LATEST,
    )


def _tell_pool(registry: CollectorRegistry, counts: stores.PoolCounts) -> None:
    connections = Gauge(
        "releve_database_connections",
        "Connections to the database: in use, and open but idle.",
        ("state",),
        registry=registry,
    )
    connections.labels("in_use").set(counts.in_use)
    connections.labels("idle").set(counts.idle)
    size = Gauge("releve_database_pool_size", "Connections kept open.", registry=registry)
    size.set(counts.size)


def _tell_ages(registry: CollectorRegistry, session: stores.Session, now: datetime) -> None:
    reached = Gauge(
        "releve_database_up", "1 if the database answered this look.", registry=registry
    )
    try:
        found = ages.of_work(session, now)
    except stores.Unreachable:
        return
    reached.set(1)
    for name, help_text, label, seconds in (
        (
            "releve_job_last_success_age_seconds",
            "Since each job last ended well; no line for one that never did.",
            "job",
            found.jobs,
        ),
        (
            "releve_run_last_age_seconds",
            "Since the last matching and the last roster; no line before the first.",
            "kind",
            found.runs,
        ),
    ):
        gauge = Gauge(name, help_text, (label,), registry=registry)
        for of, age in seconds.items():
            gauge.labels(of).set(age)
