"""A local AWS for tests, the demo and rehearsals: EC2 route tables and interfaces, STS, IMDSv2.

    with AwsCloud() as cloud:
        topology = build(cloud)
        cloud.faults.throttle(2, "ReplaceRoute")
        os.environ["AWS_ENDPOINT_URL"] = cloud.url

`server` puts moto behind a journal (`journal`) and faults (`faults`); `overlay` corrects moto where it
answers differently from EC2; `metadata` is the metadata service of one instance; `topology` seeds a VPC;
`wire` is the HTTP below them all.
By hand: `python -m vipswitch.testing.aws --listen 127.0.0.1:5000`. moto and boto3 are imported when a cloud
starts.
"""

from .faults import Faults
from .instance import Instance, Interface
from .journal import Call, Journal
from .metadata import MetadataServer
from .overlay import corrected_moto
from .rules import Gate, Rule
from .server import ACCOUNT, REGION, AwsCloud
from .topology import NodeSeed, SubnetSeed, Topology, build

__all__ = [
    "ACCOUNT",
    "REGION",
    "AwsCloud",
    "Call",
    "Faults",
    "Gate",
    "Instance",
    "Interface",
    "Journal",
    "MetadataServer",
    "NodeSeed",
    "Rule",
    "SubnetSeed",
    "Topology",
    "build",
    "corrected_moto",
]
