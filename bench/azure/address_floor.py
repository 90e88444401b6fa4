"""address_floor.py ENDPOINT SUBSCRIPTION GROUP VIP FROM TO: the least that azure-mgmt-network can do.

One client, two reads, two writes, nothing checked. The address is free when the first write's operation is
over: that is asked at once, not after the SDK's 30 s.
"""

import sys

from azure.identity import ManagedIdentityCredential
from azure.mgmt.network import NetworkManagementClient

endpoint, subscription, group, vip, old_name, new_name = sys.argv[1:]
network = NetworkManagementClient(ManagedIdentityCredential(), subscription, base_url=endpoint)
nics = network.network_interfaces
old, new = nics.get(group, old_name), nics.get(group, new_name)
moving = next(each for each in old.ip_configurations if each.private_ip_address == vip)
old.ip_configurations.remove(moving)
new.ip_configurations.append(moving)
nics.begin_create_or_update(group, old_name, old, polling_interval=0).result()
nics.begin_create_or_update(group, new_name, new, polling=False)
