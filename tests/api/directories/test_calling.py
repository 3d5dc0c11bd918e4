import logging
import threading
import traceback
from datetime import datetime
from itertools import count

import pytest

from api.directories import breaker, errors
from api.directories.calling import ATTEMPTS, Asked, Limits, Timing, as_json
from tests.api.directories.conftest import SHORT, Open, Time
from tests.api.directories.server import Local, Reply, said

ADDRESS = "12 rue de la Chapelle"
QUESTION = Asked("/search", {"q": ADDRESS})
GOOD = said({"found": 1})
BROKEN = said({"why": ADDRESS}, status=500)


def test_an_answer_is_read(server: Local, opened: Open) -> None:
    server.replies(GOOD)

    assert opened().ask(QUESTION, as_json) == {"found": 1}
    assert [(it.method, it.path, it.query) for it in server.requests] == [
        ("GET", "/search", {"q": ADDRESS})
    ]


def test_the_path_of_the_address_and_the_headers_are_kept(server: Local, opened: Open) -> None:
    server.replies(GOOD)
    caller = opened(url=f"{server.url}/fhir/v2", headers={"ESANTE-API-KEY": "k"})

    caller.ask(QUESTION, as_json)

    assert server.requests[0].path == "/fhir/v2/search"
    assert server.requests[0].headers["esante-api-key"] == "k"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again_after_longer_and_longer_waits(
    server: Local, opened: Open, time: Time, status: int
) -> None:
    server.replies(Reply(status), Reply(status), GOOD)

    assert opened().ask(QUESTION, as_json) == {"found": 1}
    assert time.waits == [0.25, 0.5]


def test_attempts_are_bounded(server: Local, opened: Open) -> None:
    server.replies(BROKEN)

    with pytest.raises(errors.Down, match="HTTP 500"):
        opened().ask(QUESTION, as_json)

    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("3", 3.25),
        ("0", 0.25),
        ("Sat, 21 Nov 2026 12:00:07 GMT", 7.25),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.25),
        ("Sat, 21 Nov 2026 12:00:07 -0000", 7.25),
        ("soon", 0.25),
    ],
)
def test_a_directory_that_says_when_to_come_back_is_obeyed(
    server: Local, opened: Open, time: Time, asked: str, waited: float
) -> None:
    server.replies(Reply(429, headers={"Retry-After": asked}), GOOD)

    assert opened().ask(QUESTION, as_json) == {"found": 1}
    assert time.waits == [waited]


def test_a_directory_that_asks_for_a_long_wait_is_down_for_us(
    server: Local, opened: Open, time: Time
) -> None:
    server.replies(Reply(503, headers={"Retry-After": "3600"}), GOOD)

    with pytest.raises(errors.Down):
        opened().ask(QUESTION, as_json)

    assert (len(server.requests), time.waits) == (1, [])


@pytest.mark.parametrize("status", [302, 400, 401, 404, 422])
def test_a_refusal_is_not_tried_again(
    server: Local, elsewhere: Local, opened: Open, status: int
) -> None:
    server.replies(Reply(status, headers={"Location": f"{elsewhere.url}/search"}))

    with pytest.raises(errors.Refused) as refused:
        opened().ask(QUESTION, as_json)

    assert refused.value.status == status
    assert (len(server.requests), elsewhere.requests) == (1, [])


def test_a_directory_too_slow_to_answer_is_down(server: Local, opened: Open) -> None:
    server.replies(Reply(slow=True))

    with pytest.raises(errors.Down, match="no answer in time"):
        opened(limits=SHORT).ask(QUESTION, as_json)

    assert len(server.requests) == ATTEMPTS


def test_a_slow_attempt_does_not_spoil_the_next(server: Local, opened: Open) -> None:
    server.replies(Reply(slow=True), GOOD)

    assert opened(limits=SHORT).ask(QUESTION, as_json) == {"found": 1}


def test_an_answer_without_an_end_is_given_up(server: Local, opened: Open, time: Time) -> None:
    server.replies(Reply(body=b"[" + b" " * 200_000 + b"]"))
    seconds = count()
    caller = opened(limits=Limits(whole_seconds=0.5))
    caller.timing = Timing(now=time.now, clock=lambda: next(seconds), sleep=time.sleep)

    with pytest.raises(errors.Down, match="no whole answer"):
        caller.ask(QUESTION, as_json)


def test_where_nobody_listens_the_directory_is_down(opened: Open, time: Time) -> None:
    with pytest.raises(errors.Down, match="cannot be reached"):
        opened(url="http://127.0.0.1:1").ask(QUESTION, as_json)

    assert len(time.waits) == ATTEMPTS - 1


def test_an_answer_cut_short_is_asked_for_again(server: Local, opened: Open) -> None:
    server.replies(Reply(body=b'{"found":', announced=100), GOOD)

    assert opened().ask(QUESTION, as_json) == {"found": 1}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b'{"found": '),
        Reply(body=b"<html>maintenance</html>"),
        Reply(body=b"\xff\xfe\x00"),
        Reply(body=b""),
        Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
        Reply(body=b"[" * 100_000),
        Reply(body=b" " * 2_000_000),
    ],
    ids=["cut", "html", "bytes", "empty", "gzip", "deep", "large"],
)
def test_an_answer_that_is_not_as_promised_is_unreadable(
    server: Local, opened: Open, reply: Reply
) -> None:
    server.replies(reply)

    with pytest.raises(errors.Unreadable):
        opened(limits=Limits(most_bytes=1_000_000)).ask(QUESTION, as_json)

    assert len(server.requests) == 1


