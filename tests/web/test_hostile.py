"""Two hundred requests from twenty clients at once, a third of them malformed or hostile."""

from __future__ import annotations

import http.client
import json
import random
import re
import signal
import socket
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.web.pictures import data_uri, png
from tests.web.serving import running

CLIENTS, EACH = 20, 10
MOST = 300_000
"""Bytes of a request that the server takes here."""
GROWTH = 60_000_000
"""Bytes by which memory may differ between two such runs."""
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "frontier"


class Client:
    """One browser or program: a connection for each request, one cookie, one secret word."""

    def __init__(self, address: str, number: int) -> None:
        parts = urlsplit(address)
        assert parts.hostname and parts.port
        self.place = (parts.hostname, parts.port)
        self.word = f"zq{number:02}x{random.Random(number).getrandbits(40):x}"
        self.cookie = ""

    def send(
        self, method: str, path: str, body: bytes | str | None = None, **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """Status, body and headers of the response."""
        connection = http.client.HTTPConnection(*self.place, timeout=120)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = self.cookie
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        text = response.read().decode()
        if cookie := response.headers["set-cookie"]:
            self.cookie = cookie.partition(";")[0]
        connection.close()
        return response.status, text, response.headers

    def raw(self, sent: bytes) -> tuple[int, str]:
        """Status and body of the response to bytes that no library would send."""
        with socket.create_connection(self.place, timeout=120) as connection:
            try:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before all was sent
            answer = b""
            try:
                while piece := connection.recv(65_536):
                    answer += piece
            except ConnectionResetError:
                pass
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), body.decode()


