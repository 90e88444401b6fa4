"""The preflight: what can go wrong at the next failover, looked at today. Changes nothing.

    parts            what is looked at, in which order
    examination      looks at the parts; one that fails hides no other
    files            reads a caller's own config
    setup            the config, and the VIPs in it
    run_folder       orders and locks, shared by all who give orders
    hooks            the executables; users: who runs them
    in_place         the hooks where their callers look
    agent            does it answer, and whom
    vip              one VIP: host, node, provider, holders
    pgpool           one pgpool.conf, of which
    pgpool_conf      reads the file as Pgpool-II does
    pgpool_version   asks which Pgpool-II is installed
    pgpool_watchdog  judges the watchdog's settings
    pgpool_command   judges the three commands as Pgpool-II will run them
    pgpool_calls     judges our calls in any of them
    pgpool_shell     finds our calls in the escalation commands
    pgpool_line      reads their words as the hook will
    other_callers    the files of callers other than Pgpool-II
    asked            what a hook's words ask for
    keepalived       one keepalived.conf, of which
    keepalived_conf  reads the file as keepalived does
    keepalived_calls tells which scripts call us, as whom, with which words
    patroni          one patroni.yml

Each look is a generator of findings. Those of pgpool.conf are pure: the file system is a parameter.
"""
