"""The engine."""

from __future__ import annotations

import ctypes as c
import json
import threading
import weakref
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from . import _abi, _columns
from ._abi import library, text
from ._errors import ClosedError, CpcError, RefusedError, error_of
from ._generated import Delivery, Fault, Message, Outcome
from ._status_text import Language
from ._types import Outcomes, Profile, Response
from ._whatsapp import WhatsappCommands

_NULL = -1


def _free(handle: int) -> None:
    library.cpc_engine_free(handle)


class Engine:
    """One tenant's rules and state.

    It is thread-safe: a lock serialises calls. `close()`, or leaving a `with` block, frees it; an engine that is not
    closed is freed when it is collected. All times are milliseconds since 1970, UTC.
    """

    def __init__(self, language: Language = Language.PT_BR) -> None:
        handle = c.c_void_p()
        self._adopt(library.cpc_engine_new(language, c.byref(handle)), handle)

    @classmethod
    def restore(cls, snapshot: bytes, language: Language = Language.PT_BR) -> Engine:
        """An engine that behaves exactly as the one that the snapshot was taken of."""
        engine, handle = cls.__new__(cls), c.c_void_p()
        engine._adopt(library.cpc_engine_restore(text(snapshot), language, c.byref(handle)), handle)
        return engine

    def _adopt(self, result: int, handle: c.c_void_p) -> None:
        # Held for a whole method: the sender ids of an answer must be read before another command may change them.
        self._turn = threading.RLock()
        self._handle: int | None = None
        if result != 0 or handle.value is None:
            raise error_of(result)
        self._handle = handle.value
        self._end = weakref.finalize(self, _free, handle.value)

    def close(self) -> None:
        """Frees the engine. Closing it again does nothing."""
        with self._turn:
            if self._handle is not None:
                self._handle = None
                self._end()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def massivocpc(self, body: bytes | str, at: int, profile: Profile = Profile.FULL) -> Response:
        """Answers the body of a request POST /api/messages/massivocpc."""
        status = c.c_uint16()
        answer = self._bytes(library.cpc_engine_massivocpc, text(body), at, profile, after=(c.byref(status),))
        return Response(status.value, answer)

    def execute(self, command: dict[str, Any] | str | bytes) -> dict[str, Any]:
        """Carries out one command line, as a dict or as JSON, and returns its answer.

        A command that the engine refuses is a RefusedError.
        """
        answer: dict[str, Any] = json.loads(self.execute_json(command))
        if "error" in answer:
            name: str = answer["error"]
            code = library.cpc_result_of_name(text(name))
            raise RefusedError(code, name, answer["message"], answer.get("field"))
        return answer

    def execute_json(self, command: dict[str, Any] | str | bytes) -> bytes:
        """Carries out one command line and returns its answer as JSON, refusals included."""
        line = json.dumps(command) if isinstance(command, dict) else command
        return self._bytes(library.cpc_engine_execute, text(line))

    def dispatch(
        self,
        at: int,
        *,
        tag: str,
        campaign: str,
        messages: Sequence[Message],
        id_account: str = "",
        atomic: bool = False,
    ) -> Outcomes:
        """Decides a batch: one outcome a message, in order."""
        outcomes, applied = _outcomes(len(messages)), _applied()
        batch = _batch(tag, campaign, messages, id_account, atomic)
        with self._turn:
            self._call(library.cpc_engine_dispatch, at, c.byref(batch), outcomes, len(messages), c.byref(applied))
            return Outcomes(self.sender_id, outcomes, len(messages))

    def preview(
        self,
        at: int,
        *,
        tag: str,
        campaign: str,
        messages: Sequence[Message],
        id_account: str = "",
        atomic: bool = False,
    ) -> Outcomes:
        """Answers what `dispatch` would, and changes nothing."""
        outcomes = _outcomes(len(messages))
        batch = _batch(tag, campaign, messages, id_account, atomic)
        with self._turn:
            self._call(library.cpc_engine_preview, at, c.byref(batch), outcomes, len(messages))
            return Outcomes(self.sender_id, outcomes, len(messages))

    def dispatch_columns(
        self,
        at: int,
        *,
        tag: str,
        campaign: str,
        phones: Any,
        specialist_code: str,
        main_template: str,
        id_messages: Any = None,
        client_ids: Any = None,
        contracts: Any = None,
        retry_template: str = "",
        last_template: str = "",
        id_account: str = "",
        close_ticket: bool = True,
        atomic: bool = False,
    ) -> Outcomes:
        """Decides a batch given as columns, which are read in place.

        `phones` and `id_messages` are numpy arrays of 64-bit integers (or any such buffer), `client_ids` and
        `contracts` numpy arrays of bytes. `Outcomes.numpy()` has the answers as columns.
        """
        columns = [_columns.numbers("phones", phones)]
        columns += [_columns.numbers("id_messages", id_messages)] if id_messages is not None else []
        clients = None if client_ids is None else _columns.texts("client_ids", client_ids)
        contract = None if contracts is None else _columns.texts("contracts", contracts)
        count = columns[0].length
        if any(column.length != count for column in (*columns, clients, contract) if column is not None):
            raise ValueError("columns of different lengths")
        outcomes, applied = _outcomes(count), _applied()
        batch = _abi.Columns(
            c.sizeof(_abi.Columns),
            (1 if atomic else 0) | (2 if close_ticket else 0),
            text(campaign),
            text(id_account),
            text(tag),
            text(specialist_code),
            text(main_template),
            text(retry_template),
            text(last_template),
            count,
            _columns.number_column(columns[0]),
            _columns.number_column(columns[1] if len(columns) > 1 else None),
            _columns.text_column(clients),
            _columns.text_column(contract),
        )
        with self._turn:
            self._call(
                library.cpc_engine_dispatch_columns, at, c.byref(batch), outcomes, count, c.byref(applied)
            )
            return Outcomes(self.sender_id, outcomes, count)

    def reply(self, at: int, phone: str, *, received_at: int | None = None, opt_out: bool = False) -> Outcome:
        """Records a message that came in from a contact."""
        flags = (1 if opt_out else 0) | (2 if received_at is not None else 0)
        reply = _abi.Reply(c.sizeof(_abi.Reply), flags, text(phone), received_at or 0)
        return self._one(library.cpc_engine_reply, at, c.byref(reply))

    def report(
        self, at: int, dispatch: int, delivery: Delivery, *, fault: Fault = Fault.NONE, sender: str = ""
    ) -> Outcome:
        """Records what became of a dispatch."""
        report = _abi.Report(c.sizeof(_abi.Report), delivery, fault, 0, dispatch, text(sender))
        return self._one(library.cpc_engine_report, at, c.byref(report))

    def follow_ups(self, at: int, limit: int = 100) -> Outcomes:
        """Sends follow-ups that are due."""
        return self._list(library.cpc_engine_follow_ups, at, limit)

    def expire(self, at: int, limit: int = 100) -> Outcomes:
        """Lists cycles that ended unanswered since it was last asked."""
        return self._list(library.cpc_engine_expire, at, limit)

    def whatsapp_commands(self, event: dict[str, Any] | str | bytes, at: int) -> WhatsappCommands:
        """The commands that an event of `whatsapp_events` leads to as the engine stands, or why it leads to none.

        It changes nothing: carry each out with `execute`, all of them as one entry of the log if there is one, before
        the next event is asked about. A host of another gateway makes such events by itself.
        """
        line, ignored = json.dumps(event) if isinstance(event, dict) else event, _abi.RawText()
        function = library.cpc_engine_whatsapp_commands
        commands = self._bytes(function, text(line), at, after=(c.byref(ignored),)).splitlines()
        why = c.string_at(ignored.data, ignored.length).decode() if ignored.length else None
        return WhatsappCommands(tuple(commands), why)

    def next_deadline(self) -> int | None:
        """When to call `follow_ups` and `expire` next."""
        exists, deadline = c.c_bool(), c.c_int64()
        self._call(library.cpc_engine_next_deadline, c.byref(exists), c.byref(deadline))
        return deadline.value if exists.value else None

    def sender_id(self, sender: int) -> str:
        """The id of a sender that an outcome in a numpy array names by its number."""
        return self._bytes(library.cpc_engine_sender_id, sender).decode()

    def snapshot(self) -> bytes:
        """The engine's state. The same commands lead to the same bytes, everywhere."""
        return self._bytes(library.cpc_engine_snapshot)

    def digest(self) -> str:
        """What the engine is, in 32 hexadecimal digits."""
        digest = _abi.Digest()
        self._call(library.cpc_engine_digest, c.byref(digest))
        return f"{digest.high:016x}{digest.low:016x}"

    def _one(self, function: Any, *arguments: Any) -> Outcome:
        outcomes, applied = _outcomes(1), _applied()
        with self._turn:
            self._call(function, *arguments, outcomes, c.byref(applied))
            return Outcomes(self.sender_id, outcomes, 1)[0]

    def _list(self, function: Any, at: int, limit: int) -> Outcomes:
        outcomes, applied, count = _outcomes(limit), _applied(), c.c_size_t()
        with self._turn:
            self._call(function, at, outcomes, limit, c.byref(count), c.byref(applied))
            return Outcomes(self.sender_id, outcomes, count.value)

    def _bytes(self, function: Any, *arguments: Any, after: tuple[Any, ...] = ()) -> bytes:
        buffer = _abi.Buffer()
        try:
            self._call(function, *arguments, c.byref(buffer), *after)
            return c.string_at(buffer.data, buffer.length) if buffer.length else b""
        finally:
            library.cpc_buffer_free(c.byref(buffer))

    def _call(self, function: Any, *arguments: Any) -> None:
        with self._turn:
            if self._handle is None:
                raise ClosedError(_NULL, "closed", "the engine was closed")
            result: int = function(self._handle, *arguments)
            if result != 0:
                raise self._failure(result)

    def _failure(self, result: int) -> CpcError:
        field, message = _abi.RawText(), _abi.Buffer()
        reported = library.cpc_engine_error(self._handle, c.byref(field), c.byref(message))
        try:
            if reported != result:
                return error_of(result)
            name = c.string_at(field.data, field.length).decode() if field.length else None
            return error_of(result, c.string_at(message.data, message.length).decode(), name)
        finally:
            library.cpc_buffer_free(c.byref(message))


def _outcomes(count: int) -> c.Array[_abi.Outcome]:
    outcomes = (_abi.Outcome * max(count, 1))()
    outcomes[0].struct_size = c.sizeof(_abi.Outcome)
    return outcomes


def _applied() -> _abi.Applied:
    return _abi.Applied(c.sizeof(_abi.Applied))


def _message(message: Message) -> _abi.Message:
    numbered = message.id_message is not None
    return _abi.Message(
        c.sizeof(_abi.Message),
        (1 if message.close_ticket else 0) | (2 if numbered else 0),
        message.id_message or 0,
        # generated: texts of messages
        text(message.phone),
        text(message.client_id),
        text(message.contract),
        text(message.specialist_code),
        text(message.main_template),
        text(message.retry_template),
        text(message.last_template),
        # end
    )


def _batch(
    tag: str, campaign: str, messages: Sequence[Message], id_account: str, atomic: bool
) -> _abi.Batch:
    array = (_abi.Message * len(messages))(*map(_message, messages))
    flags = 1 if atomic else 0
    size = c.sizeof(_abi.Batch)
    return _abi.Batch(size, flags, text(campaign), text(id_account), text(tag), array, len(messages))
