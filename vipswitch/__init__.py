"""vipswitch: move a virtual IP to the node that the HA manager has chosen."""

__version__ = "0.1.0"
