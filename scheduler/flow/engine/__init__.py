"""Minimum-cost flow by a network simplex on arcs written down, and the proof of what it finds.

Nothing here knows what flows: `network` is the question and the answer, `simplex.solve` goes from
one to the other, `certificate` proves it in plain NumPy.
"""
