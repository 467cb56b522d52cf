"""``deployment_config.yaml`` of NIM 2.0 as dataclasses (spec: wire protocol, section 5.1), and our own section.

A field's name is its key.  Unlike NVIDIA's, our default address is loopback, and the number of streams is bounded
by the measured load rather than by a fixed count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from a2fbridge._errors import ConfigError
from a2fbridge._settings import setting

__all__ = ["Deployment"]

LogLevel = Literal["trace", "debug", "info", "warn", "error", "critical", "disabled"]
SecureMode = Literal["disabled", "tls", "mtls"]


@dataclass(frozen=True)
class Common:
    stream_number: int = setting(128, 1, 4096)
    """Open streams at most; the measured load of the machine may refuse earlier."""
    add_silence_padding_after_audio: bool = setting(False)
    silence_padding_duration_second: float = setting(1.5, 0, 60)


@dataclass(frozen=True)
class Logging:
    log_level: LogLevel = setting("info")
    fps_logging_interval_second: int = setting(1, 0, no_effect=True)


@dataclass(frozen=True)
class Listen:
    url: str = setting("127.0.0.1:52000")
    secure_mode: SecureMode = setting("disabled")
    certificate_path: str = setting("")
    key_path: str = setting("")
    ca_path: str = setting("")


@dataclass(frozen=True)
class Bidirectional:
    server: Listen = field(default_factory=Listen)


@dataclass(frozen=True)
class LegacyServer:
    url: str = setting("0.0.0.0:50000", no_effect=True)


@dataclass(frozen=True)
class LegacyClient:
    url: str = setting("0.0.0.0:51000", no_effect=True)


@dataclass(frozen=True)
class Unidirectional:
    server: LegacyServer = field(default_factory=LegacyServer)
    client: LegacyClient = field(default_factory=LegacyClient)


@dataclass(frozen=True)
class Endpoints:
    use_bidirectional: bool = setting(True)
    bidirectional: Bidirectional = field(default_factory=Bidirectional)
    unidirectional: Unidirectional = field(default_factory=Unidirectional)

    def __post_init__(self) -> None:
        if not self.use_bidirectional:
            raise ConfigError("use_bidirectional is false; the one-directional services are not supported")


@dataclass(frozen=True)
class Telemetry:
    service_name: str = setting("audio2face", no_effect=True)
    metrics_enabled: bool = setting(False, no_effect=True)
    traces_enabled: bool = setting(False, no_effect=True)
    metrics_exporter: Literal["prometheus", "otlp"] = setting("prometheus", no_effect=True)
    otel_metric_export_interval: int = setting(60000, 1, no_effect=True)
    otel_metric_export_timeout: int = setting(30000, 1, no_effect=True)
    otlp_http_metrics_endpoint: str = setting("http://localhost:4318/v1/metrics", no_effect=True)
    otlp_http_traces_endpoint: str = setting("http://localhost:4318/v1/traces", no_effect=True)
    prometheus_endpoint: str = setting("0.0.0.0:9464", no_effect=True)


@dataclass(frozen=True)
class Bridge:
    """Our own section, ``a2fbridge:`` in deployment_config.yaml."""

    packs: tuple[str, ...] = setting(())
    """Packs to serve, by id or folder; the first is the default.  Empty: the model that the stylization names."""
    identity: str = setting("")
    """The face of streams that ask for none; empty: what the stylization says, then a pack's first."""
    solver: Literal["bvls", "admm"] = setting("bvls")
    backend: str = setting("auto")
    noise_seed: int = setting(0, 0, (1 << 63) - 1)
    """Of a diffusion network's noise."""
    emotion_pack: str = setting("builtin-emotion")
    """What hears the emotion in a voice, by id or folder; empty: nothing, and automatic emotion is refused."""
    emotion_window: float = setting(0, 0, 60)
    """Seconds that it looks at; 0: the pack's own, 3.75 for NVIDIA's."""
    emotion_look_ahead: float = setting(0, 0, 60)
    """Seconds of them after the frame, which live streams wait for; 0: the pack's own, half a window for NVIDIA's."""
    network_memory_mib: int = setting(0, 0, 1 << 20)
    """What networks may remember of their results, MiB each: windows heard before under the same emotions are then not
    computed again.  For servers on which somebody edits (a studio's own has 256); 0: nothing."""
    threads: int = setting(0, 0, 256)
    """CPU threads of one inference; 0: all cores but one."""
    token_file: str = setting("")
    """File with the bearer tokens that are accepted, one a line; empty: no token is asked for."""
    insecure: bool = setting(False)
    """Allow an address other than loopback without TLS."""
    max_load: float = setting(0.85, 0.01, 1e9)
    """Share of the machine that real-time streams may take together."""
    max_batch: int = setting(32, 1, 128)
    max_frame_rate: int = setting(240, 1, 1000)
    authoring_clip_mib: int = setting(16, 0, 2047)
    """Largest clip of the authoring service, MiB, and so the largest message; 0 turns the service off."""
    authoring_total_mib: int = setting(512, 1, 1 << 20)
    """Clips kept for it in all, MiB."""
    authoring_ttl_second: float = setting(3600, 1, 1e9)
    """Seconds without use after which a clip is forgotten."""
    shutdown_grace_second: float = setting(30, 0, 3600)
    """How long running streams may go on after a request to stop."""


@dataclass(frozen=True)
class Deployment:
    common: Common = field(default_factory=Common)
    logging: Logging = field(default_factory=Logging)
    endpoints: Endpoints = field(default_factory=Endpoints)
    telemetry: Telemetry = field(default_factory=Telemetry)
    a2fbridge: Bridge = field(default_factory=Bridge)
