#!/bin/sh
# What Azure needs once, before vipswitch is run on the nodes: with the az command, by somebody who may make and
# assign roles (Owner; or User Access Administrator with Network and Virtual Machine Contributor). It may be run again.
set -eu

group=rg-pgrex
network=vnet-pgrex
subscription=$(az account show --query id --output tsv)
providers=/subscriptions/$subscription/resourceGroups/$group/providers

# The network interfaces of the nodes. An address that moves as an ip configuration is the interface's own, so
# IP forwarding stays off. The tag tells people who writes to it.
for node in pgrex1 pgrex2; do
    for lan in service replication; do
        az network nic update --resource-group $group --name nic-$node-$lan --ip-forwarding false
        az tag update --operation Merge --tags vipswitch=pgrex \
            --resource-id "$providers/Microsoft.Network/networkInterfaces/nic-$node-$lan"
    done
done

# The custom role with the least rights, as `vipswitch iam primary` prints it: role.json, for this subscription.
sed "s/00000000-0000-0000-0000-000000000000/$subscription/" role.json > role-here.json
if [ "$(az role definition list --name vipswitch --query 'length(@)' --output tsv)" = 0 ]; then
    az role definition create --role-definition @role-here.json
else
    az role definition update --role-definition @role-here.json
fi

# Each node's own identity, and the role for it: at the interfaces of both nodes, because the new holder takes the
# address off the old one's; at the virtual network, to use its subnets and to ask whether an address is free where a
# node is gone; and at the machines, to find the own interface.
for node in pgrex1 pgrex2; do
    identity=$(az vm identity assign --resource-group $group --name $node \
        --query systemAssignedIdentity --output tsv)
    for scope in \
        Microsoft.Network/networkInterfaces/nic-pgrex1-service \
        Microsoft.Network/networkInterfaces/nic-pgrex1-replication \
        Microsoft.Network/networkInterfaces/nic-pgrex2-service \
        Microsoft.Network/networkInterfaces/nic-pgrex2-replication \
        Microsoft.Network/virtualNetworks/$network \
        Microsoft.Compute/virtualMachines/pgrex1 \
        Microsoft.Compute/virtualMachines/pgrex2
    do
        az role assignment create --role vipswitch --scope "$providers/$scope" \
            --assignee-object-id "$identity" --assignee-principal-type ServicePrincipal
    done
done
