"""The methods that are measured, of all clouds."""

from __future__ import annotations

from bench.aws.methods import METHODS as AWS
from bench.azure.methods import METHODS as AZURE

METHODS = {method.name: method for method in (*AWS, *AZURE)}
