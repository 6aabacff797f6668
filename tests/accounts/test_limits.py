"""How often is too often: every row of the table, the wait it tells, and the office behind one address (K)."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from accounts import limits
from accounts.limits import LIMITS, Buckets, hit


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def pass_ms(self, milliseconds: int) -> None:
        self.now += milliseconds / 1000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(limits, "time", clock)
    return clock


def allowed_at_once(name: str, key: str) -> int:
    count = 0
    while not hit(name, key):
        count += 1
    return count


@pytest.mark.parametrize("name", LIMITS)
def test_as_many_as_the_burst_and_no_more(clock: Clock, name: str) -> None:
    burst = min(rate.burst or rate.amount for rate in LIMITS[name].rates)
    assert allowed_at_once(name, "192.0.2.1") == burst


@pytest.mark.parametrize("name", LIMITS)
def test_after_the_wait_that_was_told_it_goes_on(clock: Clock, name: str) -> None:
    for _ in range(3):
        while not (wait := hit(name, "192.0.2.1")):
            pass
        clock.pass_ms(wait)
        assert hit(name, "192.0.2.1") == 0


@pytest.mark.parametrize("name", LIMITS)
def test_one_does_not_count_for_another(clock: Clock, name: str) -> None:
    allowed_at_once(name, "192.0.2.1")
    assert hit(name, "192.0.2.2") == 0


def test_a_steady_writer_is_never_refused(clock: Clock) -> None:
    for _ in range(250):
        assert hit("messages_per_visitor", "v") == 0
        clock.pass_ms(1000)


def test_the_day_is_counted_beside_the_second(clock: Clock) -> None:
    sent = 0
    for _ in range(600):
        sent += hit("messages_per_visitor", "v") == 0
        clock.pass_ms(5000)
    assert 300 <= sent <= 300 + 600 * 5 * 300 // 86_400 + 1


def test_a_refused_hit_charges_nothing(clock: Clock) -> None:
    allowed_at_once("chats_per_visitor", "v")
    wait = hit("chats_per_visitor", "v")
    for _ in range(20):
        assert hit("chats_per_visitor", "v") == wait


def test_who_does_not_stop_is_muted_for_a_minute(clock: Clock) -> None:
    assert allowed_at_once("messages_per_visitor", "v") == 10
    assert hit("messages_per_visitor", "v") <= 1001
    assert hit("messages_per_visitor", "v") >= 60_000
    clock.pass_ms(59_000)
    assert hit("messages_per_visitor", "v") > 0
    clock.pass_ms(1_100)
    assert hit("messages_per_visitor", "v") == 0


def test_who_waits_as_told_is_never_muted(clock: Clock) -> None:
    for _ in range(200):
        if wait := hit("messages_per_visitor", "v"):
            assert wait <= 1001
            clock.pass_ms(max(wait, 25_000))


def test_two_hundred_visitors_of_one_office_chat(clock: Clock) -> None:
    for visitor in range(200):
        for limit in (
            "hello_per_address",
            "chats_per_address",
            "messages_per_address",
        ):
            assert hit(limit, "203.0.113.7") == 0, limit
        assert hit("messages_per_visitor", str(visitor)) == 0
        clock.pass_ms(50)


def test_one_household_of_ipv6_counts_as_one(clock: Clock) -> None:
    allowed_at_once("configs_per_address", "2001:db8:1:1::1")
    assert hit("configs_per_address", "2001:db8:1:1:ffff::2") > 0
    assert hit("configs_per_address", "2001:db8:1:2::1") == 0


def test_the_scale_multiplies_every_limit(clock: Clock, settings: Settings) -> None:
    settings.LIMITS_SCALE = 10
    assert allowed_at_once("messages_per_visitor", "v") == 100
    settings.LIMITS_SCALE = 0.001
    assert allowed_at_once("messages_per_visitor", "w") == 1


def test_a_limit_that_does_not_exist_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        hit("messages_per_moon", "v")


def test_buckets_that_are_full_again_are_forgotten() -> None:
    buckets = Buckets()
    for moment in range(100_000):
        buckets.take([(moment, 1.0, 0.0)], float(moment))
    assert len(buckets) <= limits.FORGET_EVERY + 10


def test_threads_together_get_no_more_than_one_alone() -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: hit("chats_per_visitor", "v"), range(200)))
    assert answers.count(0) == 3


def test_a_hit_costs_less_than_twenty_microseconds() -> None:
    def round_of_hits() -> float:
        start = time.perf_counter()
        for number in range(2000):
            hit("messages_per_visitor", str(number))
        return (time.perf_counter() - start) / 2000

    assert min(round_of_hits() for _ in range(5)) < 20e-6
