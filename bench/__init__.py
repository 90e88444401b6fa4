"""How fast a VIP moves, side by side in one run: `make bench`, or `python -m bench`.

Up to four contenders (`contenders`) take a VIP from another node on the same local cloud (`cloud`), each as a
whole new process, in turn, so that whatever else the machine does hits all of them alike (`rounds`, `play`).
Each takeover is real: before it the VIP is the other node's, after it is looked up again, in the cloud and on
the host. `agenda` says what is measured; `measure` times a process from outside; `figures` reads the rest off
the cloud's own journal; `results` is what is kept and `targets` what is demanded of it (`judging`); `tables`,
`show`, `report` and `plot` let people see it.

What one cloud is stands in a folder of its own, `aws` and `azure`: its `methods` with a config and the
scripts beside the hooks, its `scenery` that the contenders play in, its `places` where a VIP is, its
`targets`. A cloud runs in a process of its own (`cloud_process`), one after the other.
"""
