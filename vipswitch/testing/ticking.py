"""What happens in the cloud also while nobody asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_TICK_S = 0.02


@contextmanager
def often(tick: Callable[[], None]) -> Iterator[None]:
    """Calls `tick` often, so that operations end also while nobody asks."""
    closing = threading.Event()

    def run() -> None:
        while not closing.wait(_TICK_S):
            tick()

    thread = threading.Thread(target=run, name="cloud-operations", daemon=True)
    thread.start()
    try:
        yield
    finally:
        closing.set()
        thread.join()
