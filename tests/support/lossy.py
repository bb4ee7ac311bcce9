"""A proxy in front of an HTTP server that loses replies: the server did what was asked, and the client never learns."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Lossy:
    """Passes requests on; while `losing`, the reply to each different writing request is lost the first time."""

    def __init__(self, server):
        self.server, self.losing, self.lost = urlsplit(server), False, set()
        self.front = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self.front.server_port}"
        threading.Thread(target=self.front.serve_forever, daemon=True).start()

    def close(self):
        self.front.shutdown()
        self.front.server_close()

    def forward(self, command, path, body, headers):
        """The server's response and its content."""
        connection = http.client.HTTPConnection(self.server.hostname, self.server.port, timeout=60)
        headers = {name: value for name, value in headers.items() if name.lower() != "host"}
        connection.request(command, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    def loses(self, command, path, body, status):
        """Whether this reply is lost; the same request asked again is answered."""
        if not self.losing or status != 200 or command == "GET" or path.endswith("/search"):
            return False
        first = (command, path, body) not in self.lost
        self.lost.add((command, path, body))
        return first


def _handler(proxy):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            response, content = proxy.forward(self.command, self.path, body, self.headers)
            if proxy.loses(self.command, self.path, body, response.status):
                self.close_connection = True
                return
            self.send_response(response.status)
            self.send_header("Content-Type", response.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

        def log_message(self, *words):
            pass

    return Handler
