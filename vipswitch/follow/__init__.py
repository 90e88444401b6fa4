"""The follower: a caller of its own, for clusters that call no hook. It watches who leads, and orders."""
