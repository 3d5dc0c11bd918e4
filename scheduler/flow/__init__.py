"""The roster as one flow: see `graph` for what flows, `laminar` for where it applies."""
