"""Where each caller looks for its hook, and putting it there: `vipswitch hooks install | remove | list`.

    catalogue    the one table: callers, executables, folders
    origin       what this installation has to give: its executables, its units
    content      the two kinds of files: a link to an executable, and a text that carries its own digest
    wanted       which file goes where, and what is in it
    found        what lies there now: ours, ours but edited, somebody else's
    changes      making and taking away: everything or nothing
    safety       could anybody but root change what a caller runs

Rules: never overwrites nor takes away a file that is not ours, or that somebody has edited; makes no folder
but the two kinds that are ours alone. A link always runs what its installation has now, so an upgrade in
place needs no second `install`; one that leads to another installation is stale, and is replaced.
"""
