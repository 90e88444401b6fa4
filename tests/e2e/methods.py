"""The methods that a scenario can be run for."""

from collections.abc import Mapping

from tests.e2e.aws_methods import AWS, DEFAULT
from tests.e2e.azure_methods import AZURE
from tests.e2e.gcp_methods import GCP
from tests.e2e.method import Method

__all__ = ["DEFAULT", "METHODS"]

METHODS: Mapping[str, Method] = {**AWS, **AZURE, **GCP}
