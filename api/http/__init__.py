"""The interface for programs: JSON under `/api/v1`, and the state of the service."""
