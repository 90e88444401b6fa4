"""What IAM decides by a policy document, in pairs that its User Guide gives or follows to the letter."""

from __future__ import annotations

import json
import re

import pytest

from vipswitch.testing.aws.conditions import Context, PolicyError
from vipswitch.testing.aws.policy import Access, Verdict, parse

ALLOWED, DENIED, UNMENTIONED = Verdict.ALLOWED, Verdict.DENIED, Verdict.UNMENTIONED
REPLACE = "ec2:ReplaceRoute"
TABLE = "arn:aws:ec2:eu-west-1:123456789012:route-table/rtb-1"
VPC = "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1"
NAMES = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
ABSENT: Context = {}


def document(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str = "Allow", **elements: object) -> dict[str, object]:
    return {"Effect": effect, "Action": REPLACE, "Resource": TABLE} | elements


def passes(operator: str, key: str, values: object, context: Context) -> bool:
    """Whether an access with these keys passes one condition."""
    policy = parse(document(statement(Condition={operator: {key: values}})))
    return policy.decide(Access(REPLACE, TABLE, context)) is ALLOWED


@pytest.mark.parametrize(
    ("actions", "action", "verdict"),
    [
        ("ec2:ReplaceRoute", "ec2:ReplaceRoute", ALLOWED),
        ("ec2:replaceroute", "ec2:ReplaceRoute", ALLOWED),
        ("EC2:ReplaceRoute", "ec2:ReplaceRoute", ALLOWED),
        ("ec2:Replace*", "ec2:ReplaceRoute", ALLOWED),
        ("ec2:*Route", "ec2:ReplaceRoute", ALLOWED),
        ("ec2:?????ceRoute", "ec2:ReplaceRoute", ALLOWED),
        ("ec2:*", "ec2:ReplaceRoute", ALLOWED),
        ("*", "ec2:ReplaceRoute", ALLOWED),
        (["ec2:CreateRoute", "ec2:ReplaceRoute"], "ec2:ReplaceRoute", ALLOWED),
        ("ec2:ReplaceRoute", "ec2:ReplaceRouteTableAssociation", UNMENTIONED),
        ("ec2:Replace", "ec2:ReplaceRoute", UNMENTIONED),
        ("ec2:ReplaceRoute?", "ec2:ReplaceRoute", UNMENTIONED),
        ("ec2:CreateRoute", "ec2:ReplaceRoute", UNMENTIONED),
        ("route53:*", "ec2:ReplaceRoute", UNMENTIONED),
    ],
)
def test_actions_match_without_regard_to_case(actions: object, action: str, verdict: Verdict) -> None:
    """`*` stands for any text and `?` for one character."""
    assert parse(document(statement(Action=actions))).decide(Access(action, TABLE)) is verdict


@pytest.mark.parametrize(
    ("resources", "resource", "verdict"),
    [
        (TABLE, TABLE, ALLOWED),
        ("*", TABLE, ALLOWED),
        ("*", "*", ALLOWED),
        (["arn:aws:ec2:*:*:subnet/*", TABLE], TABLE, ALLOWED),
        ("arn:aws:ec2:*:*:route-table/*", TABLE, ALLOWED),
        ("arn:aws:ec2:eu-west-?:123456789012:route-table/rtb-?", TABLE, ALLOWED),
        ("arn:aws:ec2:eu-*-1:123456789012:route-table/rtb-1", TABLE, ALLOWED),
        ("arn:aws:ec2:*", TABLE, ALLOWED),
        ("arn:aws:ec2:eu*", TABLE, ALLOWED),
        ("arn:aws:ec2:e*t-1:123456789012:route-table/rtb-1", TABLE, ALLOWED),
        ("arn:aws:ec2:e*1", TABLE, UNMENTIONED),
        ("arn:aws:ec2:eu-west-1?123456789012:route-table/rtb-1", TABLE, UNMENTIONED),
        (TABLE, TABLE + "0", UNMENTIONED),
        (TABLE, TABLE.upper(), UNMENTIONED),
        (TABLE, TABLE.replace("eu-west-1", "eu-west-2"), UNMENTIONED),
        (TABLE, TABLE.replace("123456789012", "210987654321"), UNMENTIONED),
        (TABLE, "*", UNMENTIONED),
        ("arn:aws:ec2:*:*:subnet/*", TABLE, UNMENTIONED),
    ],
)
def test_resources_match_with_regard_to_case(resources: object, resource: str, verdict: Verdict) -> None:
    """A wildcard stays in its part of the ARN, unless it is a `*` that ends the part."""
    assert parse(document(statement(Resource=resources))).decide(Access(REPLACE, resource)) is verdict


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([], UNMENTIONED),
        ([statement()], ALLOWED),
        ([statement("Deny")], DENIED),
        ([statement(), statement("Deny")], DENIED),
        ([statement("Deny", Action="ec2:*", Resource="*"), statement()], DENIED),
        ([statement("Deny", Action="ec2:CreateRoute"), statement()], ALLOWED),
        ([statement(Action="ec2:CreateRoute"), statement()], ALLOWED),
        ([statement(), statement("Deny", Condition={"StringEquals": {"ec2:Vpc": VPC}})], ALLOWED),
        ([statement(), statement("Deny", Condition={"StringNotEquals": {"ec2:Vpc": VPC}})], DENIED),
    ],
)
def test_a_deny_wins_over_every_allow(statements: list[dict[str, object]], verdict: Verdict) -> None:
    """Without either, an access is denied all the same."""
    other = statement(Sid="another", Action="sts:AssumeRole", Resource="*")
    assert parse(document(other, *statements)).decide(Access(REPLACE, TABLE)) is verdict


