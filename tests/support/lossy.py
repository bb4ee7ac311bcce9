"""A proxy before an HTTP server that loses replies: what came through was done, and nobody is told."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.support.postgres import free_port


class Lossy:
    """Passes requests on; while `losing`, the reply to every different one that writes is lost the first time."""

    def __init__(self, server):
        self.server, self.losing, self.lost = urlsplit(server), False, set()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.front = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        threading.Thread(target=self.front.serve_forever, daemon=True).start()

    def close(self):
        self.front.shutdown()
        self.front.server_close()

    def _handler(self):
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                behind = http.client.HTTPConnection(proxy.server.hostname, proxy.server.port, timeout=60)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                behind.request(self.command, self.path, body, headers)
                answer = behind.getresponse()
                content = answer.read()
                behind.close()
                if proxy.losing and proxy.writes(self.command, self.path) and answer.status == 200:
                    first = (self.command, self.path, body) not in proxy.lost
                    proxy.lost.add((self.command, self.path, body))
                    if first:
                        self.close_connection = True
                        return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

            def log_message(self, *words):
                pass

        return Handler

    @staticmethod
    def writes(command, path):
        return command != "GET" and not path.endswith("/search")