def bomb() -> bytes:
    """A PNG of 60,000 × 60,000 pixels in few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def upload(question: str, name: str, content: bytes) -> tuple[bytes, str]:
    """A form with a picture, and its content type."""
    text = (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=question\r\n\r\n{question}\r\n"
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name=pictures; filename="{name}"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    body = text.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return body, f"multipart/form-data; boundary={BOUNDARY}"


def chat(question: str, *pictures: str) -> str:
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in pictures]
    content = [{"type": "text", "text": question}, *parts]
    return json.dumps({"messages": [{"role": "user", "content": content}]})


# --- what well-behaved clients do -------------------------------------------------------------


def asks_on_the_page(client: Client) -> None:
    asked = urlencode({"question": f"Which loss does MIMO-UNet+ use? {client.word}"})
    status, _, headers = client.send("POST", "/ask", asked, Content_Type=FORM)
    assert status == 303
    location = headers["location"]
    for _ in range(200):
        status, page, headers = client.send("GET", location)
        if status == 200 and "data-job" not in page:
            break
        assert status in (200, 303), page  # a page of progress is asked for again
        location = headers.get("location", location)
    assert client.word in page and "/answers/" in page and "Fourier" in page


def asks_with_a_picture(client: Client) -> None:
    body, kind = upload(f"Why is it sharp? {client.word}", "<b>x</b>.png", png(24, 24))
    status, page, headers = client.send("POST", "/ask", body, Content_Type=kind)
    assert status in (303, 429), page
    if status == 429:
        assert int(headers["retry-after"]) > 0
        return
    status, page, _ = client.send("GET", headers["location"])
    assert status in (200, 303) and "<b>x" not in page


def asks_the_endpoint(client: Client) -> None:
    status, body, _ = client.send("POST", "/v1/chat/completions", chat("What is FeatSharp?"))
    assert status == 200 and "FeatSharp" in json.loads(body)["choices"][0]["message"]["content"]


def looks_at_the_registry(client: Client) -> None:
    status, page, _ = client.send("GET", "/registry?q=sharp")
    assert status == 200 and "featsharp" in page


def sees_its_own_history(client: Client) -> None:
    status, page, _ = client.send("GET", "/")
    assert status == 200 and set(re.findall(r"zq\d\dx\w+", page)) <= {client.word}


GOOD = (asks_on_the_page, asks_the_endpoint, looks_at_the_registry, sees_its_own_history,
        asks_with_a_picture)  # fmt: skip


# --- what others do ---------------------------------------------------------------------------


def line(status: int, expected: int, body: str) -> None:
    """A refusal is its status and one line."""
    assert status == expected, (status, body)
    text = json.loads(body)["error"] if body.startswith("{") else body
    text = text["message"] if isinstance(text, dict) else text
    assert text.strip() and "\n" not in text.strip() and "Traceback" not in body


def page(status: int, expected: int, body: str) -> None:
    """For a browser, a page that says it."""
    assert status == expected and "<html" in body, (status, body)
    assert "Traceback" not in body and "/tmp" not in body


def wrong_host(client: Client) -> None:
    status, body, _ = client.send("GET", "/", Host="evil.example")
    line(status, 400, body)


def foreign_origin(client: Client) -> None:
    status, body, _ = client.send("POST", "/ask", "question=x", Origin="http://evil.example",
                                  Content_Type=FORM)  # fmt: skip
    line(status, 403, body)


def announces_100_mb(client: Client) -> None:
    head = b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"
    status, body = client.raw(head + b"x" * 1_000_000)
    line(status, 413, body)


def chunks_without_end(client: Client) -> None:
    head = b"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    status, body = client.raw(head + chunk * 100)
    line(status, 413, body)


def climbs_out(client: Client) -> None:
    for path in ("/static/..%2f..%2f..%2fetc%2fpasswd", "/answers/x/files/..%2freport.json",
                 "/registry/..%2f..%2fetc%2fpasswd"):  # fmt: skip
        status, body, _ = client.send("GET", path)
        assert status == 404 and "root:" not in body


def sends_a_bomb(client: Client) -> None:
    url = data_uri(bomb())
    status, body, _ = client.send("POST", "/v1/chat/completions", chat("Why?", url))
    line(status, 400, body)


def sends_a_bomb_to_the_page(client: Client) -> None:
    body, kind = upload("Why?", "bomb.png", bomb())
    status, shown, _ = client.send("POST", "/ask", body, Content_Type=kind)
    page(status, 400, shown)


def injects_headers(client: Client) -> None:
    body, kind = upload("Why?", "x.png\r\nSet-Cookie: stolen=1", b"no picture")
    status, _, headers = client.send("POST", "/ask", body, Content_Type=kind)
    assert status == 400 and "stolen" not in str(headers)
    status, _, headers = client.send("GET", "/registry/x%0d%0aSet-Cookie:%20stolen=1")
    assert status == 404 and "stolen" not in str(headers)


def sends_no_json(client: Client) -> None:
    status, body, _ = client.send("POST", "/v1/chat/completions", b"{\xff\xfe")
    line(status, 400, body)


def names_a_picture_on_the_network(client: Client) -> None:
    for url in ("http://169.254.169.254/x", "file:///etc/passwd"):
        status, body, _ = client.send("POST", "/v1/chat/completions", chat("Why?", url))
        line(status, 400, body)


def sends_no_http(client: Client) -> None:
    status, _ = client.raw(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
    assert status == 400


def repeats_the_host(client: Client) -> None:
    status, _ = client.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
    assert status == 400


def asks_too_much(client: Client) -> None:
    body = urlencode({"question": "why " * 20_000})
    status, shown, _ = client.send("POST", "/ask", body, Content_Type=FORM)
    page(status, 400, shown)


def breaks_the_form(client: Client) -> None:
    kind = "multipart/form-data; boundary=x"
    status, shown, _ = client.send("POST", "/ask", b"--y\r\nno form", Content_Type=kind)
    page(status, 400, shown)


BAD = (wrong_host, foreign_origin, announces_100_mb, chunks_without_end, climbs_out, sends_a_bomb,
       sends_a_bomb_to_the_page, injects_headers, sends_no_json, names_a_picture_on_the_network,
       sends_no_http, repeats_the_host, asks_too_much, breaks_the_form)  # fmt: skip


# --- the run ----------------------------------------------------------------------------------


def storm(address: str) -> None:
    """Two hundred requests, in an order of their own for each client; raises what went wrong."""
    good, bad = cycle(GOOD), cycle(BAD)
    drawn = [next(bad if i % 3 == 2 else good) for i in range(CLIENTS * EACH)]
    random.Random(22).shuffle(drawn)

    def behave(number: int) -> None:
        client = Client(address, number)
        acts: list[Callable[[Client], None]] = drawn[number * EACH : (number + 1) * EACH]
        for act in acts:
            act(client)
        sees_its_own_history(client)

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(behave, range(CLIENTS)))


def memory(address: str) -> int:
    """Resident bytes of the server."""
    _, metrics, _ = Client(address, 0).send("GET", "/metrics")
    (value,) = re.findall(r"^process_resident_memory_bytes (\S+)$", metrics, re.MULTILINE)
    return int(float(value))


@pytest.mark.slow
def test_a_storm_of_requests_breaks_nothing_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--evidence", "none", "--client-rate", "0", "--max-upload", str(MOST))
    with running(tmp_path, *options) as (address, process):
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port), timeout=120) as loris:
            loris.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            before, levels = memory(address), []
            for _ in range(3):
                storm(address)
                levels.append(memory(address))
            assert loris.recv(1) == b""  # given up on meanwhile, without an answer
        with capsys.disabled():
            shown = ", ".join(f"{level / 1e6:.0f}" for level in levels)
            print(f"\nresident MB: {before / 1e6:.0f} before, then {shown} after each storm")
        assert levels[-1] - levels[0] < GROWTH
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=120)
    assert process.returncode == 0 and complaints == "Stopped.\n"
    assert list(tmp_path.iterdir()) == []
