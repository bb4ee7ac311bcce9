"""A server of files on this machine, with ranges, a list of each folder, and faults."""

import hashlib
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote


class FileServer:
    """Server of `files`, bytes by path.

    `faults(path, number)` is asked with each request (its number among those of its path, from 0) and returns None or
    what goes wrong: a status, `no ranges`, `other` (ranges of another version), or `cut N` after N bytes.
    """

    def __init__(self, **files):
        self.files, self.requests, self.faults, self.versions = files, [], lambda path, number: None, True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def listing(self):
        links = "".join(f'<a href="{quote(name)}">{name}</a>' for name in self.files)
        return f'<html><a href="../">Parent</a>{links}</html>'.encode()


def _handler(server):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            name, span = unquote(self.path.lstrip("/")), self.headers.get("Range")
            number = sum(known == name for known, _ in server.requests)
            server.requests.append((name, span))
            fault = server.faults(name, number) or ""
            if re.fullmatch(r"\d{3}", fault):
                self.answer(int(fault), b"no")
            elif not name:
                self.answer(200, server.listing())
            elif name not in server.files:
                self.answer(404, b"no")
            else:
                self.file(server.files[name], span, fault)

        def file(self, content, span, fault):
            version = f'"{hashlib.sha256(content).hexdigest()[:8]}"' if server.versions else ""
            cut = int(fault.removeprefix("cut ")) if fault.startswith("cut") else None
            if span is None or fault == "no ranges" or self.headers.get("If-Range") != version:
                self.answer(200, content, {"ETag": version}, cut)
                return
            start = int(re.fullmatch(r"bytes=(\d+)-", span)[1])
            if start >= len(content):
                self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
                return
            headers = {"ETag": '"other"' if fault == "other" else version}
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.answer(206, content[start:], headers, cut)

        def answer(self, status, body, headers=(), cut=None):
            self.send_response(status)
            for name, value in dict(headers).items():
                if value:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[:cut])
            if cut is not None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

    return Handler
