"""A process that is as old as its start and acts when told to: `delayed.py FIFO COMMAND WORD...`."""

import os
import sys

with open(sys.argv[1]) as told:
    told.read()
os.execv(sys.argv[2], sys.argv[2:])
