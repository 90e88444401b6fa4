"""Resource Manager as a script sees it that does by hand what `az` does: read, write whole, wait for the end.

For the counter-examples of Azure: no write says what it was made from, the last one wins.
"""

import json
import os
import ssl
import time
import urllib.request
from typing import Any

_TOKEN = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
_AUDIENCE = "https://management.azure.com"
_NETWORK = "Microsoft.Network"
_VERSION = "api-version=2024-05-01"
_POLLED_EVERY_S = 0.2


class Arm:
    """The resources of one resource group, as whom the machine is."""

    def __init__(self) -> None:
        self._tls = ssl.create_default_context(cafile=os.environ["ARM_CA_FILE"])
        question = urllib.request.Request(_TOKEN + _AUDIENCE, headers={"Metadata": "true"})
        with urllib.request.urlopen(question) as answer:
            self._token = json.load(answer)["access_token"]

    def get(self, resource: str) -> dict[str, Any]:
        """A resource; named as `networkInterfaces/nic-a`."""
        return self._ask("GET", _url(resource))[0]

    def put(self, resource: str, document: object) -> None:
        """Replace it, and wait until that is carried out."""
        self._write("PUT", resource, document)

    def delete(self, resource: str) -> None:
        """Take it away, and wait likewise."""
        self._write("DELETE", resource)

    def _write(self, method: str, resource: str, document: object = None) -> None:
        _, headers = self._ask(method, _url(resource), document)
        operation = headers.get("Azure-AsyncOperation")
        while operation and self._ask("GET", operation)[0]["status"] == "InProgress":
            time.sleep(_POLLED_EVERY_S)

    def _ask(self, method: str, url: str, document: object = None) -> tuple[dict[str, Any], Any]:
        body = None if document is None else json.dumps(document).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        question = urllib.request.Request(url, body, headers, method=method)
        with urllib.request.urlopen(question, context=self._tls) as answer:
            return json.loads(answer.read() or "{}"), answer.headers


def _url(resource: str) -> str:
    group = os.environ["ARM_ENDPOINT"] + os.environ["ARM_GROUP"]
    return f"{group}/providers/{_NETWORK}/{resource}?{_VERSION}"