TRUE, FALSE = True, False
OPERATORS: list[tuple[str, object, Context, bool]] = [
    ("StringEquals", "one", {"k:k": "one"}, TRUE),
    ("StringEquals", ["two", "one"], {"k:k": "one"}, TRUE),
    ("StringEquals", "ONE", {"k:k": "one"}, FALSE),
    ("StringEquals", "o*", {"k:k": "one"}, FALSE),
    ("StringEquals", "one", ABSENT, FALSE),
    ("StringEquals", "", {"k:k": ""}, TRUE),
    ("StringEqualsIfExists", "one", {"k:k": "one"}, TRUE),
    ("StringEqualsIfExists", "two", {"k:k": "one"}, FALSE),
    ("StringEqualsIfExists", "one", ABSENT, TRUE),
    ("StringNotEquals", "two", {"k:k": "one"}, TRUE),
    ("StringNotEquals", ["two", "one"], {"k:k": "one"}, FALSE),
    ("StringNotEquals", "one", ABSENT, TRUE),
    ("StringNotEqualsIfExists", "one", {"k:k": "one"}, FALSE),
    ("StringEqualsIgnoreCase", "ONE", {"k:k": "one"}, TRUE),
    ("StringEqualsIgnoreCase", "one", ABSENT, FALSE),
    ("StringNotEqualsIgnoreCase", "ONE", {"k:k": "one"}, FALSE),
    ("StringLike", "o?e*", {"k:k": "one"}, TRUE),
    ("StringLike", "O*", {"k:k": "one"}, FALSE),
    ("StringLike", "n*", {"k:k": "one"}, FALSE),
    ("StringLike", "*", ABSENT, FALSE),
    ("StringNotLike", "n*", {"k:k": "one"}, TRUE),
    ("StringNotLike", "o*", {"k:k": "one"}, FALSE),
    ("StringNotLike", "o*", ABSENT, TRUE),
    ("ArnEquals", VPC, {"k:k": VPC}, TRUE),
    ("ArnEquals", "arn:aws:ec2:*:*:vpc/vpc-?", {"k:k": VPC}, TRUE),
    ("ArnLike", "arn:aws:ec2:*:*:vpc/*", {"k:k": VPC}, TRUE),
    ("ArnLike", "arn:aws:ec2:*:*:*", {"k:k": VPC}, TRUE),
    ("ArnLike", "arn:aws:ec2:*:vpc/*:*", {"k:k": VPC}, FALSE),
    ("ArnLike", "arn:aws:ec2:*:*:vpc/*", {"k:k": "vpc-1"}, FALSE),
    ("ArnLike", VPC, ABSENT, FALSE),
    ("ArnLikeIfExists", VPC, ABSENT, TRUE),
    ("ArnNotLike", VPC, {"k:k": VPC}, FALSE),
    ("ArnNotEquals", VPC, {"k:k": VPC + "0"}, TRUE),
    ("ArnNotEquals", VPC, ABSENT, TRUE),
    ("Bool", "true", {"k:k": "true"}, TRUE),
    ("Bool", True, {"k:k": "True"}, TRUE),
    ("Bool", False, {"k:k": "true"}, FALSE),
    ("Bool", "false", ABSENT, FALSE),
    ("BoolIfExists", "false", ABSENT, TRUE),
    ("Null", "true", ABSENT, TRUE),
    ("Null", True, {"k:k": "one"}, FALSE),
    ("Null", "false", {"k:k": "one"}, TRUE),
    ("Null", "false", ABSENT, FALSE),
    ("Null", "false", {"k:k": ("one", "two")}, TRUE),
    ("Null", "true", {"k:k": ()}, TRUE),
]


