"""Who gets in: TLS, mutual TLS, tokens, addresses; and what the client says about each locked door."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from in_memory import speechlike
from service_support import make_config, running_server

from a2fbridge import _doctor
from a2fbridge._doctor import diagnose
from a2fbridge._errors import AuthenticationError, ConfigError, ServerUnavailableError
from a2fbridge.client import AsyncClient, TlsFiles, _faults
from a2fbridge.service import Server, load_server_config

PEM = Path(__file__).parent / "tls"
CA, STRANGER = PEM / "ca.pem", PEM / "stranger.pem"
SERVER = {"tls_cert": str(PEM / "server.pem"), "tls_key": str(PEM / "server.key")}
TOKEN = "s3cret-of-the-test"


async def animate(address: str, **options: object) -> int:
    async with AsyncClient(address, **options) as client:  # type: ignore[arg-type]
        return len(await client.animate(speechlike(0.2), 16000))


async def test_tls():
    async with running_server(make_config(**SERVER)) as server:
        assert await animate(server.address, tls=TlsFiles(CA)) == 6
        assert await animate(f"localhost:{server.port}", tls=TlsFiles(CA)) == 6


async def test_mutual_tls():
    config = make_config(**SERVER, client_ca=str(CA))
    async with running_server(config) as server:
        known = TlsFiles(CA, PEM / "client.pem", PEM / "client.key")
        assert await animate(server.address, tls=known) == 6
        for tls in (TlsFiles(CA), TlsFiles(CA, STRANGER, PEM / "stranger.key")):
            with pytest.raises(
                AuthenticationError, match="only clients with a certificate of its own authority"
            ):
                await animate(server.address, tls=tls)


async def test_a_certificate_of_an_unknown_authority():
    async with running_server(make_config(**SERVER)) as server:
        with pytest.raises(AuthenticationError, match="TLS was refused"):
            await animate(server.address, tls=TlsFiles(STRANGER))


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (
            "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:52812: Tls handshake failed "
            "(TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: error:1000007d:SSL:CERTIFICATE_VERIFY_FAILED: "
            "unable to get local issuer certificate",
            "unable to get local issuer certificate",
        ),
        (
            "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.2:52812: Custom verification check "
            "failed with error: UNAUTHENTICATED: Hostname Verification Check failed.",
            "Custom verification check failed with error: Hostname Verification Check failed.",
        ),
    ],
)
def test_distrust_is_told_in_few_words(details, reason):
    fault = _faults._tls_fault(details, "localhost:52812", encrypted=True)
    assert isinstance(fault, AuthenticationError)
    assert fault.link == "tls"
    assert f"TLS was refused: {reason}; is the authority (--tls-ca) right" in str(fault)


async def test_plaintext_to_a_tls_port():
    async with running_server(make_config(**SERVER)) as server:
        with pytest.raises(ServerUnavailableError, match="speaks TLS; connect with TLS"):
            await animate(server.address)
        assert await animate(server.address, tls=TlsFiles(CA)) == 6


async def test_plaintext_to_a_port_of_mutual_tls():
    async with running_server(make_config(**SERVER, client_ca=str(CA))) as server:
        with pytest.raises(ServerUnavailableError, match="speaks TLS; connect with TLS"):
            await animate(server.address)


async def test_tls_to_a_plaintext_port():
    async with running_server() as server:
        with pytest.raises(ServerUnavailableError, match="does not speak TLS"):
            await animate(server.address, tls=TlsFiles(CA))


async def links(address: str, **client: object) -> list[tuple[str, str]]:
    """Return what doctor says of the links after TCP."""
    checks = await asyncio.to_thread(lambda: list(diagnose(server=address, **client)))
    names = [check.link for check in checks]
    return [(check.link, check.status) for check in checks[names.index("tcp") + 1 :]]


WELL = [(link, "ok") for link in ("tls", "server", "token", "version", "frames")]


async def test_doctor_names_tls_and_token(token_file):
    async with running_server(make_config(**SERVER, token_file=token_file)) as server:
        assert await links(server.address, tls=TlsFiles(CA), token=TOKEN) == WELL
        assert await links(server.address, tls=TlsFiles(CA), token="wrong") == [
            *WELL[:2],
            ("token", "failed"),
        ]
        assert await links(server.address, tls=TlsFiles(CA)) == [*WELL[:2], ("token", "failed")]
        for tls in (None, TlsFiles(STRANGER), TlsFiles("none.pem")):
            assert await links(server.address, tls=tls, token=TOKEN) == [("tls", "failed")]
    async with running_server(make_config(**SERVER, client_ca=str(CA))) as server:
        assert await links(server.address, tls=TlsFiles(CA)) == [("tls", "failed")]
    async with running_server() as server:
        assert await links(server.address) == WELL
        assert await links(server.address, tls=TlsFiles(CA)) == [("tls", "failed")]


async def test_doctor_names_version_and_server(monkeypatch):
    async with running_server() as server:
        monkeypatch.setattr(_doctor, "__version__", "9.9")
        assert ("version", "warning") in await links(server.address)
        await server._health.enter_graceful_shutdown()
        assert await links(server.address) == [("tls", "ok"), ("server", "failed")]


@pytest.fixture
def token_file(tmp_path: Path) -> str:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\nthe-next-one\n")
    return str(path)


async def test_tokens(token_file, caplog):
    caplog.set_level(logging.DEBUG)
    async with running_server(make_config(token_file=token_file)) as server:
        assert await animate(server.address, token=TOKEN) == 6
        assert await animate(server.address, token="the-next-one") == 6
        for wrong in (TOKEN + "x", TOKEN[:-1], "Bearer"):
            with pytest.raises(AuthenticationError, match="not one of this server's"):
                await animate(server.address, token=wrong)
        with pytest.raises(AuthenticationError, match="a token is needed"):
            await animate(server.address)
        with pytest.raises(AuthenticationError, match="more than once"):
            await animate(server.address, token=TOKEN, metadata=[("authorization", f"Bearer {TOKEN}")])
        with pytest.raises(AuthenticationError, match="not one of this server's"):
            await animate(server.address, metadata=[("authorization", f"Basic {TOKEN}")])
    assert TOKEN not in caplog.text


async def test_health_is_open_and_the_configuration_is_not(token_file):
    async with running_server(make_config(token_file=token_file)) as server:
        async with AsyncClient(server.address) as client:
            assert await client.health()
            with pytest.raises(AuthenticationError):
                await client.configs()
        async with AsyncClient(server.address, token=TOKEN) as client:
            configs = await client.configs()
    assert TOKEN not in "".join(configs.values())


async def test_a_long_clip_without_a_token_hears_why(token_file):
    """The server ends the call while the client is still writing; the reason must not get lost."""
    async with running_server(make_config(token_file=token_file)) as server:
        async with AsyncClient(server.address) as client:
            for _ in range(5):
                with pytest.raises(AuthenticationError):
                    await client.animate(speechlike(20.0), 16000)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_an_open_address_needs_tls_or_a_word(host):
    with pytest.raises(ConfigError, match="--insecure"):
        load_server_config(host=host)
    assert load_server_config(host=host, insecure=True).listen.url.endswith(":52000")
    assert load_server_config(host=host, **SERVER).listen.secure_mode == "tls"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_nothing(host):
    assert load_server_config(host=host, port=1).listen.secure_mode == "disabled"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"tls_cert": SERVER["tls_cert"]}, "needs a certificate and its key"),
        ({"client_ca": str(CA)}, "needs a certificate and its key"),
        ({"tls_cert": "none.pem", "tls_key": SERVER["tls_key"]}, "certificate 'none.pem' cannot be read"),
        ({"tls_cert": SERVER["tls_key"], "tls_key": SERVER["tls_key"]}, "not a PEM file with a CERTIFICATE"),
        ({"tls_cert": SERVER["tls_cert"], "tls_key": SERVER["tls_cert"]}, "with a PRIVATE KEY"),
        ({"token_file": "none"}, "token file 'none' cannot be read"),
    ],
)
async def test_files_that_cannot_be_used(options, text):
    with pytest.raises(ConfigError, match=text):
        async with running_server(make_config(**options)):
            pass


async def test_an_empty_token_file(tmp_path):
    (tmp_path / "token").write_text(" \n\n")
    with pytest.raises(ConfigError, match="one token a line"):
        async with running_server(make_config(token_file=str(tmp_path / "token"))):
            pass


async def test_a_port_in_use():
    async with running_server() as server:
        with pytest.raises(ConfigError, match="port is in use"):
            async with running_server(load_server_config(port=server.port)):
                pass


async def test_a_server_that_did_not_start_can_be_left(tmp_path):
    server = Server(make_config(token_file=str(tmp_path / "none")))
    with pytest.raises(ConfigError):
        await server.start()
    await server.stop()


def test_a_client_certificate_needs_its_key():
    with pytest.raises(ConfigError, match="go together"):
        TlsFiles(CA, PEM / "client.pem").credentials()
