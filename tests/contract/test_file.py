"""The `file` provider keeps every promise, as it is and as a cloud whose claim comes first."""

from pathlib import Path

from vipswitch.testing.bed import VIP
from vipswitch.testing.cloud import Cloud, FileCloud, MarkingFile, WriteFirstFile
from vipswitch.testing.contract import CompareAndSetContract, MarkContract


class TestFile(CompareAndSetContract):
    """As it is: reads first, frees on `down`."""

    def cloud(self, folder: Path) -> Cloud:
        return FileCloud(folder, VIP.addresses)


class TestFileThatWritesFirst(CompareAndSetContract):
    """The same cloud, with an address on the host and the claim before any read."""

    def cloud(self, folder: Path) -> Cloud:
        return FileCloud(folder, VIP.addresses, WriteFirstFile)


class TestFileThatMarks(MarkContract):
    """A cloud whose claim replaces whoever holds the place, and whose `down` leaves the pointer."""

    def cloud(self, folder: Path) -> Cloud:
        return FileCloud(folder, VIP.addresses, MarkingFile)
