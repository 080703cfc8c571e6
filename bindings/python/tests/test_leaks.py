"""Using the package again and again takes no more memory."""

from __future__ import annotations

import gc
import resource
import unittest

import cpc

NINE = 1_795_435_200_000


def use() -> None:
    with cpc.Engine() as engine:
        engine.execute({"op": "wallet", "at": NINE, "tag": "emp1", "senders": [{"id": "5514990000001"}]})
        lot = [cpc.Message(f"55119888{i:05}", "admin", "Olá", client_id=f"c{i}") for i in range(20)]
        list(engine.dispatch(NINE, tag="emp1", campaign="c", messages=lot))
        engine.massivocpc(b"{" * 1000, NINE)
        cpc.Engine.restore(engine.snapshot()).digest()
        try:
            engine.dispatch(NINE, tag="nobody", campaign="c", messages=lot)
        except cpc.RefusedError:
            pass


def most_memory() -> int:
    """In KiB, on Linux."""
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Leaks(unittest.TestCase):
    def test_memory_does_not_grow_with_use(self) -> None:
        for _ in range(300):
            use()
        before = most_memory()
        for _ in range(1500):
            use()
        # An engine that was not freed would take some 100 KiB each time.
        self.assertLess(most_memory() - before, 4096)


if __name__ == "__main__":
    unittest.main()
