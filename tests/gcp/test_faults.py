"""Armed faults do what they say, to the calls that they are for, as often as they say."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gcp.client import Plain, failed, reason, refused, said
from tests.gcp.place import ALIAS, NAME, ROUTED, Place
from vipswitch.testing.gcp import Drop, GcpError

INSERT = "compute.routes.insert"


def _insert(place: Place, name: str = "vip") -> int:
    return place.ask("POST", "global/routes", place.route(name)).status


def _there(place: Place) -> list[str]:
    """The routes when all operations have ended."""
    place.cloud.finish()
    return [route["name"] for route in place.cloud.routes()]


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("seconds", [None, 7])
def test_throttling_refuses_as_often_as_it_was_armed(
    status: int, seconds: int | None, place: Place, ask: Plain
) -> None:
    """403 rateLimitExceeded or 429, with or without Retry-After, and nothing is done."""
    place.cloud.faults.throttle(2, INSERT, status=status, retry_after=seconds)
    refusals = [ask("POST", "global/routes", place.route()) for _ in range(2)]
    assert [reason(one) for one in refusals] == [(status, "rateLimitExceeded")] * 2
    assert {one.headers.get("Retry-After") for one in refusals} == {None if seconds is None else "7"}
    assert said(refusals[0])["error"]["errors"][0]["domain"] == "usageLimits"
    assert (_there(place), _insert(place)) == ([], 200)


@pytest.mark.parametrize(("status", "why"), [(500, "internalError"), (503, "backendError")])
def test_an_unavailable_cloud_does_nothing(status: int, why: str, place: Place, ask: Plain) -> None:
    """The write before its commit."""
    place.cloud.faults.unavailable(1, INSERT, status=status)
    assert reason(ask("POST", "global/routes", place.route())) == (status, why)
    assert _there(place) == []


def test_an_answer_may_be_lost_after_the_commit(place: Place) -> None:
    """5xx, or no answer at all, and the operation goes on."""
    place.cloud.faults.unavailable_after(1, INSERT)
    assert (_insert(place, "a"), _there(place)) == (503, ["a"])
    place.cloud.faults.drop_after(1, INSERT)
    with pytest.raises(Drop):
        _insert(place, "b")
    assert _there(place) == ["a", "b"]


def test_a_dropped_request_does_nothing(place: Place) -> None:
    """The connection ends before the work."""
    place.cloud.faults.drop_before(1, INSERT)
    with pytest.raises(Drop):
        _insert(place)
    assert _there(place) == []


def test_a_denial_names_permission_and_resource(place: Place, ask: Plain) -> None:
    """403, until it is disarmed; the token is not in the text."""
    rule = place.cloud.faults.deny("compute.routes.*")
    told = refused(ask("GET", "global/routes/vip"))
    wanted = "Required 'compute.routes.get' permission for 'projects/vipswitch-test/global/routes/vip'"
    assert told == (403, "forbidden", wanted)
    rule.disarm()
    assert _insert(place) == 200


def test_a_quota_may_be_used_up(place: Place, ask: Plain) -> None:
    """403 quotaExceeded, which is no throttling."""
    place.cloud.faults.quota()
    assert reason(ask("POST", "global/routes", place.route())) == (403, "quotaExceeded")


def test_any_refusal_may_be_armed(place: Place, ask: Plain) -> None:
    """Once, unless told otherwise."""
    place.cloud.faults.refuse(GcpError(400, "invalid", "no"), INSERT)
    assert [_insert(place), _insert(place)] == [400, 200]


def test_refused_tokens_are_answered_with_a_challenge(place: Place, ask: Plain) -> None:
    """401 authError and WWW-Authenticate."""
    place.cloud.faults.refuse_tokens(1)
    refusal = ask("GET", "global/routes")
    assert reason(refusal) == (401, "authError")
    assert refusal.headers["WWW-Authenticate"].startswith("Bearer realm=")
    assert said(refusal)["error"]["status"] == "UNAUTHENTICATED"


def test_a_delayed_write_waits_alone(place: Place, ask: Plain) -> None:
    """Others are answered meanwhile."""
    place.cloud.faults.delay(0.1, INSERT)
    with ThreadPoolExecutor(1) as threads:
        write = threads.submit(_insert, place)
        assert ask("GET", "global/routes").status == 200
        assert not write.done()
        assert write.result() == 200


@pytest.mark.parametrize("answer", [False, True])
def test_a_held_write_does_its_work_when_it_is_released(answer: bool, place: Place) -> None:
    """That is how the write of a dead process reaches the cloud late; a held answer has its work done."""
    faults = place.cloud.faults
    gate = faults.hold_answer(INSERT) if answer else faults.hold(INSERT)
    with ThreadPoolExecutor(1) as threads:
        write = threads.submit(_insert, place)
        assert gate.arrived.wait(5)
        assert _there(place) == (["vip"] if answer else [])
        gate.release()
        assert (write.result(), _there(place)) == (200, ["vip"])


def test_faults_are_for_one_resource_one_client_or_any(place: Place) -> None:
    """By the last name of the resource, of an insert that of the route to be, and by the address."""
    place.cloud.faults.throttle(None, INSERT, on="a")
    place.cloud.faults.throttle(None, INSERT, source="127.0.0.9")
    place.cloud.faults.throttle(None, "*.insert", where=lambda call: call.json()["priority"] == 5)
    assert [_insert(place, name) for name in ("a", "b")] == [403, 200]
    assert place.ask("POST", "global/routes", place.route("c", priority=5)).status == 403
    place.cloud.faults.clear()
    assert _insert(place, "a") == 200


def test_somebody_else_may_write_in_between(place: Place, ask: Plain) -> None:
    """Between what was read and the next write, of any kind."""
    body = place.alias(ALIAS)
    place.cloud.faults.foreign_write(None, lambda: place.hold("10.0.1.60/32"))
    ask.json(place.path())
    answer = ask("PATCH", place.path(0, "updateNetworkInterface"), body, networkInterface="nic0")
    assert reason(answer) == (412, "conditionNotMet")
    assert place.aliases() == ["10.0.1.60/32"]


def test_something_may_happen_between_commit_and_answer(place: Place) -> None:
    """Once."""
    seen: list[list[str]] = []
    place.cloud.faults.after_commit(INSERT, lambda: seen.append(_there(place)))
    assert [_insert(place, "a"), _insert(place, "b")] == [200, 200]
    assert seen == [["a"]]


def test_a_stuck_operation_never_ends(place: Place, ask: Plain) -> None:
    """Until it is told to; what comes after it waits, too."""
    place.cloud.faults.stuck()
    operation = ask.done("POST", "global/routes", place.route())
    path = f"global/operations/{operation['name']}"
    assert {ask.json(path)["status"] for _ in range(5)} == {"RUNNING"}
    assert _there(place) == []
    place.cloud.finish(stuck=True)
    assert failed(ask.json(path)) is None
    assert place.cloud.next_hops(ROUTED) == [place.nodes[0].path]


def test_a_stuck_change_stays_pending(place: Place, ask: Plain) -> None:
    """It is read, and not served."""
    place.cloud.faults.stuck(1, "dns.*")
    added = {"name": NAME, "type": "A", "ttl": 20, "rrdatas": ["10.0.1.50"]}
    ask.done("POST", "managedZones/public/changes", {"additions": [added]})
    place.cloud.finish()
    assert ask.json("managedZones/public/changes/1")["status"] == "pending"
    assert (NAME, "A") not in place.cloud.served("public")


def test_an_operation_may_fail_when_it_ends(place: Place, ask: Plain) -> None:
    """With any error; its work is not done."""
    place.cloud.faults.fail_operation("RESOURCE_NOT_READY", "Not now.", action=INSERT, status=503)
    told = ask.ended(ask.done("POST", "global/routes", place.route()))
    assert told["error"] == {"errors": [{"code": "RESOURCE_NOT_READY", "message": "Not now."}]}
    assert (told["httpErrorStatusCode"], told["httpErrorMessage"]) == (503, "SERVICE UNAVAILABLE")
    assert _there(place) == []
    assert _insert(place) == 200


def test_reads_may_be_old(place: Place, ask: Plain) -> None:
    """So many of what was written, lists among them; the next write is not affected."""
    place.cloud.faults.stale_reads(2)
    _insert(place)
    assert _there(place) == ["vip"]
    assert ask("GET", "global/routes/vip").status == 404
    assert "items" not in ask.json("global/routes")
    assert ask.json("global/routes/vip")["name"] == "vip"
    place.cloud.faults.stale_reads(1)
    ask.done("DELETE", "global/routes/vip")
    place.cloud.finish()
    assert [one["name"] for one in ask.json("global/routes")["items"]] == ["vip"]
    assert "items" not in ask.json("global/routes")


def test_reads_of_aliases_and_records_may_be_old(place: Place, ask: Plain) -> None:
    """A write that is made of an old read is refused."""
    place.cloud.faults.stale_reads(1)
    path = place.path(0, "updateNetworkInterface")
    ask.ended(ask.done("PATCH", path, place.alias(ALIAS), networkInterface="nic0"))
    nic = ask.json(place.path())["networkInterfaces"][0]
    assert "aliasIpRanges" not in nic
    body = {"aliasIpRanges": [], "fingerprint": nic["fingerprint"]}
    assert reason(ask("PATCH", path, body, networkInterface="nic0")) == (412, "conditionNotMet")
    place.cloud.faults.stale_reads(1)
    added = {"name": NAME, "type": "A", "ttl": 20, "rrdatas": ["10.0.1.50"]}
    ask.done("POST", "managedZones/public/changes", {"additions": [added]})
    counts = [len(ask.json("managedZones/public/rrsets", name=NAME)["rrsets"]) for _ in range(2)]
    assert counts == [0, 1]


def test_the_end_of_the_cloud_ends_every_wait(place: Place) -> None:
    """The calls that waited are dropped with their work undone."""
    place.cloud.faults.hold(INSERT, times=2)
    dropped = threading.Event()

    def write() -> None:
        with pytest.raises(Drop):
            _insert(place)
        dropped.set()

    thread = threading.Thread(target=write)
    thread.start()
    place.cloud.faults.close()
    assert dropped.wait(5)
    thread.join()
    assert _there(place) == []
