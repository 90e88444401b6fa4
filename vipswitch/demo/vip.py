"""The virtual IP of the demo, and where the service behind it listens."""

from ipaddress import IPv4Address

VIP = IPv4Address("10.99.0.50")
PORT = 5999
