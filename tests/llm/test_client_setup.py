"""Whatever keeps a client from being set up or from connecting is named, with what to do."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ServiceError
from agent.llm import open_client
from agent.llm.prompts import Prompt
from agent.references import references_in
from agent.settings import Settings

PROMPT = Prompt("test", "Answer.", "u")
DEAD = "http://127.0.0.1:9/v1"
SECRETS = ("hidden-user", "hidden-word")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, no_waiting: None) -> pytest.MonkeyPatch:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)
    for name in ("OPENAI_BASE_URL", "OPENAI_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    return monkeypatch


def why(model: str = "openai:stub", **more: Any) -> str:
    """Why it does not answer, which has to be fit for a report."""
    with pytest.raises(ServiceError) as caught:
        open_client(Settings(model=model, timeout=60.0, **more)).reply(PROMPT)
    text = str(caught.value)
    assert "\n" not in text and not references_in(text) and not any(s in text for s in SECRETS)
    return text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "ALL_PROXY sets the proxy socks5://127.0.0.1:9"),
        ("all_proxy", "socks5h://127.0.0.1:9", "all_proxy sets the proxy socks5h://127.0.0.1:9"),
        ("ALL_PROXY", "socks5://hidden-user:hidden-word@127.0.0.1:9", "pip install socksio"),
        ("HTTPS_PROXY", "socks4://127.0.0.1:9", "HTTPS_PROXY.*socks4.*is malformed"),
        ("HTTP_PROXY", "http://127.0.0.1:port", "HTTP_PROXY.*is malformed"),
        ("OPENAI_PROXY", "ftp://127.0.0.1:9", "OPENAI_PROXY.*is malformed"),
        ("HTTP_PROXY", "http://hidden-user:hidden-word@127.0.0.1:9", "from HTTP_PROXY"),
        ("HTTP_PROXY", "127.0.0.1:9", r"proxy 127\.0\.0\.1:9 \(from HTTP_PROXY"),
        ("ALL_PROXY", "http://127.0.0.1:9", "the proxy.*from ALL_PROXY"),
        ("OPENAI_PROXY", "http://127.0.0.1:9", "the proxy.*from OPENAI_PROXY"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "is set to /nowhere/ca.pem, which does not exist"),
        ("SSL_CERT_FILE", "certs/ca.pem", "SSL_CERT_FILE.*ca.pem, which does not exist"),
        ("SSL_CERT_FILE", __file__, "SSL_CERT_FILE.*contains no certificates"),
        ("SSL_CERT_FILE", "/", r"SSL_CERT_FILE.*cannot be read \(Is a directory\)"),
        ("OPENAI_ORG_ID", "org-…", r"OPENAI_ORG_ID contains a character.*U\+2026"),
        ("OPENAI_PROJECT_ID", "a\nb", r"OPENAI_PROJECT_ID contains a character.*U\+000A"),
    ],
)  # fmt: skip
def test_the_variable_at_fault_is_named(stub, says_, environment, name, value, said):
    stub(says_("x"))
    environment.setenv(name, value)
    text = why()
    assert re.search(said, text), text


@pytest.mark.parametrize(
    ("key", "sent"),
    [("x\n", "Bearer x"), (" \tx\u00a0", "Bearer x"), ("", "Bearer none"), (" \n", "Bearer none")],
)
def test_white_space_around_a_key_is_dropped(stub, says_, environment, key, sent):
    server = stub(says_("x"))
    environment.setenv("OPENAI_API_KEY", key)
    assert open_client(Settings(model="stub")).reply(PROMPT) == "x"
    assert server.requests[0][0]["authorization"] == sent


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk-…abc", r"U\+2026.*4 of 7"),
        ("sk-\u200babc", r"U\+200B, character 4"),
        ("sk\nabc", r"U\+000A"),
        ("Bearer sk", r"U\+0020"),
        ("clé", r"U\+00E9"),
        ("\ufeffsk", r"U\+FEFF, character 1"),
    ],
)
def test_a_key_with_a_character_that_no_key_holds_is_named(stub, says_, environment, key, shown):
    server = stub(says_("x"))
    environment.setenv("OPENAI_API_KEY", key)
    assert re.search(f"OPENAI_API_KEY contains .*{shown}.*copy it again", text := why()), text
    assert server.requests == []


@pytest.mark.parametrize("key", [None, "", " \n"])
@pytest.mark.parametrize("address", [None, "", " "])
def test_a_key_is_asked_for_where_it_is_needed(environment, key, address):
    for name, value in (("OPENAI_API_KEY", key), ("OPENAI_BASE_URL", address)):
        if value is None:
            environment.delenv(name, raising=False)
        else:
            environment.setenv(name, value)
    assert "OPENAI_API_KEY is not set" in why()
    assert "no provider 'antropic' (did you mean 'anthropic'?)" in why("antropic:claude")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:9/v1", "does not begin with http"),
        ("localhost:8080/v1", "does not begin with http"),
        ("host.example.com/v1", "does not begin with http"),
        ("https//127.0.0.1/v1", "does not begin with http"),
        ("http:/127.0.0.1/v1", "does not begin with http"),
        ("file:///v1", "does not begin with http"),
        ("ws://127.0.0.1/v1", "does not begin with http"),
        ("'http://127.0.0.1:9/v1'", "does not begin with http"),
        ("http://", "has no host"),
        ("http:///v1", "has no host"),
        ("http://127.0.0.1 :9/v1", "has no host|is malformed"),
        ("http://127.0.0.1:99999/v1", "is malformed.*port"),
        ("http://127.0.0.1:port/v1", "is malformed.*port"),
        ("http://[::1/v1", "is malformed"),
        ("user:hidden-word@host.example/v1", "does not begin with http"),
        ("http://a..b/v1", "."),
        (DEAD, "the connection was refused; start the server"),
        (f"  {DEAD}\n", "the connection was refused"),
        ("http://nosuch.invalid/v1", "the host is unknown|cannot be reached"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_address_is_told(address, said):
    assert re.search(said, text := why(base_url=address)), text


def test_an_address_that_leads_elsewhere_is_told(stub):
    def moved(handler):
        handler.answer(307, {}, location="https://host.example/v1/chat/completions")

    server = stub(moved)
    assert "redirects elsewhere (307); set OPENAI_BASE_URL" in why()
    assert len(server.requests) == 1


@pytest.fixture
def secured(stub: Any, says_: Any, tmp_path: Path) -> Iterator[tuple[Any, Path]]:
    """A server with a certificate that it signed itself, and that certificate."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
         "-out", cert, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = stub(says_("x"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    yield server, cert


def test_a_certificate_that_is_not_trusted_is_told_with_a_remedy_that_works(secured, environment):
    server, cert = secured
    address = server.url.replace("http:", "https:")
    text = why(base_url=address)
    assert "certificate of the server is not trusted (self-signed" in text
    assert "set SSL_CERT_FILE to" in text
    environment.setenv("SSL_CERT_FILE", str(cert))
    assert open_client(Settings(model="stub", base_url=address)).reply(PROMPT) == "x"
    other = why(base_url=address.replace("127.0.0.1", "localhost"))
    assert "not valid for" in other and "server name of the certificate" in other


def test_a_server_without_tls_is_told(stub, says_):
    server = stub(says_("x"))
    assert "does not use TLS" in why(base_url=server.url.replace("http:", "https:"))


def test_a_proxy_does_its_work_and_no_library_says_anything(stub, says_, environment, capfd):
    """The server is taken for the proxy, and so is asked for the whole address."""
    server = stub(says_("x"))
    for name in ("HTTP_PROXY", "OPENAI_PROXY"):
        environment.setenv(name, server.url.removesuffix("/v1"))
        base = "http://models.invalid/v1"
        assert open_client(Settings(model="stub", base_url=base)).reply(PROMPT) == "x"
        assert server.requests[-1][1] == f"{base}/chat/completions"
        environment.delenv(name)
    environment.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    environment.setenv("NO_PROXY", "127.0.0.1")
    assert open_client(Settings(model="stub", base_url=server.url)).reply(PROMPT) == "x"
    assert capfd.readouterr().err == ""


def test_a_proxy_that_asks_for_a_password_is_told(stub, environment):
    server = stub(lambda handler: handler.answer(407, {}))
    environment.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    assert "the proxy requires a login" in why(base_url="http://models.invalid/v1")


def test_the_page_of_a_gateway_is_not_quoted(stub):
    def fails(handler):
        handler.send_response(501)
        handler.end_headers()
        handler.wfile.write(b"<html><body>501 Not Implemented</body></html>")

    stub(fails)
    assert why().endswith("answered with an error (501); try again later")


def test_a_schema_that_a_server_does_not_take_is_told_without_a_warning(stub, capfd, recwarn):
    refusal = "'response_format' of type 'json_schema' is not supported with this model"
    stub(lambda handler: handler.answer(400, {"error": {"message": refusal}}))
    assert "is not supported with this model" in why()
    assert capfd.readouterr().err == "" and not recwarn.list


class TestAzure:
    """Another provider of the same protocol, whose client is set up by its own variables."""

    @pytest.fixture(autouse=True)
    def _azure(self, environment: pytest.MonkeyPatch, stub: Any, says_: Any) -> None:
        server = stub(says_("x"))
        for name, value in {
            "AZURE_OPENAI_ENDPOINT": server.url.removesuffix("/v1"),
            "AZURE_OPENAI_API_KEY": "hidden-word",
            "OPENAI_API_VERSION": "2025-01-01",
        }.items():
            environment.setenv(name, value)
        environment.delenv("OPENAI_API_KEY")
        environment.delenv("OPENAI_BASE_URL")

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("OPENAI_API_VERSION", None, "OPENAI_API_VERSION"),
            ("AZURE_OPENAI_API_KEY", None, "AZURE_OPENAI_API_KEY"),
            ("AZURE_OPENAI_ENDPOINT", None, "azure_endpoint|AZURE_OPENAI_ENDPOINT"),
            ("AZURE_OPENAI_API_KEY", "hidden-word\n", "AZURE_OPENAI_API_KEY contains a character"),
            ("AZURE_OPENAI_API_KEY", "hidden-word…", "AZURE_OPENAI_API_KEY contains a character"),
            ("ALL_PROXY", "socks5://127.0.0.1:9", "ALL_PROXY"),
            ("SSL_CERT_FILE", "/nonexistent/ca.pem", "SSL_CERT_FILE"),
            ("AZURE_OPENAI_ENDPOINT", "127.0.0.1:9", "cannot be reached|http"),
            ("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:9", "the connection was refused"),
        ],
    )
    def test_the_variable_at_fault_is_named(self, environment, capfd, name, value, said):
        if value is None:
            environment.delenv(name)
        else:
            environment.setenv(name, value)
        assert re.search(said, text := why("azure_openai:gpt-4o")), text
        assert capfd.readouterr().err == ""

    def test_its_reply_is_used(self, stub, says_, environment):
        server = stub(says_("x"))
        environment.delenv("OPENAI_BASE_URL")
        environment.setenv("AZURE_OPENAI_ENDPOINT", server.url.removesuffix("/v1"))
        assert open_client(Settings(model="azure_openai:gpt-4o")).reply(PROMPT) == "x"
        assert "/deployments/gpt-4o/chat/completions" in server.requests[0][1]
        assert "hidden-word" not in json.dumps(server.requests[0][2])
