"""Why a directory gives no answer. None of these says what it was asked."""


class DirectoryError(Exception):
    """A directory gave no usable answer."""

    def __init__(self, directory: str, why: str) -> None:
        super().__init__(f"{directory}: {why}")
        self.directory = directory


class Off(DirectoryError):
    """Its address is not in the settings: nothing was sent."""

    def __init__(self, directory: str) -> None:
        super().__init__(directory, "off")


class Down(DirectoryError):
    """It does not answer, or only that it cannot; or it is left alone for a while."""


class Refused(DirectoryError):
    """It does not accept what is asked, or who asks."""

    def __init__(self, directory: str, status: int) -> None:
        super().__init__(directory, f"HTTP {status}")
        self.status = status


class Unreadable(DirectoryError):
    """What it answers is not what it promised."""

    def __init__(self, directory: str) -> None:
        super().__init__(directory, "unreadable answer")
