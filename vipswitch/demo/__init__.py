"""`make demo`: a failover before a person's eyes, without a cloud account.

    python -m vipswitch.demo [--without-namespaces] [--without-pgpool]

__main__    options, signals and exit codes
sandbox     namespaces of the demo's own, so that nothing can be left behind
story       what happens, in order; verdict: whether it was true
stage       shows a scene while it is played
scene       what a story needs of it; network: with packets, built by packets; onefile: without
rehearsal   AWS where there are no packets
node        a node and its hooks; given: what they are told; ear: what they say
pgpool      Pgpool-II as the one that chooses; played: the demo in its place
probe       the client's program; responder: a node's; probes: what came of them
blackout    how long the client waited, and for whom; strip: the same as a line of characters
screen      all of it on a terminal or a pipe; summary: the last lines
"""
