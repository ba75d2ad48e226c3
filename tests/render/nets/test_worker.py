"""A worker: one job after the other beside the caller, failures told, and nothing kept alive."""

import gc
import threading
import weakref

import numpy as np
import pytest

from render.nets.worker import Worker


def threads(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def test_jobs_run_beside_the_caller() -> None:
    worker, gate, seen = Worker("beside"), threading.Event(), []
    worker.start(lambda: (gate.wait(10), seen.append(threading.current_thread().name)))
    assert not worker.ended() and not seen
    gate.set()
    assert worker.ended(10)
    assert seen == ["beside"]
    worker.stop()
    assert not threads("beside")


def test_what_a_job_raises_is_told_once() -> None:
    worker = Worker("raising")
    worker.start(lambda: 1 // 0)  # type: ignore[arg-type,return-value]
    with pytest.raises(ZeroDivisionError):
        worker.ended(10)
    assert worker.ended()
    done: list[int] = []
    worker.start(lambda: done.append(1))
    assert worker.ended(10) and done == [1]
    worker.stop()


def test_stopping_waits_for_the_job() -> None:
    worker, done = Worker("stopping"), []
    gate = threading.Timer(0.05, lambda: done.append("gate"))

    def job() -> None:
        gate.start()
        gate.join()
        done.append("job")

    worker.start(job)
    worker.stop()
    assert done == ["gate", "job"]


def test_a_worker_whom_nobody_needs_ends_and_lets_go() -> None:
    worker, numbers = Worker("forgotten"), np.zeros(1000)
    kept = weakref.ref(numbers)
    worker.start(numbers.sort)
    assert worker.ended(10)
    del numbers
    gc.collect()
    assert kept() is None
    (thread,) = threads("forgotten")
    del worker
    gc.collect()
    thread.join(10)
    assert not threads("forgotten")
