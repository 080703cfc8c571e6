"""The types of arguments and results."""

from __future__ import annotations

import ctypes
import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from . import _abi


class Status(enum.IntEnum):
    """The answer to one item. The refusals of a dispatch (10 to 90) are in order of precedence."""

    ACCEPTED = 0
    INVALID_PHONE = 10
    INVALID_FIELD = 11
    CLOSE_TICKET_REQUIRED = 12
    EMPTY_TEMPLATE = 13
    OPTED_OUT = 20
    UNDELIVERABLE = 21
    DUPLICATE_IN_BATCH = 30
    ALREADY_ACCEPTED = 31
    CONTACT_BLOCKED = 40
    OUT_OF_HOURS = 50
    UNKNOWN_OPERATOR = 60
    NO_SENDER_AVAILABLE = 70
    CONTACTS_FULL = 80
    NOT_ATTEMPTED = 90
    APPLIED = 100
    UNCHANGED = 101
    REPLIED = 110
    STALE_REPLY = 111
    MOVED = 120
    RELEASED = 121
    KEPT = 122
    STALE_REPORT = 123
    UNKNOWN_DISPATCH = 124
    ALLOWED = 130
    MANUAL_START_DENIED = 131
    EXPIRED = 140

    def text(self, language: Language | None = None) -> str:
        """What it says to people."""
        chosen = Language.PT_BR if language is None else language
        message: bytes = _abi.library.cpc_status_message(self.value, chosen.value)
        return message.decode()


class Language(enum.IntEnum):
    """A language of texts for people."""

    PT_BR = 1
    EN = 2


class Profile(enum.IntEnum):
    """How much the response to a massivocpc request says."""

    FULL = 1
    SPEC = 2


class Delivery(enum.IntEnum):
    """What became of a dispatch."""

    SENT = 1
    DELIVERED = 2
    READ = 3
    FAILED = 4


class Fault(enum.IntEnum):
    """Whose fault a failed delivery is."""

    NONE = 0
    CONTACT = 1
    SENDER = 2
    REQUEST = 3
    AMBIGUOUS = 4


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a batch. An empty text is the same as an absent one."""

    phone: str
    specialist_code: str
    main_template: str
    close_ticket: bool = True
    id_message: int | None = None
    client_id: str = ""
    contract: str = ""
    retry_template: str = ""
    last_template: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """The response to a massivocpc request."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item. Members that its status does not have are None; instants are ms since 1970, UTC."""

    status: Status
    stage: int | None = None
    first_index: int | None = None
    sender: str | None = None
    phone: int | None = None
    dispatch: int | None = None
    origin: int | None = None
    to: int | None = None
    send_at: int | None = None
    blocked_until: int | None = None
    retry_at: int | None = None
    expired_at: int | None = None
    field: str | None = None
    warns_empty_template: bool = False


#: The flag of each member in `present`.
FLAGS = {
    "stage": 1,
    "first_index": 2,
    "sender": 4,
    "phone": 8,
    "dispatch": 16,
    "origin": 32,
    "to": 64,
    "send_at": 128,
    "blocked_until": 256,
    "retry_at": 512,
    "expired_at": 1024,
}
_FIELD, _EMPTY_TEMPLATE = 2048, 4096


class Outcomes(Sequence[Outcome]):
    """The outcomes of a batch, in the memory that the library wrote. Items are converted when they are accessed."""

    def __init__(self, sender_id: Callable[[int], str], raw: ctypes.Array[_abi.Outcome], count: int) -> None:
        self._raw, self._count = raw, count
        # Sender numbers are valid for one engine only, so ids are looked up while it is open.
        numbers = {raw[i].sender for i in range(count) if raw[i].present & FLAGS["sender"]}
        self._senders = {number: sender_id(number) for number in numbers}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> list[Outcome]: ...
    def __getitem__(self, index: int | slice) -> Outcome | list[Outcome]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return self._outcome(self._raw[index % self._count])

    def __iter__(self) -> Iterator[Outcome]:
        return (self._outcome(self._raw[i]) for i in range(self._count))

    def _outcome(self, raw: _abi.Outcome) -> Outcome:
        members: dict[str, Any] = {name: getattr(raw, name) for name, flag in FLAGS.items() if raw.present & flag}
        if "sender" in members:
            members["sender"] = self._senders[members["sender"]]
        if raw.present & _FIELD:
            members["field"] = ctypes.string_at(raw.field_data, raw.field_length).decode()
        warns = bool(raw.present & _EMPTY_TEMPLATE)
        return Outcome(Status(raw.status), warns_empty_template=warns, **members)

    def numpy(self) -> Any:
        """The outcomes as a structured numpy array over the same memory; columns are named as in cpc_outcome."""
        import numpy

        return numpy.frombuffer(memoryview(self._raw), dtype=numpy.dtype(_abi.Outcome), count=self._count)
