"""What the agent tells of itself: its parameters, its actions, how long each should be given.

The DTD that resource-agents ships knows neither `reload-agent` nor `reloadable`, which OCF 1.1 has; the
declarations inside the document add them, so that it is valid by both. Source: ra-api-1.dtd, OCF 1.1.
"""

from __future__ import annotations

METADATA = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd" [
<!ATTLIST action name (start|stop|monitor|meta-data|validate-all|reload-agent) #REQUIRED>
<!ATTLIST parameter reloadable (1|0) "0">
]>
<resource-agent name="vip" version="1.0">
<version>1.1</version>
<longdesc lang="en">
Moves a virtual IP to this node in a cloud, where an address on an interface alone reaches nobody: by a
route table, a secondary private address, a public address or a DNS name of AWS, Azure or Google Cloud, or by
the address alone on a real layer 2. How the VIP moves stands in /etc/vipswitch/vipswitch.toml.
</longdesc>
<shortdesc lang="en">Virtual IP in a cloud</shortdesc>
<parameters>
<parameter name="ip" unique="1">
<longdesc lang="en">
The virtual IP, as in IPaddr2. Required unless vip is given. Give it in any case where the method has an
address on the host: then stop works even when the configuration file is broken.
</longdesc>
<shortdesc lang="en">Virtual IP</shortdesc>
<content type="string"/>
</parameter>
<parameter name="vip" unique="1">
<longdesc lang="en">
The name of the VIP, or of a group of VIPs, in the configuration file; for a VIP that is a DNS name, or has
two addresses.
</longdesc>
<shortdesc lang="en">Name in the configuration file</shortdesc>
<content type="string"/>
</parameter>
<parameter name="nic">
<longdesc lang="en">
The interface that the address goes on, as in IPaddr2. It must be the one that the configuration file means,
by interface or, without that, by the default route.
</longdesc>
<shortdesc lang="en">Network interface</shortdesc>
<content type="string"/>
</parameter>
<parameter name="cidr_netmask" reloadable="1">
<longdesc lang="en">
Accepted as in IPaddr2, and not used: the address is always added alone, as /32 or /128.
</longdesc>
<shortdesc lang="en">Not used</shortdesc>
<content type="string"/>
</parameter>
<parameter name="config" reloadable="1">
<longdesc lang="en">
The configuration file, if it is not /etc/vipswitch/vipswitch.toml.
</longdesc>
<shortdesc lang="en">Configuration file</shortdesc>
<content type="string"/>
</parameter>
<parameter name="settings">
<longdesc lang="en">
Keys of the configuration file, for a VIP that it does not have, or not in this way, as
"provider=aws-route-table route_tables=rtb-1,rtb-2". The agent of the node does not know such a VIP: the work
is done without it.
</longdesc>
<shortdesc lang="en">KEY=VALUE ...</shortdesc>
<content type="string"/>
</parameter>
</parameters>
<actions>
<action name="start" timeout="60s"/>
<action name="stop" timeout="60s"/>
<action name="monitor" timeout="20s" interval="10s" depth="0"/>
<action name="monitor" timeout="30s" interval="60s" depth="10"/>
<action name="monitor" timeout="30s" interval="61s" depth="20"/>
<action name="validate-all" timeout="20s"/>
<action name="reload-agent" timeout="20s"/>
<action name="meta-data" timeout="5s"/>
</actions>
</resource-agent>
"""
