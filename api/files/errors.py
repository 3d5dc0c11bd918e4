"""The refusals of the file layer.

FilesError
├── FileRefused      a file, or rows of it, cannot be accepted
└── OutputRefused    the results cannot be written where asked
"""

from collections.abc import Sequence
from pathlib import Path

from api.files import outcome


class FilesError(Exception):
    """Something is wrong with a file; the text is a French sentence."""


class FileRefused(FilesError):
    """Input that cannot be accepted; `rejects` says where and why, never empty."""

    def __init__(self, rejects: Sequence[outcome.Reject]) -> None:
        self.rejects = list(rejects)
        super().__init__("\n".join(outcome.sentence(reject) for reject in self.rejects))


class OutputRefused(FilesError):
    """The output folder `path` cannot be used; `reason` is the rest of a French sentence."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"Impossible d'écrire dans {path} : {reason}.")
