"""Compute Engine as a script sees it that does what `gcloud` does: ask, write, wait for the operation.

For the counter-examples of Google Cloud.
"""

import json
import os
import ssl
import time
import urllib.request
from typing import Any
from urllib.error import HTTPError

_METADATA = "http://169.254.169.254/computeMetadata/v1/instance"
_POLLED_EVERY_S = 0.2


class Compute:
    """The resources of one project, as whom the machine is."""

    def __init__(self) -> None:
        self._tls = ssl.create_default_context(cafile=os.environ["GCP_CA_FILE"])
        self._token = json.loads(metadata("service-accounts/default/token"))["access_token"]

    def get(self, resource: str) -> dict[str, Any]:
        """A resource, named from its scope on, as `global/routes/vip`; empty if there is none."""
        try:
            return self._ask("GET", resource)
        except HTTPError as exc:
            if exc.code != 404:
                raise
            return {}

    def write(self, method: str, resource: str, document: object = None) -> None:
        """Insert (POST), delete or change (PATCH), and wait until that is carried out."""
        operation = self._ask(method, resource, document)
        scope = "/".join(operation["zone"].split("/")[-2:]) if "zone" in operation else "global"
        while operation["status"] != "DONE":
            time.sleep(_POLLED_EVERY_S)
            operation = self._ask("GET", f"{scope}/operations/{operation['name']}")
        if "error" in operation:
            raise OSError(operation["error"])

    def _ask(self, method: str, resource: str, document: object = None) -> dict[str, Any]:
        url = f"{os.environ['GCP_ENDPOINT']}/compute/v1/projects/{os.environ['GCP_PROJECT']}/{resource}"
        body = None if document is None else json.dumps(document).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        question = urllib.request.Request(url, body, headers, method=method)
        with urllib.request.urlopen(question, context=self._tls) as answer:
            told: dict[str, Any] = json.loads(answer.read())
        return told


def metadata(path: str) -> str:
    """One document of the machine's metadata service."""
    question = urllib.request.Request(f"{_METADATA}/{path}", headers={"Metadata-Flavor": "Google"})
    with urllib.request.urlopen(question) as answer:
        return str(answer.read().decode())


def own_instance() -> str:
    """This machine, from its zone on: `zones/ZONE/instances/NAME`."""
    return f"zones/{metadata('zone').rpartition('/')[2]}/instances/{metadata('name')}"
