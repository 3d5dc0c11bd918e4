"""What a service can refuse.

    ServiceError
    ├── Forbidden            the viewer may not
    ├── TakenLogin           an account has this login already
    ├── ChangedSince         rows of an import were changed by something else
    ├── NothingToUndo        no import that could be undone
    ├── UnknownCommune       no such commune in the store
    ├── UnknownKey           no key for programs has this identifier
    ├── UnknownPatient       no such file of a patient in the store
    ├── UnknownTerritory     no such territory in the store
    ├── UnusablePlace        a place that is not given, or given twice
    ├── UnreadableInstant    a text that is not an instant
    └── UnusableRows         rows that contradict each other or the store

Each carries data, not prose: the edges hold the status codes and the French sentences.
"""


class ServiceError(Exception):
    """The service refuses."""


class Forbidden(ServiceError):
    """The viewer may not see or do this."""

    def __init__(self, reason: str, *, known: bool = False) -> None:
        """`known`: whether somebody has shown who they are, and still may not."""
        super().__init__(reason)
        self.reason, self.known = reason, known


class TakenLogin(ServiceError):
    """An account is entered under this login already."""

    def __init__(self, login: str) -> None:
        super().__init__(login)
        self.login = login


class UnknownTerritory(ServiceError):
    """No territory of the store has this identifier."""

    def __init__(self, territory_id: str) -> None:
        super().__init__(territory_id)
        self.territory_id = territory_id


class ChangedSince(ServiceError):
    """An import is not undone: `rows` of its rows were changed since, or are referred to."""

    def __init__(self, kind: str, rows: int) -> None:
        super().__init__(f"{kind}: {rows}")
        self.kind = kind
        self.rows = rows


class NothingToUndo(ServiceError):
    """No import of this kind into this territory is left to undo."""

    def __init__(self, kind: str, territory_id: str) -> None:
        super().__init__(f"{kind}: {territory_id}")
        self.kind = kind
        self.territory_id = territory_id


class UnknownCommune(ServiceError):
    """No commune of the store has this code."""

    def __init__(self, code_insee: str) -> None:
        super().__init__(code_insee)
        self.code_insee = code_insee


class UnknownKey(ServiceError):
    """No key for programs has this identifier."""

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


class UnknownPatient(ServiceError):
    """No file of a patient has this identifier."""

    def __init__(self, patient_id: str) -> None:
        super().__init__(patient_id)
        self.patient_id = patient_id


class UnusablePlace(ServiceError):
    """Not one place: `fault` is `none`, `half` (a point without one of its axes) or `two`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class UnreadableInstant(ServiceError):
    """The text is not an instant; `fault` says which way: see `instants.Fault`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class UnusableRows(ServiceError):
    """Rows that cannot be recorded: `ids` of `table` are at fault, in the way of `fault`."""

    def __init__(self, table: str, fault: str, ids: tuple[str, ...]) -> None:
        super().__init__(f"{table}: {fault}: {', '.join(ids[:10])}")
        self.table = table
        self.fault = fault
        self.ids = ids
