import numpy as np
from hypothesis import given, settings

import matcher
from matcher.rematch import carried_over
from tests.matcher import cramped


@settings(max_examples=100, deadline=None)
@given(patients=cramped.patients(8), doctors=cramped.doctors(4))
def test_a_tree_carried_over_to_the_same_round_is_the_same_tree(
    patients: list[cramped.Record], doctors: list[cramped.Record]
) -> None:
    proof = matcher.prove(matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3))

    basis = carried_over(proof, proof.problem, proof.fold)

    before = proof.flow.basis
    assert basis is not None
    assert before is not None
    sink = basis.parent.size - 1
    for name in ("parent", "arc", "segment", "high", "low"):
        carried, known = getattr(basis, name), getattr(before, name)
        assert np.array_equal(carried[:sink], known[:sink]), name
    assert basis.arcs is before.arcs
