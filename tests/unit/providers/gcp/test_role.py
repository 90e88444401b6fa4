"""The custom role that `vipswitch iam` prints."""

from __future__ import annotations

from vipswitch.provider import NODE, Grant
from vipswitch.providers.gcp.role import ROLE

HOST = Grant(NODE, "MoveRoutes", ("compute.routes.list", "compute.routes.create"), ("projects/host",))
OWN = Grant(NODE, "CheckNodes", ("compute.instances.get",), ("projects/own",))


def test_the_role_has_each_permission_once() -> None:
    """Whichever VIPs need it."""
    assert ROLE.document([HOST, OWN, HOST])["includedPermissions"] == [
        "compute.instances.get",
        "compute.routes.create",
        "compute.routes.list",
    ]


def test_it_is_written_in_yaml() -> None:
    """As `gcloud iam roles create --file` wants it; texts in quotes, because YAML has words of its own."""
    assert ROLE.written({"title": "no", "stage": "GA", "includedPermissions": ["dns.changes.get"]}) == (
        'title: "no"\nstage: "GA"\nincludedPermissions:\n- dns.changes.get'
    )


def test_it_is_created_and_bound_in_each_project() -> None:
    """A role of one project cannot be bound in another: with a Shared VPC there are two."""
    lines = list(ROLE.advice([HOST, OWN, HOST]))
    assert lines[0] == "gcloud iam roles create vipswitch --project host --file role.yaml"
    assert lines[1].endswith("--role projects/host/roles/vipswitch --condition None")
    assert len(lines) == 4
