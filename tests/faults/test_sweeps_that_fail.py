"""What is looked for again and again is looked for, whatever happens to something else that is."""

import threading

import pytest
from django.utils.module_loading import import_string

from config import engine


def test_a_sweep_that_fails_holds_no_other_up_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    failed, swept = threading.Semaphore(0), threading.Semaphore(0)

    def fail() -> None:
        failed.release()
        raise RuntimeError("nothing can be looked for")

    monkeypatch.setattr(engine, "SWEEPS", {"fails": 0.01, "sweeps": 0.01})
    monkeypatch.setattr(engine, "import_string", {"fails": fail, "sweeps": swept.release}.__getitem__)
    alarm = engine.Alarm()
    alarm.start()
    try:
        for _ in range(3):
            assert failed.acquire(timeout=10)
            assert swept.acquire(timeout=10)
    finally:
        alarm.stop()
    assert not alarm.is_alive()


def test_every_sweep_is_there() -> None:
    assert all(callable(import_string(path)) for path in engine.SWEEPS)
