"""The commands by name.

Exit status: 0 done, 2 something given cannot be accepted (a file, an option, a folder, a setting),
1 a bug of ours, 3 something is wrong with the store, 130 stopped by Ctrl+C.
"""

from collections.abc import Callable

import typer

from api.commands import account, imports, matching, repair, roster, service, store

app = typer.Typer(
    help="Relève : des médecins traitants pour qui n'en a pas, des médecins pour les gardes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "match": matching.match,
    "match-many": matching.match_many,
    "explain": matching.explain,
    "what-if": matching.suppose,
    "roster": roster.fill,
    "repair": repair.mend,
    "explain-roster": repair.explain,
    "standings": roster.show_standings,
    "calendar": roster.show_calendar,
    "slots": roster.make_slots,
    "demo": service.make_demo,
    "serve": service.serve,
    "import": imports.bring_in,
    "undo-import": imports.take_back,
    "migrate": store.migrate,
    "backup": store.save,
    "restore": store.restore,
    "check-store": store.check,
    "purge": store.simulate_purge,
    "add-account": account.add,
    "add-key": account.add_key,
    "revoke-key": account.revoke_key,
    "directories": service.show_directories,
    "jobs": service.run_jobs,
    "run-job": service.run_job,
}

for name, command in COMMANDS.items():
    app.command(name)(command)


def main() -> None:
    """Entry point of the `releve` command."""
    app()
