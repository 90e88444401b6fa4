"""Condition keys that a request itself gives, and which keys can be judged at all.

Source: Service Authorization Reference, "Condition keys for" Amazon EC2, Amazon Route 53 and AWS STS; EC2
User Guide, "Control access to EC2 resources by attribute"; Route 53 Developer Guide, "Using IAM policy
conditions for fine-grained access control"; IAM User Guide, "AWS global condition context keys".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from .conditions import Value
from .protocol import ApiRequest

Keys = dict[str, Value]


def knows_key(key: str) -> bool:
    """Whether a condition on this key can be judged; IAM has more keys than this."""
    name = key.lower()
    return name in _KEYS or name in _MULTIVALUED or name.startswith(_FAMILIES)


def multivalued(key: str) -> bool:
    """Whether the key has many values, and needs ForAllValues or ForAnyValue."""
    return key.lower() in _MULTIVALUED


def of_region(api: ApiRequest) -> Keys:
    """The keys of every call. Route 53 is asked in us-east-1."""
    own: Keys = {"ec2:Region": api.region} if api.service == "ec2" else {}
    return {"aws:RequestedRegion": api.region} | own


def of_tags(api: ApiRequest) -> Keys:
    """The tags that CreateTags puts and DeleteTags removes; without a value there is no `aws:RequestTag`."""
    return _tags(_pairs(api.params, "Tag"))


def of_attribute(api: ApiRequest) -> Keys:
    """Only plain attributes and those with nothing but a Value have a key; a call changes one of them."""
    given = {name.removesuffix(".Value"): text for name, text in api.params.items()}
    plain = {n: t for n, t in given.items() if "." not in n and n not in ("NetworkInterfaceId", "DryRun")}
    keys: Keys = {f"ec2:Attribute/{name}": text for name, text in plain.items()}
    return keys | ({"ec2:Attribute": next(iter(plain))} if len(plain) == 1 else {})


def of_session(api: ApiRequest) -> Keys:
    """What AssumeRole says of the session to come."""
    names = ("ExternalId", "RoleSessionName", "SourceIdentity")
    keys: Keys = {f"sts:{name}": api.params[name] for name in names if name in api.params}
    transitive = tuple(numbered(api.params, "TransitiveTagKeys.member"))
    keys |= {"sts:TransitiveTagKeys": transitive} if transitive else {}
    return keys | _tags(_pairs(api.params, "Tags.member"))


def of_changes(api: ApiRequest) -> Keys:
    """The names, types and actions of a batch; IAM does not see which belongs to which."""
    each = [(change.normalized_name, change.type, change.action) for change in api.changes]
    names = ("NormalizedRecordNames", "RecordTypes", "Actions")
    texts = zip(*each, strict=True)
    return {
        f"route53:ChangeResourceRecordSets{name}": given for name, given in zip(names, texts, strict=False)
    }


def numbered(params: Mapping[str, str], name: str) -> Iterator[str]:
    """The value of a parameter, or the values of a list: `ResourceId.1` and so on."""
    if name in params:
        yield params[name]
    keys = (f"{name}.{number}" for number in itertools.count(1))
    yield from (params[key] for key in itertools.takewhile(params.__contains__, keys))


def _pairs(params: Mapping[str, str], name: str) -> dict[str, str | None]:
    """The tags of a list; DeleteTags may name one by its key alone."""
    prefixes = (f"{name}.{number}" for number in itertools.count(1))
    given = itertools.takewhile(lambda prefix: f"{prefix}.Key" in params, prefixes)
    return {params[f"{prefix}.Key"]: params.get(f"{prefix}.Value") for prefix in given}


def _tags(pairs: Mapping[str, str | None]) -> Keys:
    keys: Keys = {f"aws:RequestTag/{key}": text for key, text in pairs.items() if text is not None}
    return keys | ({"aws:TagKeys": tuple(pairs)} if pairs else {})


_KEYS = frozenset(
    {
        "aws:requestedregion",
        "ec2:allocationid",
        "ec2:attribute",
        "ec2:availabilityzone",
        "ec2:domain",
        "ec2:instanceid",
        "ec2:instancetype",
        "ec2:networkinterfaceid",
        "ec2:publicipaddress",
        "ec2:region",
        "ec2:routetableid",
        "ec2:subnet",
        "ec2:vpc",
        "sts:externalid",
        "sts:rolesessionname",
        "sts:sourceidentity",
    }
)
_FAMILIES = ("aws:resourcetag/", "ec2:resourcetag/", "aws:requesttag/", "ec2:attribute/")
_MULTIVALUED = frozenset(
    {
        "aws:tagkeys",
        "sts:transitivetagkeys",
        "route53:changeresourcerecordsetsnormalizedrecordnames",
        "route53:changeresourcerecordsetsrecordtypes",
        "route53:changeresourcerecordsetsactions",
    }
)
