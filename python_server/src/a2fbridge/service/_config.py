"""The configuration of a server: three files of NIM 2.0, then the options of the command line."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from a2fbridge._errors import ConfigError
from a2fbridge._network import join_address, split_address
from a2fbridge._settings import MAX_BYTES, drop_ineffective, read_yaml
from a2fbridge.packs import DEFAULT_PACK
from a2fbridge.service._advanced import Advanced
from a2fbridge.service._deployment import Deployment, Listen
from a2fbridge.service._imported import import_settings
from a2fbridge.service._stylization import Stylization

__all__ = ["FILE_NAMES", "ServerConfig", "load_server_config"]

FILE_NAMES: Final = {
    "stylization": "stylization_config.yaml",
    "deployment": "deployment_config.yaml",
    "advanced": "advanced_config.yaml",
}
_log = logging.getLogger("a2fbridge.service")
_T = TypeVar("_T")


@dataclass(frozen=True)
class ServerConfig:
    """Everything a server needs to know; the defaults serve the built-in pack on loopback."""

    deployment: Deployment = field(default_factory=Deployment)
    stylization: Stylization = field(default_factory=Stylization)
    advanced: Advanced = field(default_factory=Advanced)

    @property
    def listen(self) -> Listen:
        """Address and certificates."""
        return self.deployment.endpoints.bidirectional.server

    @property
    def packs(self) -> tuple[str, ...]:
        """The packs to serve, the default one first."""
        return self.deployment.a2fbridge.packs or (self.stylization.a2f.model_id or DEFAULT_PACK,)

    def identity_of(self, identities: Sequence[str]) -> str:
        """Return the default face of a pack with these; empty for its first."""
        known = {name.lower(): name for name in identities}
        style = self.stylization.a2f.diffusion_model.identity if len(identities) > 1 else ""
        return known.get(self.deployment.a2fbridge.identity.lower(), "") or style

    def checked(self) -> ServerConfig:
        """Return this configuration; raises ConfigError when its parts contradict each other."""
        listen, bridge = self.listen, self.deployment.a2fbridge
        host, _ = split_address(listen.url, any_port=True)
        if listen.secure_mode != "disabled" and not (listen.certificate_path and listen.key_path):
            raise ConfigError(f"secure_mode {listen.secure_mode} needs a certificate and its key")
        if listen.secure_mode == "mtls" and not listen.ca_path:
            raise ConfigError("secure_mode mtls needs the certificate authority of the clients (ca_path)")
        if listen.secure_mode == "disabled" and not is_loopback(host) and not bridge.insecure:
            raise ConfigError(
                f"{listen.url} can be reached from other machines and nothing is encrypted; give a certificate "
                "(--tls-cert, --tls-key), bind 127.0.0.1, or say --insecure where the network is trusted"
            )
        return self


def load_server_config(directory: str | Path | None = None, **options: Any) -> ServerConfig:
    """Read the three files in ``directory``, each optional and possibly partial, and apply options to them.

    In place of the folder it may be one file: ``stylization_config.yaml``, or settings that NVIDIA's microservice or
    Maya-ACE exported as JSON, whose unknown keys are named in the log.

    Options, each None for "as in the files": ``host``, ``port``, ``pack``, ``identity``, ``solver``, ``backend``,
    ``device``, ``threads``, ``max_streams``, ``tls_cert``, ``tls_key``, ``client_ca``, ``token_file``, ``insecure``.
    Raises ConfigError with file and line for unknown keys and bad values.
    """
    files = ServerConfig() if directory is None else _read_files(Path(directory))
    return _apply(files, {name: value for name, value in options.items() if value is not None}).checked()


def is_loopback(host: str) -> bool:
    """Tell whether an address can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read_files(directory: Path) -> ServerConfig:
    if directory.is_file():
        return ServerConfig(stylization=_read_style(directory))
    if not directory.is_dir():
        raise ConfigError(f"configuration folder '{directory}' is not there")
    files = {part: directory / name for part, name in FILE_NAMES.items()}
    if not any(path.is_file() for path in files.values()):
        raise ConfigError(f"'{directory}' holds none of {', '.join(FILE_NAMES.values())}")
    return ServerConfig(
        deployment=_read_file(Deployment, files["deployment"]),
        stylization=_read_file(Stylization, files["stylization"]),
        advanced=_read_file(Advanced, files["advanced"]),
    )


def _read_style(path: Path) -> Stylization:
    if path.suffix.lower() != ".json":
        return _read_file(Stylization, path)
    try:
        with path.open("rb") as file:
            style, ignored = import_settings(file.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    if ignored:
        _log.warning("%s: ignored: %s", path, ", ".join(ignored))
    return style


def _read_file(kind: type[_T], path: Path) -> _T:
    if not path.is_file():
        return kind()
    config, dropped = drop_ineffective(read_yaml(kind, path))
    if dropped:
        _log.warning("%s: without effect in this version: %s", path, ", ".join(dropped))
    return config


def _apply(config: ServerConfig, options: dict[str, Any]) -> ServerConfig:
    """Return the configuration with options of the command line put over it; raises ConfigError."""
    unknown = set(options) - _OPTIONS
    if unknown:
        raise TypeError(f"unknown option {', '.join(sorted(unknown))}")
    deployment = config.deployment
    bridge = deployment.a2fbridge
    same = ("identity", "solver", "backend", "threads", "token_file")
    renamed: dict[str, Any] = {name: options[name] for name in same if name in options}
    if "pack" in options:
        renamed["packs"] = (str(options["pack"]),)
    renamed["insecure"] = bool(options.get("insecure")) or bridge.insecure
    endpoints = replace(
        deployment.endpoints,
        bidirectional=replace(deployment.endpoints.bidirectional, server=_listen(config, options)),
    )
    common = replace(
        deployment.common, stream_number=options.get("max_streams", deployment.common.stream_number)
    )
    if common.stream_number < 1:
        raise ConfigError(f"{common.stream_number} streams; right is 1 or more")
    deployment = replace(deployment, common=common, endpoints=endpoints, a2fbridge=replace(bridge, **renamed))
    advanced = config.advanced
    if "device" in options:
        device = int(options["device"])
        advanced = replace(
            advanced,
            a2f=replace(advanced.a2f, device_id=device),
            a2e=replace(advanced.a2e, device_id=device),
        )
    return replace(config, deployment=deployment, advanced=advanced)


_OPTIONS: Final = frozenset(
    """host port pack identity solver backend device threads max_streams
    tls_cert tls_key client_ca token_file insecure""".split()
)


def _listen(config: ServerConfig, options: dict[str, Any]) -> Listen:
    listen = config.listen
    host, port = split_address(listen.url, any_port=True)
    listen = replace(
        listen,
        url=join_address(options.get("host", host), options.get("port", port)),
        certificate_path=str(options.get("tls_cert", listen.certificate_path)),
        key_path=str(options.get("tls_key", listen.key_path)),
        ca_path=str(options.get("client_ca", listen.ca_path)),
    )
    if "client_ca" in options:
        return replace(listen, secure_mode="mtls")
    if ("tls_cert" in options or "tls_key" in options) and listen.secure_mode == "disabled":
        return replace(listen, secure_mode="tls")
    return listen
