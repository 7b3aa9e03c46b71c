"""Limits on the connections of a process, and on the time that a client may take."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections import Counter
from dataclasses import dataclass
from typing import Protocol

try:
    import resource
except ImportError:  # Windows has no limit of its own on open sockets
    resource = None  # type: ignore[assignment]

log = logging.getLogger("opinion.connections")

FILES = 65_536  # open files that the process asks for
SENT_BYTES = 16 * 1024  # that a client must read of a response within `response_seconds`


@dataclass(frozen=True)
class Limits:
    """Limits of one client. The seconds count from the last complete request, whatever bytes come meanwhile."""

    head_bytes: int = 64 * 1024  # of a request's head; also of the chunk sizes, extensions and trailers of one body
    head_fields: int = 100
    pipelined: int = 4  # requests sent ahead of their turn
    head_seconds: float = 20.0  # for the next request, from its first byte to the end of its head
    body_seconds: float = 30.0  # for a body, from the end of the head, also after the response
    response_seconds: float = 30.0  # without reading the response
    late_seconds: float = 2.0  # more for a body that the app is waiting for: it responds with 408 itself
    connections: int = 16_384  # in all, or three quarters of the files that the process may open
    idle_per_address: int = 4096  # outside a request: a hall behind one router is one address, with several connections a phone
    fresh_seconds: float = 1.0  # in which the request of a new connection may still arrive
    sweep_seconds: float = 1.0  # between searches for slow clients


class Connection(Protocol):
    """A connection, as the registry uses it."""

    address: str
    group: Group | None
    since: float
    unsent: int
    transport: asyncio.Transport

    def patience(self) -> float: ...


#: Connections whose client is awaited, by address; of each address the longest waiting first.
Group = dict[str, dict[Connection, None]]


class Registry:
    """The connections of one server that wait for their client: `idle` outside a request, `slow` within one."""

    def __init__(self, limits: Limits, loop: asyncio.AbstractEventLoop):
        self.limits, self.loop = limits, loop
        self.most = min(limits.connections, open_files() * 3 // 4)
        self.idle: Group = {}
        self.slow: Group = {}
        self.sweeping: asyncio.TimerHandle | None = None

    def move(self, connection: Connection, group: Group | None) -> None:
        """Puts a connection into a group, or takes it out of all. Its wait starts again."""
        left, address = connection.group, connection.address
        if left is not None:
            same = left[address]
            del same[connection]
            if not same:
                del left[address]
        connection.group = group
        if group is not None:
            connection.since = self.loop.time()
            connection.unsent = connection.transport.get_write_buffer_size()
            group.setdefault(address, {})[connection] = None
            if self.sweeping is None:
                self.sweeping = self.loop.call_later(self.limits.sweep_seconds, self.sweep)

    def admits(self, address: str, count: int) -> bool:
        """Makes room for another connection when there are `count`. False if all of them are in the middle of a request."""
        if count > self.most:
            return self.make_room()
        same = self.idle.get(address, {})
        if len(same) >= self.limits.idle_per_address:
            longest = next(iter(same))
            if self.loop.time() - longest.since >= self.limits.fresh_seconds:
                log.warning(
                    "One address has %d connections without a request. Its oldest idle connections are closed.", len(same)
                )
                self.drop(longest)
        return True

    def make_room(self) -> bool:
        """Drops the longest waiting connection of the address with the most waiting connections."""
        held: Counter[str] = Counter()
        for group in (self.idle, self.slow):
            held.update({address: len(same) for address, same in group.items()})
        log.warning(
            "All %d connections are in use. %s. Allow more open files (ulimit -n), or use a proxy.", self.most,
            "The oldest idle connections are closed" if held else "New connections get status 503",
        )  # fmt: skip
        if not held:
            return False
        worst = max(held, key=held.__getitem__)
        self.drop(next(iter(self.idle.get(worst) or self.slow[worst])))
        return True

    def drop(self, connection: Connection) -> None:
        self.move(connection, None)
        connection.transport.abort()

    def sweep(self) -> None:
        """Drops connections whose client is too slow. A client that continues to read a long response gets more time."""
        now = self.loop.time()
        for group in (self.idle, self.slow):
            for same in list(group.values()):
                for connection in list(same):
                    if now - connection.since < connection.patience():
                        break
                    read = connection.unsent - connection.transport.get_write_buffer_size()
                    self.move(connection, None)
                    if read >= SENT_BYTES:
                        self.move(connection, group)
                    else:
                        connection.transport.abort()
        waiting = self.idle or self.slow
        self.sweeping = self.loop.call_later(self.limits.sweep_seconds, self.sweep) if waiting else None


def network(client: tuple[str, int] | None) -> str:
    """The client that a connection counts for: an IPv4 address, or the /64 network of one IPv6 subscriber."""
    host = client[0] if client else ""
    if ":" not in host:
        return host
    address = ipaddress.IPv6Address(host.partition("%")[0])
    return str(address.ipv4_mapped or address.packed[:8].hex())


def open_files() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] if resource else FILES


def allow_open_files() -> None:
    """Raises the limit of open files, which is often 1,024, as far as the system allows."""
    if resource:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
