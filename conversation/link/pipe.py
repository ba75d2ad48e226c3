"""A pipe of typed messages between two processes: msgspec structs over a multiprocessing connection, never pickles.

`send` may be called from several threads; `receive` from one. When the other process ends, for whatever reason, both
raise LinkClosedError.
"""

from __future__ import annotations

import multiprocessing
import threading
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any, Final, Generic, TypeVar

import msgspec
import numpy as np

from conversation.errors import BadMessageError, LinkClosedError

_LONGEST: Final = 64 << 20

S = TypeVar("S", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)


class Pipe(Generic[S, R]):
    """One end: sends messages of type S, receives messages of type R (a union of tagged structs)."""

    def __init__(self, connection: Connection, receives: Any) -> None:
        self._connection = connection
        self._encoder = msgspec.msgpack.Encoder(enc_hook=_encode_array)
        self._decoder = msgspec.msgpack.Decoder(receives, dec_hook=_decode_array)
        self._sending = threading.Lock()

    def send(self, message: S) -> None:
        """Hand over one message; raises LinkClosedError when nobody is there."""
        data = self._encoder.encode(message)
        with self._sending:
            try:
                self._connection.send_bytes(data)
            except (OSError, ValueError):
                raise _closed() from None

    def receive(self) -> R:
        """Wait for one message; raises LinkClosedError at the end, BadMessageError for a damaged one."""
        try:
            data = self._connection.recv_bytes(_LONGEST)
        except (EOFError, OSError, ValueError, TypeError):  # TypeError: closed by another thread in mid-call
            raise _closed() from None
        try:
            message: R = self._decoder.decode(data)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
            raise BadMessageError(f"A message from another process could not be read ({error}).") from None
        return message

    def poll(self, timeout_s: float = 0.0) -> bool:
        """Whether `receive` would return (or raise) at once."""
        try:
            return self._connection.poll(timeout_s)
        except (EOFError, OSError, ValueError):
            return True

    def send_connection(self, message: S, connection: Connection, process_id: int) -> None:
        """Send a message and, with it, an open connection; the process there must call `receive_connection` next."""
        data = self._encoder.encode(message)
        with self._sending:
            try:
                self._connection.send_bytes(data)
                reduction.send_handle(self._connection, connection.fileno(), process_id)
            except (OSError, ValueError):
                raise _closed() from None

    def receive_connection(self) -> Connection:
        """Take the connection that the other end gives with `send_connection`."""
        try:
            return type(self._connection)(reduction.recv_handle(self._connection))
        except (EOFError, OSError, ValueError, RuntimeError):
            raise _closed() from None

    def close(self) -> None:
        """Close this end; the other end then raises LinkClosedError."""
        self._connection.close()


def connection_pair() -> tuple[Connection, Connection]:
    """Two ends of a new two-way connection, one of which goes to another process."""
    return multiprocessing.Pipe(duplex=True)


def _closed() -> LinkClosedError:
    return LinkClosedError("The process at the other end of a pipe has ended.")


def _encode_array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.shape, np.ascontiguousarray(value, np.float32).data.cast("B")
    raise NotImplementedError(f"{type(value).__name__} cannot be sent through a pipe")


def _decode_array(kind: type, value: Any) -> Any:
    """float32 arrays travel as (shape, bytes); a shape that does not fit its bytes is a damaged message."""
    if kind is not np.ndarray:
        raise NotImplementedError(f"{kind.__name__} cannot be received from a pipe")
    shape, data = msgspec.convert(value, tuple[tuple[int, ...], bytes])
    return np.frombuffer(data, np.float32).reshape(shape)
