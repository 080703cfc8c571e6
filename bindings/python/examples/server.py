"""The massivocpc endpoint in http.server.

    python examples/server.py --token secret

It listens on this machine alone, takes one request after the other, and forgets everything when it ends.
"""

from __future__ import annotations

import argparse
import hmac
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import cpc

PATH = "/api/messages/massivocpc"
LONGEST_BODY = 8 * 1024 * 1024


def now() -> int:
    return time.time_ns() // 1_000_000


def serve(engine: cpc.Engine, token: str, port: int, requests: int | None) -> None:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            given = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if self.path != PATH:
                return self.fail(404, "no such path")
            if not hmac.compare_digest(given.encode(), token.encode()):
                return self.fail(401, "missing or invalid token")
            if not 0 <= length <= LONGEST_BODY:
                return self.fail(413, "the body is too long")
            response = engine.massivocpc(self.rfile.read(length), now())
            self.answer(response.status, response.body)

        def fail(self, status: int, reason: str) -> None:
            body = {"status": "error", "message": reason, "processed": 0, "errors": [{"reason": reason}]}
            self.close_connection = True
            self.answer(status, json.dumps(body).encode())

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nothing: what is posted is personal data."""

    with HTTPServer(("127.0.0.1", port), Handler) as server:
        server.timeout = 60
        print(server.server_port, flush=True)
        served = 0
        while requests is None or served < requests:
            server.handle_request()
            served += 1


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=8080)
    arguments.add_argument("--token", required=True)
    arguments.add_argument("--requests", type=int, help="end after so many requests")
    chosen = arguments.parse_args()
    with cpc.Engine() as engine:
        wallet = {"op": "wallet", "at": now(), "tag": "emp1", "senders": [{"id": "5514990000001"}]}
        engine.execute(wallet)
        serve(engine, chosen.token, chosen.port, chosen.requests)


if __name__ == "__main__":
    main()
