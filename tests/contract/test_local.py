"""The `local` provider keeps the promises that need no cloud."""

from pathlib import Path

from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import HolderContract
from vipswitch.testing.local import LocalCloud


class TestLocal(HolderContract):
    """An address and its announcement."""

    def cloud(self, folder: Path) -> Cloud:
        return LocalCloud(folder)
