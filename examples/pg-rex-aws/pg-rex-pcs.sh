#!/bin/sh
# fencing.crm and pg-rex.crm for those who have pcs: `sh pg-rex-pcs.sh` on one node, while the cluster runs.
# It makes a CIB from nothing in pg-rex.xml, and gives it to the cluster.
set -eu

cib=pg-rex.xml
cibadmin --empty > $cib
on_cib() { pcs -f $cib "$@"; }

on_cib property set stonith-enabled=true priority-fencing-delay=10s
on_cib resource defaults update resource-stickiness=200 migration-threshold=1

for node in 1 2; do
    on_cib stonith create fence$node-aws fence_aws \
        pcmk_host_list=pgrex$node plug=i-0123456789abcdef$node region=eu-central-1 \
        pcmk_reboot_timeout=480s pcmk_reboot_retries=4 \
        op start interval=0s timeout=60s on-fail=restart \
        monitor interval=3600s timeout=60s on-fail=restart \
        stop interval=0s timeout=60s on-fail=ignore
    on_cib constraint location fence$node-aws avoids pgrex$node
done

on_cib resource create pgsql ocf:heartbeat:pgsql \
    pgctl=/usr/pgsql-15/bin/pg_ctl psql=/usr/pgsql-15/bin/psql pgdata=/dbfp/pgdata/data \
    tmpdir=/var/lib/pgsql/tmp pgdba=postgres pgport=5432 pgdb=template1 \
    rep_mode=sync node_list="pgrex1 pgrex2" master_ip=10.0.2.100 repuser=repuser \
    primary_conninfo_opt="keepalives_idle=60 keepalives_interval=5 keepalives_count=5" \
    restore_command="/bin/cp /dbfp/pgarch/arc1/%f %p" stop_escalate=0 xlog_check_count=0 \
    op start interval=0s timeout=300s on-fail=restart \
    monitor interval=10s timeout=60s on-fail=restart \
    monitor interval=9s role=Promoted timeout=60s on-fail=restart \
    promote interval=0s timeout=300s on-fail=restart \
    demote interval=0s timeout=300s on-fail=fence \
    notify interval=0s timeout=60s \
    stop interval=0s timeout=300s on-fail=fence
on_cib resource promotable pgsql meta \
    promoted-max=1 promoted-node-max=1 clone-max=2 clone-node-max=1 notify=true priority=1

on_cib resource create ipaddr-primary ocf:vipswitch:vip ip=10.0.1.100 nic=eth0 cidr_netmask=24 \
    meta migration-threshold=3 failure-timeout=120s \
    op start interval=0s timeout=60s on-fail=stop \
    monitor interval=10s timeout=60s on-fail=restart \
    monitor interval=30s timeout=60s on-fail=restart OCF_CHECK_LEVEL=20 \
    stop interval=0s timeout=60s on-fail=fence
on_cib resource create ipaddr-replication ocf:vipswitch:vip ip=10.0.2.100 nic=eth1 cidr_netmask=24 \
    meta migration-threshold=0 failure-timeout=120s \
    op start interval=0s timeout=60s on-fail=stop \
    monitor interval=10s timeout=60s on-fail=restart \
    monitor interval=30s timeout=60s on-fail=restart OCF_CHECK_LEVEL=20 \
    stop interval=0s timeout=60s on-fail=ignore
on_cib resource group add primary-group ipaddr-primary ipaddr-replication
on_cib resource create ipaddr-standby ocf:vipswitch:vip ip=10.0.1.101 nic=eth0 cidr_netmask=24 \
    meta resource-stickiness=1 failure-timeout=120s \
    op start interval=0s timeout=60s on-fail=restart \
    monitor interval=10s timeout=60s on-fail=restart \
    monitor interval=30s timeout=60s on-fail=restart OCF_CHECK_LEVEL=20 \
    stop interval=0s timeout=60s on-fail=fence

on_cib constraint location ipaddr-standby rule score=200 pgsql-status eq HS:sync
on_cib constraint location ipaddr-standby rule score=100 pgsql-status eq PRI
on_cib constraint location ipaddr-standby rule score=-INFINITY not_defined pgsql-status
on_cib constraint location ipaddr-standby rule score=-INFINITY pgsql-status ne HS:sync and pgsql-status ne PRI

on_cib constraint colocation add primary-group with Promoted pgsql-clone score=INFINITY
on_cib constraint order promote pgsql-clone then start primary-group kind=Mandatory symmetrical=false
on_cib constraint order demote pgsql-clone then stop primary-group kind=Optional symmetrical=false

pcs cluster cib-push $cib --config
