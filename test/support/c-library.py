"""Looks names up by the C library's own res_search and getaddrinfo: a question in JSON on each line, and its answer on a line.

Each question has a process of its own, so that the library reads its settings anew."""
import ctypes
import json
import os
import socket
import sys

resolver = ctypes.CDLL("libresolv.so.2", use_errno=True)
resolver.__h_errno_location.restype = ctypes.POINTER(ctypes.c_int)
space = 65536
families = {1: socket.AF_INET, 28: socket.AF_INET6}


def search(name, kind):
    """The reply in hex where there are records, and else how netdb.h calls what came of it."""
    reply = ctypes.create_string_buffer(space)
    size = resolver.res_search(name.encode(), 1, kind, reply, space)
    if size >= 0:
        return {"reply": reply.raw[:size].hex()}
    number = resolver.__h_errno_location()[0]
    names = {1: "HOST_NOT_FOUND", 2: "TRY_AGAIN", 3: "NO_RECOVERY", 4: "NO_DATA"}
    return {"error": names.get(number, str(number))}


def addresses(name, family):
    """What programs get, or the error's number."""
    try:
        found = socket.getaddrinfo(name.encode(), None, family, socket.SOCK_STREAM)
    except socket.gaierror as error:
        return {"error": error.errno}
    return {"addresses": [place[0] for *_, place in found]}


for line in sys.stdin:
    sys.stdout.flush()
    if os.fork() == 0:
        asked = json.loads(line)
        os.environ.update(asked.get("environment", {}))
        name, kind = asked["name"], asked.get("type")
        answer = {}
        if asked["call"] == "res_search":
            answer = search(name, kind)
        else:
            answer = addresses(name, families.get(kind, socket.AF_UNSPEC))
        print(json.dumps(answer), flush=True)
        os._exit(0)
    _, status = os.wait()
    if status != 0:
        print(json.dumps({"error": f"the library ended its process: {status}"}), flush=True)
