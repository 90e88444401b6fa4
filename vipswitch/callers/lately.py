"""Whether this node has just been asked for its VIPs: for a caller that repeats himself every second.

Reads the config and the orders, and writes nothing. Who cannot find out has not been asked.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from vipswitch.callers.words import one_address
from vipswitch.deadline import SystemClock
from vipswitch.errors import VipswitchError
from vipswitch.folders import run_folder
from vipswitch.model import Verb
from vipswitch.orders import Order, OrderBook
from vipswitch.selection import selected


def up_lately(words: Sequence[str], within_s: float) -> bool:
    """Whether the last order of every VIP of these words is an `up`, under way or no older than that."""
    try:
        return all(_is_up(order, within_s) for order in _last_orders(words))
    except (VipswitchError, OSError):
        return False


def _last_orders(words: Sequence[str]) -> list[Order | None]:
    found, vips = selected(one_address("up", words))
    orders = OrderBook(run_folder(found.tool.run_dir, make=False), SystemClock())
    return [orders.last(vip.vip.name) for vip in vips]


def _is_up(order: Order | None, within_s: float) -> bool:
    if order is None or order.verb is not Verb.UP:
        return False
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - order.taken_s
    return order.in_progress() or age_s < within_s
