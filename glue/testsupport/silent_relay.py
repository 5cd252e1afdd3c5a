"""A TCP relay in front of the database that can stop passing data without closing its connections."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

_BLOCK = 64 << 10


class Relay:
    """While `silent` is set, received data is dropped, as in a network that loses all packets. While `taking` is not
    set, data is not received, so that the senders' buffers fill up.
    """

    def __init__(self, to: int) -> None:
        self._to = to
        self.silent, self.taking = Event(), Event()
        self.taking.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets = [self._listener]
        self._start(self._accept)

    def _start(self, act: object, *arguments: object) -> None:
        Thread(target=act, args=arguments, daemon=True).start()  # type: ignore[arg-type]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                self._sockets += [client, server]
                self._start(self._pass_on, client, server)
                self._start(self._pass_on, server, client)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_BLOCK):
                self.taking.wait()
                if not self.silent.is_set():
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.taking.set()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def running(to: int) -> Iterator[Relay]:
    relay = Relay(to)
    try:
        yield relay
    finally:
        relay.close()
