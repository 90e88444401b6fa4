"""placeholder"""

from vipswitch.options import Options


def check(options: Options) -> int:
    return 0
