"""What the house does, in sentences of the trade: services load, decide and record.

They take the session, on whose behalf they work and what time it is; they never commit, read
the clock or write text for people.
"""
