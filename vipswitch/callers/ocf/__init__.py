"""Pacemaker: the OCF resource agent `ocf:vipswitch:vip`.

    agent         the executable: one action by its name, the parameters in the environment
    codes         exit codes, and what Pacemaker does upon each
    parameters    what the cluster's configuration says, and how much time there is
    metadata      the description of all that
    orders        start and stop: by the agent of this node, else by ourselves, like every hook
    monitor       is it running: from the host alone, or asking the cloud as well; the probe
    vips          the VIPs that are meant, and the host's side of them
    validate      whether the configuration makes sense on this node

Source: the OCF resource agent API 1.1; resource-agents, doc/dev-guides/ra-dev-guide.asc; pacemaker,
lib/pengine/unpack.c.
"""
