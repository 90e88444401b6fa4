"""What `vipswitch iam` prints for routes is enough, and nothing of it can be spared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.gcp_route_cloud import GcpRouteCloud
from tests.unit.providers.gcp.rig import soon
from tests.unit.providers.gcp.route.rig import found, look, on_node, take
from vipswitch.cli import main
from vipswitch.errors import VipswitchError
from vipswitch.provider import Level

VIP = """
[gcp]
project = "vipswitch-test"
[vip.primary]
address = "10.99.0.50"
provider = "gcp-route"
node = "europe-west1-b/node1"
networks = ["vpc", "projects/host-project/global/networks/shared"]
"""


def works(cloud: GcpRouteCloud) -> bool:
    """Whether all that a node does with the VIP is permitted."""
    cloud.empty(on_node(cloud).places[0])
    cloud.route("vpc", "by-hand", "10.99.0.50/32", 5000, "b")
    provider = on_node(cloud)
    try:
        take(cloud, provider)
        cloud.gcp.remove("global/routes/by-hand")
        warnings = list(provider.prepare(provider.node(soon()), soon()))
        findings = found(provider)
        provider.release(provider.places[0], provider.node(soon()), look(cloud, provider), soon())
        busy = provider.read(provider.places, soon())
    except VipswitchError:
        return False
    finally:
        cloud.gcp.finish()
    findings = {s: f for s, f in findings.items() if not s.startswith("permissions in")}
    fine = not warnings and {f.level for f in findings.values()} == {Level.OK}
    return fine and all(getattr(each, "busy", False) for each in busy.values())


def test_it_is_enough_and_nothing_can_be_spared(cloud: GcpRouteCloud) -> None:
    """Each permission in turn is missed by something that a node does."""
    grants = on_node(cloud).grants(soon())
    actions = [action for grant in grants for action in grant.actions]
    for spared in [None, *actions]:
        cloud.gcp.roles.clear()
        for grant in grants:
            projects = [resource.removeprefix("projects/") for resource in grant.resources]
            allowed = [action for action in grant.actions if action != spared]
            cloud.gcp.roles.give(allowed, projects=projects)
        assert works(cloud) == (spared is None), spared


def test_the_role_is_printed_for_both_projects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In YAML, and how to create and bind it."""
    config = tmp_path / "vipswitch.toml"
    config.write_text(f'[vipswitch]\nrun_dir = "{tmp_path}"\n{VIP}')
    assert main(["iam", "primary", "--config", str(config)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith('title: "vipswitch"\n')
    assert "\nincludedPermissions:\n- compute.globalOperations.get\n" in out
    for project in ("vipswitch-test", "host-project"):
        assert f"gcloud iam roles create vipswitch --project {project} --file role.yaml" in err
