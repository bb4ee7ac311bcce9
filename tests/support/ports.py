"""Network ports of this machine that the tests' own servers listen on."""

import socket


def free_port():
    """A port that nobody listens on now; the kernel draws it, so tests that run side by side get different ones."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
