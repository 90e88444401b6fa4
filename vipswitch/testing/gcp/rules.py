"""What real Google Clouds do one way or another, and may do either way here.

Rules: a switch is for behaviour that is not documented, or that was seen both ways; the defaults are the
stricter or the more usual one. A switch may be set at any time and counts for requests from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Conflict = Literal["request", "operation"]
SecondWrite = Literal["not-ready", "queued"]
AbsentConfig = Literal["operation", "request", "silent"]
LinkHost = Literal["www.googleapis.com", "compute.googleapis.com"]


@dataclass(slots=True)
class Rules:
    """The switches of one cloud.

    `name_conflict`: a route whose name is taken, also by an insert that still runs, is refused with 409 in
    the answer to the request, or its operation ends RESOURCE_ALREADY_EXISTS.
    `address_conflict`: an alias or an external address that another has is refused in the same two ways.
    `fingerprint_conflict`: and so is a stale fingerprint (412, CONDITION_NOT_MET).
    `second_write`: a write to an instance or route on which an operation runs is refused with 400
    resourceNotReady, or accepted and carried out after the other.
    `absent_access_config`: the deletion of an access config that is not there fails in its operation, is
    refused with 404, or ends well.
    `alias_with_prefix`: an alias address is shown as `10.0.0.5/32`, or as `10.0.0.5`.
    `alias_free_after_s`: how long an alias address stays taken after it was taken off.
    `whole_fingerprint`: a NIC's fingerprint is new also after other changes of the NIC than its aliases.
    `done_at_once`: a write is answered with an operation that has ended.
    `rrdatas_reversed`: record data come in another order than they were sent in.
    `rrdatas_order_counts`: a deletion must have the data of its record set in the order of the set.
    `places_by_name`: a record set of a change that exists is told by name and type instead of its number.
    `project_numbers`: links name projects by their number, not their id.
    `link_host`: the host in the links of Compute Engine.
    `next_hop_needs_use`: a route to an instance needs compute.instances.use on that.
    `operations_need_permission`: whoever looks at an operation needs compute.*Operations.get.
    `strict_tokens`: only tokens that this cloud gave out are accepted.
    `unreachable`: scopes (`zones/europe-west1-b`) that a list of all scopes leaves out, with a warning.
    """

    name_conflict: Conflict = "request"
    address_conflict: Conflict = "operation"
    fingerprint_conflict: Conflict = "request"
    second_write: SecondWrite = "not-ready"
    absent_access_config: AbsentConfig = "operation"
    alias_with_prefix: bool = True
    alias_free_after_s: float = 0.0
    whole_fingerprint: bool = False
    done_at_once: bool = False
    rrdatas_reversed: bool = False
    rrdatas_order_counts: bool = False
    places_by_name: bool = False
    project_numbers: bool = False
    link_host: LinkHost = "www.googleapis.com"
    next_hop_needs_use: bool = True
    operations_need_permission: bool = True
    strict_tokens: bool = False
    unreachable: frozenset[str] = frozenset()
