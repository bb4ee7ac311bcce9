"""What servers of tests answer with: complete, or cut off in the middle."""

import socket
from http.server import BaseHTTPRequestHandler


class CutAnswers(BaseHTTPRequestHandler):
    def answer(self, status, body, headers=(), cut=False):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
