"""A wire to PostgreSQL that can be cut at the worst moment: after COMMIT, before its answer."""

import socket
import threading
from contextlib import suppress
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT"


class CutWire:
    """A socket in a folder of its own that passes everything on to the server's.

    Once `is_armed`, the next connection whose client commits is cut when the server has answered
    that commit: the work is done, and the client cannot know.
    """

    def __init__(self, folder: Path, server_folder: str) -> None:
        self.server = str(Path(server_folder) / SOCKET)
        self.is_armed = False
        self.has_cut = threading.Event()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / SOCKET))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server)
            threading.Thread(target=self._ask, args=(client, server), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what the client says and, in another thread, what the server answers."""
        cut = threading.Event()
        threading.Thread(target=self._answer, args=(server, client, cut), daemon=True).start()
        with client, server:
            while data := _read(client):
                if self.is_armed and COMMIT in data:
                    self.is_armed = False
                    cut.set()
                server.sendall(data)

    def _answer(self, server: socket.socket, client: socket.socket, cut: threading.Event) -> None:
        while data := _read(server):
            if cut.is_set():
                self.has_cut.set()
                break
            client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


def _read(wire: socket.socket) -> bytes:
    try:
        return wire.recv(65536)
    except OSError:
        return b""