@pytest.mark.parametrize(("operator", "values", "context", "passed"), OPERATORS)
def test_operators(operator: str, values: object, context: Context, passed: bool) -> None:
    """A key that is absent fails an operator, and passes one that is negated or ends in IfExists."""
    assert passes(operator, "k:k", values, context) is passed


SETS: list[tuple[str, object, Context, bool]] = [
    ("ForAllValues:StringEquals", ["a", "b"], {"k:k": ("a",)}, TRUE),
    ("ForAllValues:StringEquals", ["a", "b"], {"k:k": ("b", "a", "a")}, TRUE),
    ("ForAllValues:StringEquals", ["a", "b"], {"k:k": ("a", "c")}, FALSE),
    ("ForAllValues:StringEquals", "a", {"k:k": "a"}, TRUE),
    ("ForAllValues:StringEquals", "a", {"k:k": ()}, TRUE),
    ("ForAllValues:StringEquals", "a", {"k:k": ("",)}, TRUE),
    ("ForAllValues:StringEquals", "a", ABSENT, TRUE),
    ("ForAllValues:StringNotEquals", ["a", "b"], {"k:k": ("c", "d")}, TRUE),
    ("ForAllValues:StringNotEquals", ["a", "b"], {"k:k": ("c", "a")}, FALSE),
    ("ForAllValues:StringLike", "a*", {"k:k": ("a", "ab")}, TRUE),
    ("ForAllValues:StringEqualsIgnoreCase", "A", {"k:k": ("a", "A")}, TRUE),
    ("ForAllValues:ArnLike", "arn:aws:ec2:*:*:vpc/*", {"k:k": (VPC, TABLE)}, FALSE),
    ("ForAllValues:Bool", "true", {"k:k": ("true", "false")}, FALSE),
    ("ForAnyValue:StringEquals", ["a", "b"], {"k:k": ("c", "b")}, TRUE),
    ("ForAnyValue:StringEquals", ["a", "b"], {"k:k": ("c",)}, FALSE),
    ("ForAnyValue:StringEquals", "a", {"k:k": ()}, FALSE),
    ("ForAnyValue:StringEquals", "a", ABSENT, FALSE),
    ("ForAnyValue:StringEqualsIfExists", "a", ABSENT, TRUE),
    ("ForAnyValue:StringEqualsIfExists", "a", {"k:k": ("b",)}, FALSE),
    ("ForAnyValue:StringNotEquals", "a", {"k:k": ("a", "b")}, TRUE),
    ("ForAnyValue:StringNotEquals", "a", {"k:k": ("a",)}, FALSE),
    ("ForAnyValue:StringNotEquals", "a", ABSENT, FALSE),
    ("ForAnyValue:StringLike", "b*", {"k:k": ("a", "ab")}, FALSE),
]


@pytest.mark.parametrize(("operator", "values", "context", "passed"), SETS)
def test_set_qualifiers(operator: str, values: object, context: Context, passed: bool) -> None:
    """ForAllValues passes where there is nothing to look at; ForAnyValue wants one that passes."""
    assert passes(operator, "k:k", values, context) is passed


def test_names_of_keys_have_no_case() -> None:
    """The tag in `aws:ResourceTag/...` is part of the name."""
    assert passes("StringEquals", "AWS:resourceTag/CLUSTER", "pg", {"aws:ResourceTag/cluster": "pg"})


@pytest.mark.parametrize(
    ("context", "verdict"),
    [
        ({"k:one": "1", "k:two": "2"}, ALLOWED),
        ({"k:one": "1"}, UNMENTIONED),
        ({"k:two": "2"}, UNMENTIONED),
        ({"k:one": "1", "k:two": "2", "k:three": "3"}, UNMENTIONED),
    ],
)
def test_all_conditions_must_hold(context: Context, verdict: Verdict) -> None:
    """Of several operators and several keys, each."""
    asked = {"StringEquals": {"k:one": "1", "k:two": "2"}, "Null": {"k:three": "true"}}
    assert parse(document(statement(Condition=asked))).decide(Access(REPLACE, TABLE, context)) is verdict


