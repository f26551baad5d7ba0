# SPDX-License-Identifier: GPL-2.0
"""The host's end of the network tests.

A TCP server on the loopback interface, which QEMU's user network shows to
the guest as 10.0.2.2.  A connection starts with one line that says what to do:

    get     send the data set and close
    put     take everything up to the end of the stream, answer with its SHA-256
"""

import hashlib
import socketserver
import threading


class _Connection(socketserver.StreamRequestHandler):
    timeout = 60

    def handle(self):
        command = self.rfile.readline(64).strip()
        try:
            if command == b"get":
                self.wfile.write(self.server.data)
            elif command == b"put":
                self._put()
        except OSError:
            # The guest gave up; it says so itself, on its status channel.
            pass

    def _put(self):
        digest = hashlib.sha256()
        size = 0
        while chunk := self.rfile.read(1 << 16):
            digest.update(chunk)
            size += len(chunk)
        self.server.received[digest.hexdigest()] = size
        self.wfile.write(digest.hexdigest().encode() + b"\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class Peer:
    """Context manager; `received` maps checksums to sizes of what came in."""

    def __init__(self, data):
        self.data = data
        self.sha256 = hashlib.sha256(data).hexdigest()

    def __enter__(self):
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.data = self.data
        self._server.received = {}
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self._server.shutdown()
        self._server.server_close()

    @property
    def received(self):
        return self._server.received
