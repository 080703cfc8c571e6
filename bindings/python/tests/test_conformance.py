"""The conformance vectors, bindings/conformance/*.jsonl, whose README says how answers are compared."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any

import cpc

FOLDER = Path(__file__).resolve().parents[2] / "conformance"


def differences(path: str, expected: Any, found: Any) -> list[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        names = [n for n in {*expected, *found} if n in expected or n not in ("reason", "message")]
        missing = [f"{path}.{n}" for n in names if n not in expected or n not in found]
        both = [n for n in names if n in expected and n in found]
        return missing + [d for n in both for d in differences(f"{path}.{n}", expected[n], found[n])]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found))
        return [d for i, (one, other) in pairs for d in differences(f"{path}[{i}]", one, other)]
    same = type(expected) is type(found) and expected == found
    return [] if same else [f"{path}: {expected!r}, {found!r}"]


def command_of(line: str) -> str:
    """The `do` of a line as it stands, because its numbers are not to be rounded."""
    start = line.index('"do":') + len('"do":')
    start += len(line[start:]) - len(line[start:].lstrip())
    _, end = json.JSONDecoder().raw_decode(line, start)
    return line[start:end]


class Conformance(unittest.TestCase):
    def test_every_vector_is_answered_as_expected(self) -> None:
        cases = 0
        for file in sorted(FOLDER.glob("*.jsonl")):
            engine = cpc.Engine()
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
                row = json.loads(line)
                if row.get("reset"):
                    engine.close()
                    engine = cpc.Engine()
                if "do" not in row:
                    continue
                cases += 1
                found = json.loads(engine.execute_json(command_of(line)))
                self.assertEqual(differences("", row["expect"], found), [], f"{file.name}:{number}")
            engine.close()
        self.assertGreater(cases, 500)

    def test_notifications_of_whatsapp_lead_to_commands(self) -> None:
        file = json.loads((FOLDER / "whatsapp.json").read_text("utf-8"))
        self.assertGreater(len(file["cases"]), 30)
        for case in file["cases"]:
            with self.subTest(case["name"]), cpc.Engine() as engine:
                for line in [*file["given"], *case.get("given", [])]:
                    engine.execute(line)
                if case.get("invalid"):
                    with self.assertRaises(cpc.RefusedError) as refused:
                        self.events_of(engine, case, file["at"])
                    self.assertEqual(refused.exception.name, "invalid_field")
                else:
                    self.assertEqual(self.events_of(engine, case, file["at"]), case["events"])

    def events_of(self, engine: cpc.Engine, case: dict[str, Any], at: int) -> list[dict[str, Any]]:
        found = []
        events = [json.dumps(case["event"])] if "event" in case else cpc.whatsapp_events(json.dumps(case["notification"]))
        for event in events:
            answer = engine.whatsapp_commands(event, at)
            commands = [json.loads(line) for line in answer.commands]
            for line in answer.commands:
                engine.execute(line)
            found.append({"ignored": answer.ignored} if answer.ignored else {"commands": commands})
        return found

    def test_the_comparison_sees_what_differs(self) -> None:
        self.assertEqual(differences("", {"a": [1]}, {"a": [1], "reason": "x"}), [])
        for other in ({"a": [2]}, {"a": []}, {"a": [True]}, {"a": [1], "b": 1}, {}):
            self.assertEqual(len(differences("", {"a": [1]}, other)), 1)


if __name__ == "__main__":
    unittest.main()
