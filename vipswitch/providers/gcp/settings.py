"""The config keys that all Google Cloud methods share: which project, how its APIs are reached, and as whom.

What is not given comes from the metadata service of this instance: its project, its service account. A key is
never in the config itself, because others may read that; it is in a file that only its owner can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vipswitch.providers.parsers import absolute_path, https_url, like
from vipswitch.settings import key

UNIVERSE = "googleapis.com"

PROJECT = r"(?:[a-z0-9.-]+\.[a-z]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]"

_project = like(PROJECT, "a project id such as my-project-123456")
_email = like(r"[^@\s]+@[^@\s]+\.[^@\s]+", "the e-mail address of a service account")
_domain = like(r"[a-z0-9-]+(\.[a-z0-9-]+)+", "a domain such as googleapis.com")
_url = https_url("https://{service}-vipswitch.p.googleapis.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The project to work in, and the credentials to do it with."""

    project: str | None = key(
        _project, section="gcp", default=None, help="project id; default: this instance's"
    )
    credentials_file: Path | None = key(
        absolute_path,
        section="gcp",
        default=None,
        help="service-account key or external-account configuration, mode 0600",
    )
    impersonate: str | None = key(
        _email, section="gcp", default=None, help="e-mail of the service account to act as"
    )
    endpoint: str | None = key(
        _url,
        section="gcp",
        default=None,
        help="URL of the APIs, {service} for compute or dns; default: https://{service}.googleapis.com",
    )
    universe_domain: str = key(
        _domain, section="gcp", default=UNIVERSE, help=f"domain of the APIs; default: {UNIVERSE}"
    )
    ca_file: Path | None = key(
        absolute_path,
        section="gcp",
        default=None,
        help="bundle of the CAs to trust; default: the public ones",
    )

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells whose requests these are, and where to: equal for VIPs that can share their clients."""
        where = (self.endpoint, self.universe_domain, self.ca_file)
        return (self.project, self.credentials_file, self.impersonate, *where)

    def root(self, service: str) -> str:
        """Where a service of Google's is: `https://compute.googleapis.com` for `compute`."""
        template = self.endpoint or f"https://{{service}}.{self.universe_domain}"
        return template.replace("{service}", service)
