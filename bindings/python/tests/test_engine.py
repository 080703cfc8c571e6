"""The engine as a Python programmer meets it."""

from __future__ import annotations

import array
import ctypes
import gc
import json
import threading
import unittest
import weakref

import numpy

import cpc
from cpc import _abi

NINE = 1_795_435_200_000
HOUR = 3_600_000
DAY = 24 * HOUR
PHONE = "5511988876204"


def new_engine() -> cpc.Engine:
    engine = cpc.Engine(cpc.Language.EN)
    engine.execute({"op": "wallet", "at": NINE, "tag": "emp1", "senders": [{"id": "5514990000001"}]})
    return engine


def message(phone: str = PHONE, **members: object) -> cpc.Message:
    return cpc.Message(phone, "admin", "Olá", **members)  # type: ignore[arg-type]


class Batches(unittest.TestCase):
    def test_a_contact_is_blocked_until_it_answers(self) -> None:
        with new_engine() as engine:
            batch = {"tag": "emp1", "campaign": "c", "messages": [message(), message(), message("1")]}
            first, second, third = engine.dispatch(NINE, **batch)  # type: ignore[arg-type]
            self.assertEqual(first.status, cpc.Status.ACCEPTED)
            self.assertEqual((first.sender, first.to), ("5514990000001", int(PHONE)))
            self.assertEqual((first.blocked_until, first.retry_at), (NINE + DAY, None))
            self.assertEqual((second.status, second.first_index), (cpc.Status.DUPLICATE_IN_BATCH, 0))
            self.assertEqual(third.status.text(cpc.Language.EN), "Invalid phone number")
            self.assertEqual(engine.next_deadline(), NINE + DAY)
            self.assertEqual(engine.reply(NINE + HOUR, "551188876204").status, cpc.Status.REPLIED)
            again = engine.preview(NINE + HOUR, tag="emp1", campaign="c", messages=[message()])
            self.assertEqual(again[-1].status, cpc.Status.ACCEPTED)
            self.assertEqual([o.status for o in again[:1]], [cpc.Status.ACCEPTED])

    def test_follow_ups_reports_and_expiry(self) -> None:
        with new_engine() as engine:
            lot = [message(retry_template="De novo", id_message=7, client_id="ana")]
            engine.dispatch(NINE, tag="emp1", campaign="c", messages=lot)
            (sent,) = engine.follow_ups(NINE + DAY)
            self.assertEqual((sent.stage, sent.origin, sent.phone), (1, 1, int(PHONE)))
            failed = engine.report(NINE + DAY, 2, cpc.Delivery.FAILED, fault=cpc.Fault.AMBIGUOUS)
            self.assertEqual(failed.status, cpc.Status.KEPT)
            (ended,) = engine.expire(NINE + 2 * DAY)
            self.assertEqual(ended.expired_at, NINE + 2 * DAY)
            self.assertEqual(engine.follow_ups(NINE + 2 * DAY)[:], [])

    def test_columns_are_read_and_answered_in_place(self) -> None:
        phones = numpy.arange(5_511_980_000_000, 5_511_980_002_000, 2, dtype=numpy.uint64)[::2]
        clients = numpy.array([f"c{i}" for i in range(len(phones))], dtype="S")
        numbers = array.array("Q", range(len(phones)))
        with new_engine() as columns, new_engine() as rows:
            common = {"specialist_code": "admin", "main_template": "Olá"}
            found = columns.dispatch_columns(
                NINE, tag="emp1", campaign="c", phones=phones, client_ids=clients, id_messages=numbers, **common
            )
            messages = [
                cpc.Message(str(phone), client_id=client.decode(), id_message=number, **common)
                for phone, client, number in zip(phones, clients.tolist(), numbers)
            ]
            self.assertEqual(list(found), list(rows.dispatch(NINE, tag="emp1", campaign="c", messages=messages)))
            self.assertEqual(columns.digest(), rows.digest())
            table = found.numpy()
            self.assertEqual(table["to"].tolist(), phones.tolist())
            self.assertEqual(ctypes.addressof(found._raw), table.__array_interface__["data"][0])
            again = columns.dispatch_columns(NINE, tag="emp1", campaign="c", phones=phones, **common)
            self.assertTrue((again.numpy()["status"] == cpc.Status.CONTACT_BLOCKED).all())

    def test_columns_that_cannot_be_read_in_place_are_refused(self) -> None:
        phones = numpy.array([int(PHONE)] * 2, dtype=numpy.uint64)
        common = {"tag": "emp1", "campaign": "c", "specialist_code": "a", "main_template": "b"}
        with new_engine() as engine:
            wrong = [phones.astype(float), phones.astype(numpy.int32), phones.reshape(1, 2), phones[::-1], "12"]
            for column in wrong:
                with self.assertRaises((TypeError, ValueError)):
                    engine.dispatch_columns(NINE, phones=column, **common)
            with self.assertRaises(ValueError):
                engine.dispatch_columns(NINE, phones=phones, id_messages=phones[:1], **common)