def test_a_directory_without_an_address_is_off_and_nothing_is_sent(
    server: Local, opened: Open
) -> None:
    caller = opened(url=None)

    with pytest.raises(errors.Off):
        caller.ask(QUESTION, as_json)

    assert not caller.is_on
    assert not caller.is_within(server.url)
    assert server.requests == []


def test_a_directory_that_does_not_answer_is_left_alone_for_a_while(
    server: Local, opened: Open, time: Time
) -> None:
    server.replies(BROKEN)
    caller = opened()
    for _ in range(breaker.OPENS_AFTER):
        with pytest.raises(errors.Down, match="HTTP 500"):
            caller.ask(QUESTION, as_json)
    asked = len(server.requests)

    with pytest.raises(errors.Down, match="left alone"):
        caller.ask(QUESTION, as_json)
    assert len(server.requests) == asked

    server.replies(GOOD)
    time.passed += breaker.REST_SECONDS
    assert caller.ask(QUESTION, as_json) == {"found": 1}
    assert caller.ask(QUESTION, as_json) == {"found": 1}


@pytest.mark.parametrize(("status", "left_alone"), [(404, False), (401, True), (403, True)])
def test_refusals_of_questions_open_nothing_but_a_wrong_key_does(
    server: Local, opened: Open, status: int, left_alone: bool
) -> None:
    server.replies(Reply(status))
    caller = opened()
    for _ in range(breaker.OPENS_AFTER):
        with pytest.raises(errors.Refused):
            caller.ask(QUESTION, as_json)

    with pytest.raises(errors.Down if left_alone else errors.Refused):
        caller.ask(QUESTION, as_json)


def test_who_wants_to_know_hears_how_each_question_ended(server: Local, opened: Open) -> None:
    heard: list[tuple[str, bool]] = []

    def told(name: str, usable: bool, _: datetime) -> None:
        heard.append((name, usable))

    server.replies(GOOD)
    caller = opened("osrm", told=told)
    caller.ask(QUESTION, as_json)
    for reply in (Reply(404), Reply(403), BROKEN, Reply(body=b"?")):
        server.replies(reply)
        with pytest.raises(errors.DirectoryError) as raised:
            caller.ask(QUESTION, as_json)
        assert raised.value.directory == "osrm"

    assert heard == [("osrm", usable) for usable in (True, True, False, False, False)]


@pytest.mark.parametrize(
    "reply",
    [
        BROKEN,
        Reply(404, ADDRESS.encode()),
        Reply(body=f'{{"label": "{ADDRESS}'.encode()),
        Reply(slow=True),
        Reply(body=ADDRESS.encode(), announced=1_000),
    ],
    ids=["broken", "refused", "unreadable", "slow", "cut"],
)
def test_neither_log_nor_error_names_what_was_asked(
    server: Local, opened: Open, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    server.replies(reply)
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.DirectoryError) as raised:
        opened(limits=SHORT).ask(QUESTION, as_json)

    error = raised.value
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(QUESTION) + caplog.text
    assert "Chapelle" not in told
    assert (error.__context__, error.__cause__) == (None, None)


def test_a_question_that_is_answered_leaves_nothing_in_the_log(
    server: Local, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies(GOOD)
    with caplog.at_level(logging.DEBUG):
        opened().ask(QUESTION, as_json)

    assert [it for it in caplog.messages if "search" in it or "127.0.0.1" in it] == []


def test_only_addresses_of_the_same_server_are_within(opened: Open) -> None:
    caller = opened(url="https://gateway.example/fhir/v2")

    assert caller.is_within("https://gateway.example/fhir/v2?page=2")
    for other in (
        "http://gateway.example/fhir/v2",
        "https://gateway.example:8443/",
        "https://example/fhir/v2",
        "https://me@gateway.example/fhir/v2",
        "/fhir/v2?page=2",
        "https://[",
    ):
        assert not caller.is_within(other)


def test_of_many_who_ask_after_the_rest_one_passes() -> None:
    now = [0.0]
    shared = breaker.Breaker(lambda: now[0], opens_after=2, rest_seconds=10)
    for _ in range(2):
        assert shared.lets_pass()
        shared.failed()
    now[0] = 10.0
    passed: list[bool] = []
    threads = [
        threading.Thread(target=lambda: passed.append(shared.lets_pass())) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(passed) == [False] * 15 + [True]


def test_one_who_never_says_how_it_ended_keeps_nobody_out_for_long() -> None:
    now = [0.0]
    shared = breaker.Breaker(lambda: now[0], opens_after=1, rest_seconds=10)
    shared.failed()
    now[0] = 10.0
    assert shared.lets_pass()
    assert not shared.lets_pass()

    now[0] = 20.0
    assert shared.lets_pass()
    shared.failed()
    now[0] = 29.0
    assert not shared.lets_pass()


def test_failures_that_are_not_in_a_row_open_nothing() -> None:
    shared = breaker.Breaker(lambda: 0.0, opens_after=2)
    for _ in range(5):
        shared.failed()
        shared.succeeded()

    assert shared.lets_pass()
