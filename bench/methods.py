"""The methods that are measured, of all clouds."""

from __future__ import annotations

from bench.aws.methods import METHODS as AWS

METHODS = {method.name: method for method in AWS}
