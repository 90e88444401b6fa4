#!/usr/bin/python3
"""naive_promotion.py COMMAND ...: the counter-example to `pg-leader lead`: promotes, and asks nobody.

Rules: it does what scripts for `notify_master` usually do, and does that well; it becomes the command.
"""

import os
import subprocess
import sys

if __name__ == "__main__":
    subprocess.run(["psql", "-XAtc", "SELECT pg_promote() WHERE pg_is_in_recovery()", "dbname=postgres"])
    os.execv(sys.argv[1], sys.argv[1:])
