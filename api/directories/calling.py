"""One way to call a directory: time-outs, a few more tries, and rest for one that does not answer.

A call may last for `ATTEMPTS` times its time-outs and the waits between: make none within a
transaction that writes, where everybody else would wait as long.
"""

import csv
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self, TypeVar

import httpx

from api.directories import errors
from api.directories.breaker import Breaker

LOG = logging.getLogger("releve.directories")

# These two would write whole addresses into the log, with what is asked for in them.
for _noisy in ("httpx", "httpcore"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)

ATTEMPTS = 3
"""The first one included."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 4.0
"""Before the second attempt at most so long, twice as long before the next, up to the longest."""

LONGEST_ASKED_WAIT_SECONDS = 10.0
"""A directory that asks us to come back later than that is down for us."""

PASSING = {408, 429, 500, 502, 503, 504}
"""Statuses of something that may be over at the next attempt."""

NO_ENTRY = {401, 403}
"""Statuses that say that our key is wrong: no other question fares better."""

OK, FIRST_SERVER_ERROR = 200, 500

UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    csv.Error,
)
"""What reading an answer raises when it is not as promised."""

T = TypeVar("T")


@dataclass(frozen=True)
class Timing:
    """How time passes, and chance: tests give their own and wait for nothing."""

    now: Callable[[], datetime]
    """The present, for records."""
    clock: Callable[[], float] = time.monotonic
    """Seconds that only ever go on."""
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = secrets.SystemRandom().random
    """From 0 included to 1 excluded."""


@dataclass(frozen=True)
class Limits:
    """How long an answer may take, in seconds, and how large it may be."""

    connect_seconds: float = 2.0
    read_seconds: float = 5.0
    """Between two pieces of an answer."""
    whole_seconds: float = 20.0
    """For the body of one, to the end."""
    most_bytes: int = 32 * 1024 * 1024


@dataclass(frozen=True)
class Asked:
    """A question: not printed, because it may name a place or a person."""

    path: str = field(repr=False)
    """Below the address of the directory, or a whole address."""
    parameters: Mapping[str, str | int] | None = field(default=None, repr=False)
    form: Mapping[str, str | list[str]] | None = field(default=None, repr=False)
    """Sent with a file, by POST; without a file the question is a GET."""
    file: bytes | None = field(default=None, repr=False)
    read_seconds: float | None = None
    """If it takes the directory longer than usual."""


@dataclass(frozen=True)
class _Failure:
    error: errors.DirectoryError
    may_pass: bool = False
    asked_wait_seconds: float | None = None


class Caller:
    """Asks one directory; several threads may share it. Off without an address.

    `told` hears after each question whether there was a usable answer.
    """

    def __init__(
        self,
        name: str,
        url: str | None,
        timing: Timing,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        told: Callable[[str, bool, datetime], None] | None = None,
    ) -> None:
        self.name = name
        self.timing = timing
        self._limits = limits or Limits()
        self._told = told
        self._breaker = Breaker(timing.clock)
        self._client = None if url is None else self._opened(url, headers or {})

    def _opened(self, url: str, headers: Mapping[str, str]) -> httpx.Client:
        limits = self._limits
        return httpx.Client(
            base_url=url,
            headers={"User-Agent": "releve", **headers},
            timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give its connections back."""
        if self._client is not None:
            self._client.close()

    @property
    def is_on(self) -> bool:
        """Whether its address is in the settings."""
        return self._client is not None

    def is_within(self, address: str) -> bool:
        """Whether an address that an answer names is one of this directory, to be asked too."""
        if self._client is None:
            return False
        try:
            ours, theirs = self._client.base_url, httpx.URL(address)
        except httpx.InvalidURL:
            return False
        same = (ours.scheme, ours.host, ours.port) == (theirs.scheme, theirs.host, theirs.port)
        return same and not theirs.userinfo

    def ask(self, asked: Asked, read: Callable[[bytes], T]) -> T:
        """Ask, and read the answer.

        Raises Off; Down if no attempt is answered, or none is made because too many were not;
        Refused; Unreadable if `read` cannot make anything of the answer.
        """
        if self._client is None:
            raise errors.Off(self.name)
        if not self._breaker.lets_pass():
            raise errors.Down(self.name, "left alone, because it did not answer")
        answer = self._insistently(self._client, asked)
        found = self._read(answer, read) if isinstance(answer, bytes) else answer
        self._note(found)
        if isinstance(found, _Failure):
            raise found.error
        return found

    def _insistently(self, client: httpx.Client, asked: Asked) -> bytes | _Failure:
        answer = self._attempt(client, asked)
        for number in range(1, ATTEMPTS):
            wait = self._wait_seconds(answer, number)
            if wait is None:
                break
            self.timing.sleep(wait)
            answer = self._attempt(client, asked)
        return answer

    def _wait_seconds(self, answer: bytes | _Failure, number: int) -> float | None:
        """How long to wait before another attempt; None if there is to be none."""
        if isinstance(answer, bytes) or not answer.may_pass:
            return None
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** (number - 1))
        jitter = wait * self.timing.draw()
        asked = answer.asked_wait_seconds
        if asked is None:
            return jitter
        return asked + jitter if asked <= LONGEST_ASKED_WAIT_SECONDS else None

    def _attempt(self, client: httpx.Client, asked: Asked) -> bytes | _Failure:
        # What httpx raises carries the address: it ends here, and nothing is raised from it.
        try:
            answer = self._sent(client, asked)
        except httpx.TimeoutException:
            answer = self._down("no answer in time")
        except httpx.DecodingError:
            answer = _Failure(errors.Unreadable(self.name))
        except (httpx.HTTPError, httpx.InvalidURL):
            answer = self._down("cannot be reached")
        if isinstance(answer, _Failure):
            LOG.warning("%s", answer.error)
        return answer

    def _sent(self, client: httpx.Client, asked: Asked) -> bytes | _Failure:
        with client.stream(
            "GET" if asked.file is None else "POST",
            asked.path,
            params=asked.parameters,
            data=asked.form,
            files=None if asked.file is None else {"data": ("data.csv", asked.file, "text/csv")},
            timeout=self._timeout(asked),
        ) as response:
            if response.status_code != OK:
                return self._failure(response)
            return self._body(response)

    def _timeout(self, asked: Asked) -> httpx.Timeout:
        read = asked.read_seconds or self._limits.read_seconds
        return httpx.Timeout(read, connect=self._limits.connect_seconds)

    def _body(self, response: httpx.Response) -> bytes | _Failure:
        pieces, size = [], 0
        ends = self.timing.clock() + self._limits.whole_seconds
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > self._limits.most_bytes:
                return _Failure(errors.Unreadable(self.name))
            if self.timing.clock() > ends:
                return self._down("no whole answer in time")
        return b"".join(pieces)

    def _failure(self, response: httpx.Response) -> _Failure:
        status = response.status_code
        if status not in PASSING and status < FIRST_SERVER_ERROR:
            return _Failure(errors.Refused(self.name, status))
        down = errors.Down(self.name, f"HTTP {status}")
        wait = _asked_wait(response.headers.get("Retry-After"), self.timing.now())
        return _Failure(down, status in PASSING, wait)

    def _down(self, why: str) -> _Failure:
        return _Failure(errors.Down(self.name, why), may_pass=True)

    def _read(self, body: bytes, read: Callable[[bytes], T]) -> T | _Failure:
        # What reading raises may hold a part of the answer: it ends here.
        with suppress(*UNREADABLE):
            return read(body)
        return _Failure(errors.Unreadable(self.name))

    def _note(self, answer: object) -> None:
        error = answer.error if isinstance(answer, _Failure) else None
        # Whoever refuses one question is up, unless it is us who are refused.
        usable = error is None or (
            isinstance(error, errors.Refused) and error.status not in NO_ENTRY
        )
        if usable:
            self._breaker.succeeded()
        else:
            self._breaker.failed()
        if self._told is not None:
            self._told(self.name, usable, self.timing.now())


def as_json(body: bytes) -> Any:
    """The JSON of an answer; ValueError if it is none."""
    return json.loads(body)


def _asked_wait(said: str | None, now: datetime) -> float | None:
    """The seconds that `Retry-After` asks for, in either of its forms; None if it does not."""
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    try:
        instant = parsedate_to_datetime(said)
    except ValueError:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
