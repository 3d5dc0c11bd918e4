"""Answers to people about one roster: why this doctor, what would fill a hole, who carries what.

All as data. What something costs is what the best roster then loses to the best one now, found by
solving again.
"""
