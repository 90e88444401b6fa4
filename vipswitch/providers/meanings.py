"""What failures mean to the operator, as far as it is the same in every cloud: our errors, with their hints.

A write that may have reached the cloud and was not clearly refused has an unknown outcome; everything that
was not sent, and every read, may be made again. Each meaning is made of what was asked, and what was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    Refused,
    Unavailable,
    Undone,
    VipswitchError,
)
from vipswitch.providers.asked import Asked
from vipswitch.providers.foreign import matches

LOOK = "see with `vipswitch status` who holds it now"


@dataclass(frozen=True, slots=True)
class Said:
    """What a failure says of itself: its codes, or the class of a foreign exception; its message.

    `names` are all the codes and reasons it has, its own first, then those of its details, then the HTTP
    status; `after_s` is how long the cloud asks us to wait.
    """

    names: tuple[str, ...]
    message: str = ""
    after_s: float | None = None

    @property
    def code(self) -> str:
        """The first of its names."""
        return self.names[0] if self.names else ""

    @property
    def sentence(self) -> str:
        """Its message as a part of ours; its code where it has none."""
        return self.message.rstrip(".") or self.code

    def quoted(self, pattern: str) -> str:
        """What the message names at the pattern's group; empty if it does not."""
        found = re.search(pattern, self.message)
        return found[1] if found else ""


Make = Callable[[Asked, Said], VipswitchError]

Table = tuple[tuple[str, str, Make], ...]
"""Patterns of names, parted by blanks; what the message contains; what that means."""


def meant(table: Table, asked: Asked, said: Said, otherwise: Make) -> VipswitchError:
    """What the first row means that is like what was said."""
    rows = (row for row in table if matches(row[0], said.names) and row[1] in said.message)
    make = next((make for _, _, make in rows), otherwise)
    return make(asked, said)


def conflict(asked: Asked, said: Said) -> VipswitchError:
    return Conflict(f"{asked.subject}: changed meanwhile ({said.code})")


def too_many(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {said.sentence}", hint="take off what nobody needs, or have the quota raised"
    )


@dataclass(frozen=True, slots=True)
class Cloud:
    """What is said of each cloud in the same words, but for its own.

    `payer` is what shares the API's rate; `state` where its outages are told; `between` what may keep a node
    from it; `ca` where the certificate of a proxy is given.
    """

    name: str
    payer: str
    state: str
    between: str
    ca: str

    def throttled(self, asked: Asked, said: Said) -> VipswitchError:
        return Unavailable(
            f"{asked.subject}: throttled by {self.name} ({said.code})",
            hint=f"the API rate is shared by the {self.payer}; see what else calls it so often",
            after_s=said.after_s,
        )

    def undone(self, asked: Asked, said: Said) -> VipswitchError:
        return Undone(
            f"{asked.subject}: {self.name} took {asked.action} and did not carry it out ({said.code})",
            hint=LOOK,
        )

    def failed_inside(self, asked: Asked, said: Said) -> VipswitchError:
        if asked.writes:
            return OutcomeUnknown(
                f"{asked.subject}: {self.name} failed while carrying out {asked.action} ({said.code})",
                hint=LOOK,
            )
        return Unavailable(
            f"{asked.subject}: {self.name} failed ({said.code})",
            hint=f"see {self.state}",
            after_s=said.after_s,
        )

    def unanswered(self, asked: Asked, said: Said) -> VipswitchError:
        """The network failed, or another answered; only what was sent can have had an effect."""
        told = f"{asked.subject}: no answer from {asked.endpoint} to {asked.action}: {said.message}"
        if asked.sent and asked.writes:
            return OutcomeUnknown(told, hint=LOOK)
        return Unavailable(told, hint=f"see to DNS, {self.between} between this node and the endpoint")

    def untrusted(self, asked: Asked, _: Said) -> VipswitchError:
        return ConfigError(
            f"{asked.endpoint}: its certificate is not trusted",
            hint=f"set {self.ca} where a proxy signs for {self.name}, and see whether the clock is right",
        )
