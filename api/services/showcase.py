"""The accounts of the demonstration: one a role, all with the same published password.

Nobody enters with one of them outside demonstration mode, whatever store they are in: their
identifiers say what they are (`entry.DEMO_PREFIX`).
"""

from api.services import entry
from api.services.access import Role
from api.services.entry import Door

PASSWORD = "demonstration"  # noqa: S105 - opens nothing but the demonstration

LOGINS = {
    Role.DESK: "regulation",
    Role.COORDINATOR: "coordination",
    Role.DOCTOR: "medecin",
    Role.DELEGATE: "secretariat",
    Role.CPAM: "caisse",
    Role.CDOM: "ordre",
    Role.ARS: "agence",
    Role.ADMIN: "administration",
    Role.DPO: "donnees",
}
"""What is typed to be somebody of each role."""


def open_accounts(door: Door, territory_id: str) -> None:
    """Make an account for each role of a territory."""
    for role, login in LOGINS.items():
        made = door.register(
            login=login,
            family_name="Démonstration",
            given_name=login.capitalize(),
            account_id=f"{entry.DEMO_PREFIX}{role}",
        )
        door.set_password(made, PASSWORD)
        door.give(made, role, territory_id, by="demo")
