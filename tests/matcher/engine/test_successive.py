import pytest

import matcher
from matcher.engine import successive
from tests.matcher import worlds
from tests.matcher.worlds import a_doctor, a_patient


def test_whoever_watches_sees_the_stages_and_may_stop_them() -> None:
    proof = matcher.prove(worlds.asked([a_patient("P"), a_patient("Q")], [a_doctor("D")]))
    asked = proof.fold.network, proof.goals, proof.costs
    shares: list[float] = []

    def stop(share: float) -> None:
        raise KeyboardInterrupt(share)

    successive.solve(*asked, watch=shares.append)

    assert shares == [0.0]
    with pytest.raises(KeyboardInterrupt):
        successive.solve(*asked, watch=stop)
