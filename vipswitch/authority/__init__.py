"""Authorities: whom the agent asks before it takes a VIP from a node that no longer leads.

Light: this module loads neither `subprocess` nor an HTTP client until an authority is built and asked.
"""
