#!/bin/sh
# sample.sh VIP INTERFACE rtb[,rtb...] AWS ENI: what aws_rtb_if_cmd.sh of Pgpool-II 4.4 and later does for `up`.
#
# Per table one start of the AWS CLI that fails, because in a failover the route exists, and one that replaces
# it; then the address. Left out in its favour: the three requests to the metadata service with curl, by which
# it finds ENI, and sudo before ip.
vip=$1 interface=$2 tables=$3 aws=$4 eni=$5

IFS=,
for table in $tables
do
    "$aws" ec2 create-route --route-table-id "$table" \
        --destination-cidr-block "$vip/32" --network-interface-id "$eni" 2>/dev/null ||
    "$aws" ec2 replace-route --route-table-id "$table" \
        --destination-cidr-block "$vip/32" --network-interface-id "$eni" || exit 1
done
ip addr add "$vip/32" dev "$interface" label "$interface:1"