def test_a_multivalued_key_needs_a_set_qualifier() -> None:
    """What AWS would do without one is written nowhere, so that no answer would be right."""
    with pytest.raises(PolicyError, match=f"{NAMES} is multivalued: StringEquals needs ForAllValues"):
        passes("StringEquals", NAMES, "a", {NAMES: ("a",)})


def test_a_document_may_be_json_or_what_json_is_read_as() -> None:
    """One statement may stand for a list of one, as everything else may."""
    alone = {"Version": "2012-10-17", "Id": "x", "Statement": statement(Sid="Move")}
    assert parse(alone) == parse(json.dumps(alone)) == parse(document(statement(Sid="Move")))


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ("{", "policy: not JSON"),
        ("[]", "policy: not an object"),
        ('{"Version": "2012-10-17", "Version": "2012-10-17"}', "same key twice"),
        ({"Statement": statement()}, "policy: Version is None, not 2012-10-17"),
        (document() | {"Version": "2008-10-17"}, "Version is '2008-10-17'"),
        (document(), "policy: Statement: missing or empty"),
        (document() | {"Statements": []}, "policy: unknown element Statements"),
        (document(statement(NotAction="ec2:*")), "statement 1: NotAction is not supported"),
        (document(statement(), statement(NotResource="*")), "statement 2: NotResource is not supported"),
        (document(statement(Principal="*")), "statement 1: Principal is not supported"),
        (document(statement(NotPrincipal="*")), "NotPrincipal is not supported"),
        (document(statement(action="ec2:*")), "unknown element action"),
        (document(statement("allow")), "Effect is 'allow', not Allow or Deny"),
        (document(statement(Effect=["Allow"])), "not Allow or Deny"),
        (document({"Effect": "Allow", "Resource": "*"}), "statement 1: Action: missing or empty"),
        (document(statement(Action=[])), "Action: missing or empty"),
        (document(statement(Action="ReplaceRoute")), "Action: 'ReplaceRoute' has not the form"),
        (document(statement(Action="ec*:ReplaceRoute")), "has not the form"),
        (document({"Effect": "Allow", "Action": "*"}), "Resource: missing or empty"),
        (document(statement(Resource="rtb-1")), "Resource: 'rtb-1' has not the form"),
        (document(statement(Resource="arn:aws:ec2:*:*:x/${aws:userid}")), "variables are not supported"),
        (document(statement(Sid="two words")), "Sid: 'two words' has not the form"),
        (document(statement(Sid="A"), statement(Sid="A")), "several statements have the Sid A"),
        (document(statement(Condition=[])), "Condition is not an object"),
        (
            document(statement(Condition={"StringEqual": {"k:k": "a"}})),
            "unknown condition operator StringEqual",
        ),
        (document(statement(Condition={"stringequals": {"k:k": "a"}})), "unknown condition operator"),
        (document(statement(Condition={"ForAll:Bool": {"k:k": True}})), "unknown condition operator"),
        (document(statement(Condition={"NullIfExists": {"k:k": True}})), "Null has neither"),
        (document(statement(Condition={"ForAnyValue:Null": {"k:k": True}})), "Null has neither"),
        (document(statement(Condition={"Bool": {}})), "Bool: not an object with condition keys"),
        (document(statement(Condition={"Bool": {"Vpc": True}})), "'Vpc' is not a condition key"),
        (document(statement(Condition={"Bool": {"k:k": "yes"}})), "'yes' is not a value for Bool"),
        (document(statement(Condition={"StringEquals": {"k:k": []}})), "StringEquals k:k: no values"),
        (document(statement(Condition={"StringEquals": {"k:k": {}}})), "is not a value"),
        (document(statement(Condition={"ArnLike": {"k:k": "vpc-1"}})), "'vpc-1' is not a value for ArnLike"),
        (document(statement(Condition={"StringLike": {"k:k": "${x}"}})), "variables are not supported"),
    ],
)
def test_what_cannot_be_judged_is_refused(broken: str | dict[str, object], complaint: str) -> None:
    """Nothing is ignored, and the complaint says where it is."""
    with pytest.raises(PolicyError, match=re.escape(complaint)):
        parse(broken)
