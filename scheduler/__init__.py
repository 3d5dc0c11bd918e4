"""Who is on duty when: a pure optimisation library.

`problem.problem(...)` states the question, `solve.solve(...)` answers it level after level,
`check.check(...)` recounts the answer without the model, `explain` says why seats stay empty.
"""
