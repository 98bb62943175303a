"""Files that stay where they are: named by address and version."""

import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import whence
from whence.errors import FileNotReachedError


class Versioned(BaseHTTPRequestHandler):
    """Answers with the headers that the test has set."""

    def do_HEAD(self):
        self.send_response(200)
        for name, value in self.server.given.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    """Return a server on this machine whose answers the test decides."""
    found = HTTPServer(("127.0.0.1", 0), Versioned)
    found.given = {}
    thread = threading.Thread(target=partial(found.serve_forever, poll_interval=0.01))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def address(server) -> str:
    """Return where the server is."""
    return f"http://127.0.0.1:{server.server_port}/flights.csv"


def test_the_version_is_what_the_server_calls_it(server):
    """The `ETag` is recorded with the address, and another one is another value."""
    server.given = {"ETag": '"one"'}
    first = whence.file(address(server))
    server.given = {"ETag": '"two"'}
    second = whence.file(address(server))

    assert first == whence.File(address(server), '"one"')
    assert first != second


def test_time_and_size_serve_where_there_is_no_tag(server):
    """A server without tags is asked when the file was changed last."""
    server.given = {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT", "Content-Length": "12"}

    assert whence.file(address(server)).etag == "Mon, 01 Jan 2024 00:00:00 GMT, 12 bytes"


def test_a_server_without_versions_is_refused(server):
    """Without a version nobody could tell that the file has changed; the error says what to do."""
    with pytest.raises(FileNotReachedError, match="cache='1d'"):
        whence.file(address(server))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    """A missing file and a server that does not answer are told apart from a good one."""
    with pytest.raises(FileNotReachedError, match="No such file"):
        whence.file((tmp_path / "none.csv").as_uri())
    with pytest.raises(FileNotReachedError, match="Check the address"):
        whence.file("http://127.0.0.1:9/none.csv")


def test_a_local_file_is_known_by_its_content(tmp_path):
    """The version of a `file://` address is the digest of what is there."""
    file = tmp_path / "a b.csv"
    file.write_text("1")
    first = whence.file(file.as_uri())
    file.write_text("2")

    assert whence.file(file.as_uri()).etag != first.etag
