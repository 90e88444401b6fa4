"""A local AWS for tests, the demo and rehearsals: EC2 route tables and interfaces, Route 53, STS, IMDSv2.

    with AwsCloud() as cloud:
        topology = build(cloud)
        cloud.faults.throttle(2, "ReplaceRoute")
        os.environ["AWS_ENDPOINT_URL"] = cloud.url

`server` puts moto behind a journal (`journal`) and faults (`faults`); `overlay` corrects moto where it
answers differently from EC2 and Route 53; `authoriser` judges calls by IAM policies (`policy`); `metadata` is
the metadata service of one instance, which `live` keeps in step with the cloud; `topology` seeds a VPC,
`zones` a hosted zone; `testing.wire` is the HTTP below them all.
By hand: `python -m vipswitch.testing.aws --listen 127.0.0.1:5000`. moto and boto3 are imported when a cloud
starts.
"""

from ..armed import Drop, Gate, Rule
from .conditions import PolicyError
from .faults import Faults
from .instance import Instance, Interface, PublicAddress
from .journal import Call, Journal
from .live import LiveInstance, live
from .metadata import MetadataServer
from .overlay import corrected_moto
from .server import ACCOUNT, REGION, AwsCloud
from .topology import NodeSeed, SubnetSeed, Topology, build

__all__ = [
    "ACCOUNT",
    "REGION",
    "AwsCloud",
    "Call",
    "Drop",
    "Faults",
    "Gate",
    "Instance",
    "Interface",
    "Journal",
    "LiveInstance",
    "MetadataServer",
    "NodeSeed",
    "PolicyError",
    "PublicAddress",
    "Rule",
    "SubnetSeed",
    "Topology",
    "build",
    "corrected_moto",
    "live",
]
