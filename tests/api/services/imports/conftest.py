import pytest
from sqlalchemy import Engine

from tests.api.services.imports import files


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A store of two territories, without patients and doctors."""
    files.fill(engine)
    return engine
