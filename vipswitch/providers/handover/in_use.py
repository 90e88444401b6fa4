"""What a cloud says of something that it gives to one network interface only, and that another has."""

from __future__ import annotations

from vipswitch.errors import Refused


class InUse(Refused):
    """Something else has it, `by` what the cloud calls that; empty where it was not said."""

    def __init__(self, message: str, *, by: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.by = by
