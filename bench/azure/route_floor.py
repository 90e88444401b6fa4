"""route_floor.py ENDPOINT SUBSCRIPTION GROUP VIP TABLE HOP: the least that azure-mgmt-network can do.

One client, one read, one write, nothing checked, nothing waited for.
"""

import sys

from azure.identity import ManagedIdentityCredential
from azure.mgmt.network import NetworkManagementClient

endpoint, subscription, group, vip, table, hop = sys.argv[1:]
network = NetworkManagementClient(ManagedIdentityCredential(), subscription, base_url=endpoint)
found = network.route_tables.get(group, table).routes or []
route = next(route for route in found if route.address_prefix == f"{vip}/32")
route.next_hop_ip_address = hop
network.routes.begin_create_or_update(group, table, route.name, route, polling=False)