class Lives(unittest.TestCase):
    def test_a_snapshot_is_the_engine(self) -> None:
        with new_engine() as engine, cpc.Engine.restore(engine.snapshot()) as restored:
            self.assertEqual(restored.digest(), engine.digest())
            self.assertEqual(restored.snapshot(), engine.snapshot())
        with self.assertRaises(cpc.SnapshotError) as caught:
            cpc.Engine.restore(b"nonsense" * 4)
        self.assertEqual(caught.exception.name, "not_a_snapshot")

    def test_a_closed_engine_says_so(self) -> None:
        engine = new_engine()
        engine.close()
        engine.close()
        with self.assertRaises(cpc.ClosedError):
            engine.digest()

    def test_a_forgotten_engine_is_freed(self) -> None:
        engine = new_engine()
        gone = weakref.ref(engine)
        end = engine._end
        self.assertTrue(end.alive)
        del engine
        gc.collect()
        self.assertIsNone(gone())
        self.assertFalse(end.alive)

    def test_failures_are_exceptions_that_name_the_member(self) -> None:
        with new_engine() as engine:
            with self.assertRaises(cpc.RefusedError) as caught:
                engine.dispatch(NINE, tag="nobody", campaign="c", messages=[message()])
            self.assertEqual((caught.exception.name, caught.exception.field), ("unknown_wallet", "tag"))
            with self.assertRaises(cpc.RefusedError) as caught:
                engine.execute({"op": "nothing", "at": NINE})
            self.assertEqual((caught.exception.name, caught.exception.code), ("unknown_op", -31))
            with self.assertRaises(cpc.CpcError):
                engine.report(NINE, 1, cpc.Delivery.READ, fault=cpc.Fault.CONTACT)

    def test_a_refusal_has_one_code_however_it_came(self) -> None:
        with new_engine() as engine:
            with self.assertRaises(cpc.RefusedError) as typed:
                engine.dispatch(NINE, tag="nobody", campaign="c", messages=[message()])
            line = {"op": "dispatch", "at": NINE, "tag": "nobody", "campaign": "c", "messages": [{"phone": PHONE}]}
            with self.assertRaises(cpc.RefusedError) as by_line:
                engine.execute(line)
            for failure in (typed.exception, by_line.exception):
                self.assertEqual((failure.code, failure.name, failure.field), (-22, "unknown_wallet", "tag"))

    def test_opt_outs_and_error_codes_of_whatsapp(self) -> None:
        for words, expected in {"PÁRAR!": True, "stop": True, "não parar": False, "": False, "\ud800": False}.items():
            self.assertEqual(cpc.is_opt_out(words), expected, words)
        contact, sender, request, ambiguous = (cpc.Fault(number) for number in (1, 2, 3, 4))
        faults = {131026: contact, 131048: sender, 131049: request, 131000: ambiguous, 7: ambiguous}
        faults |= {-1: ambiguous, 131026 + 2**32: ambiguous}
        self.assertEqual({code: cpc.fault_of_code(code) for code in faults}, faults)

    def test_error_codes_say_what_is_to_be_done(self) -> None:
        hold, back_off = cpc.SenderAdvice.HOLD, cpc.Retry.BACK_OFF
        self.assertEqual(cpc.advice_of_code(130429), cpc.Advice(cpc.Fault.SENDER, hold, 10_000, back_off, 0, False))
        self.assertTrue(cpc.advice_of_code(131050).opt_out)
        self.assertEqual(cpc.advice_of_code(131056).retry_after_ms, 6_000)
        self.assertEqual(cpc.advice_of_code(-1), cpc.advice_of_code(7))

    def test_threads_are_told_of_all_that_the_engine_did(self) -> None:
        engine = new_engine()
        decided, failures = [0] * 4, []

        def use(worker: int) -> None:
            try:
                for lot in range(40):
                    start = 5_511_960_000_000 + worker * 100_000 + lot * 50
                    messages = [message(str(start + item), retry_template="De novo") for item in range(50)]
                    found = engine.dispatch(NINE, tag="emp1", campaign="c", messages=messages)
                    decided[worker] += sum(outcome.status == cpc.Status.ACCEPTED for outcome in found)
                for _ in range(40):
                    decided[worker] += len(engine.follow_ups(NINE + DAY, 50))
                    with self.assertRaises(cpc.RefusedError) as caught:
                        engine.dispatch(NINE, tag="nobody", campaign="c", messages=[message()])
                    self.assertEqual(caught.exception.field, "tag")
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=use, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stats = engine.execute({"op": "stats", "at": NINE + DAY})["stats"]
        self.assertEqual((failures, sum(decided)), ([], stats["dispatches"]))
        self.assertGreater(sum(decided), 8000)

    def test_an_engine_is_closed_between_calls(self) -> None:
        engine = new_engine()

        def use() -> None:
            with self.assertRaises(cpc.ClosedError):
                while True:
                    engine.snapshot()

        threads = [threading.Thread(target=use) for _ in range(4)]
        for thread in threads:
            thread.start()
        engine.close()
        for thread in threads:
            thread.join(30)
        self.assertFalse(any(thread.is_alive() for thread in threads))

    def test_structs_and_statuses_are_those_of_the_library(self) -> None:
        sizes = {_abi.Batch: 72, _abi.Columns: 208, _abi.Applied: 24}
        sizes |= {_abi.Reply: 32, _abi.Report: 40, _abi.Advice: 40}
        self.assertEqual({kind: ctypes.sizeof(kind) for kind in sizes}, sizes)
        # Those that are made of the core's rows may have grown; a vector with each member shows that they fit.
        for kind, first_version in {_abi.Outcome: 104, _abi.Message: 128}.items():
            self.assertGreaterEqual(ctypes.sizeof(kind), first_version)
        for status in cpc.Status:
            self.assertEqual(_abi.library.cpc_status_name(status).decode(), status.name.lower())
        known = [code for code in range(256) if _abi.library.cpc_status_name(code)]
        self.assertEqual(known, list(cpc.Status))

    def test_massivocpc_answers_bytes(self) -> None:
        with new_engine() as engine:
            response = engine.massivocpc(b"{", NINE)
            self.assertEqual((response.status, json.loads(response.body)["status"]), (400, "error"))


if __name__ == "__main__":
    unittest.main()
