"""Small territories for the commands, and the whole demonstration, built once."""

import socket
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from fixtures import metz, nancy, writing
from tests.api import commands


@dataclass(frozen=True)
class Finished:
    """A command that ended well: the folder of its inputs, that of its results, what it said."""

    inputs: Path
    out: Path
    said: Result


@pytest.fixture(scope="session")
def territory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The input files of 300 patients and 30 doctors, and of four weeks with 20 volunteers."""
    folder = tmp_path_factory.mktemp("territory")
    around_nancy = nancy.generate(1, commands.DAY, patients=300, doctors=30)
    around_metz = metz.generate(1, commands.DAY, weeks=4, doctors=20)
    writing.write(folder, around_nancy, around_metz)
    return folder


@pytest.fixture(scope="session")
def matched(territory: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    out = tmp_path_factory.mktemp("matched") / "out"
    return Finished(territory, out, commands.match(territory, out))


@pytest.fixture(scope="session")
def filled(territory: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    out = tmp_path_factory.mktemp("filled") / "out"
    return Finished(territory, out, commands.roster(territory, out))


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """`releve demo`, on a machine without any network."""
    out = tmp_path_factory.mktemp("demonstration") / "demo"

    def no_network(*_: object) -> None:
        raise AssertionError("the demonstration asks the network")

    with pytest.MonkeyPatch.context() as machine:
        for name in ("connect", "connect_ex", "sendto"):
            machine.setattr(socket.socket, name, no_network)
        said = commands.run("demo", "--out", out, "--date", commands.DAY)
    return Finished(out / "input", out, said)
