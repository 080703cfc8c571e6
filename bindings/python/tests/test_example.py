"""The example server answers over HTTP, and ends by itself."""

from __future__ import annotations

import json
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "server.py"
MESSAGE = {"phone": "5511988876204", "closeTicket": True, "specialistCode": "admin", "mainTemplate": "Olá"}


def post(port: int, body: bytes, token: str = "secret") -> tuple[int, dict[str, object]]:
    url = f"http://127.0.0.1:{port}/api/messages/massivocpc"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


class Example(unittest.TestCase):
    def test_the_server_answers_and_ends(self) -> None:
        command = [sys.executable, str(EXAMPLE), "--port", "0", "--requests", "4", "--token", "secret"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            body = json.dumps({"campaign": "c", "tag": "emp1", "messages": [MESSAGE]}).encode()
            self.assertEqual(post(port, body)[0], 200)
            status, answer = post(port, body)
            self.assertEqual((status, answer["processed"]), (422, 0))
            self.assertEqual(post(port, b"{")[0], 400)
            self.assertEqual(post(port, body, "wrong")[0], 401)
            self.assertEqual(server.wait(timeout=10), 0)


if __name__ == "__main__":
    unittest.main()
