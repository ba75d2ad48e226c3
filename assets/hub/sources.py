"""Where downloads may come from, as the user and the machine say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assets.errors import DownloadError
from assets.hub.listing import ENDPOINTS
from assets.hub.repositories import Hub
from assets.hub.transfer import Patience


@dataclass(frozen=True)
class Sources:
    """The hubs in the order in which they are tried, and how."""

    hubs: tuple[Hub, ...] = tuple(Hub)
    endpoints: Mapping[Hub, str] = field(default_factory=lambda: dict(ENDPOINTS))
    """`https://…` of each hub, or of a mirror with the same interface."""
    offline: bool = False
    """Nothing is fetched; what is on this machine already is still used."""
    update: bool = False
    """A hub's newer files replace those that were trusted first."""
    patience: Patience = field(default_factory=Patience)

    @classmethod
    def of(
        cls,
        environment: Mapping[str, str],
        *,
        hubs: tuple[Hub, ...] = tuple(Hub),
        offline: bool = False,
        update: bool = False,
    ) -> Sources:
        """As `HF_ENDPOINT`, `MODELSCOPE_ENDPOINT` (mirrors) and `VISAVIS_OFFLINE=1` say."""
        endpoints = {
            Hub.huggingface: environment.get("HF_ENDPOINT") or ENDPOINTS[Hub.huggingface],
            Hub.modelscope: environment.get("MODELSCOPE_ENDPOINT") or ENDPOINTS[Hub.modelscope],
        }
        for hub, endpoint in endpoints.items():
            if not endpoint.startswith(("https://", "http://")):
                raise DownloadError(f"{endpoint!r} is no address for {hub.value}: write https://HOST.")
        off = offline or environment.get("VISAVIS_OFFLINE", "") not in ("", "0")
        return cls(hubs, {hub: endpoint.rstrip("/") for hub, endpoint in endpoints.items()}, off, update)
