#!/usr/bin/python3
"""Takes mongod's arguments and runs SecantusDB: its protocol and storage engine, but one server, always the primary of a set of its own."""

import argparse
import signal
import socket

from secantus import SecantusDBServer

# As it is called by others: mongo-0.mongo in a pod of a StatefulSet.
own_name = ".".join(socket.getfqdn().split(".")[:2])


class Server(SecantusDBServer):
    """A server that tells clients the name by which others reach it."""

    @property
    def address(self) -> tuple[str, int]:
        return own_name, super().address[1]


arguments = argparse.ArgumentParser(allow_abbrev=False)
arguments.add_argument("--replSet")
arguments.add_argument("--bind_ip_all", action="store_true")
arguments.add_argument("--dbpath", default="/data/db")
arguments.add_argument("--port", type=int, default=27017)
options = arguments.parse_args()

server = Server(
    host="0.0.0.0" if options.bind_ip_all else "127.0.0.1",
    port=options.port,
    storage_path=options.dbpath,
    replica_set_name=options.replSet,
    enable_test_commands=False,
    cache_size="64M",
)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: server.stop())
server.start()
print(f"Waiting for connections at {own_name}:{options.port}", flush=True)
server.wait()
