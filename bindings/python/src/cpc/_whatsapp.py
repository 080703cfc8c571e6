"""Helpers that translate WhatsApp messages and error codes for the engine."""

from __future__ import annotations

import ctypes as c
import enum
import json
from dataclasses import dataclass
from typing import Any

from . import _abi
from ._abi import library, text
from ._errors import error_of
from ._generated import Fault

_LARGEST_CODE = 2**32 - 1


class SenderAdvice(enum.IntEnum):
    """What happens to a sender whose message failed, beyond the quarantine that a report of its fault leads to."""

    NONE = 0
    HOLD = 1
    EXISTING_ONLY = 2
    DISABLE = 3
    DISABLE_GROUP = 4


class Retry(enum.IntEnum):
    """Whether and when a message that failed may be tried again."""

    AS_DECIDED = 0
    AFTER = 1
    BACK_OFF = 2
    AS_TEMPLATE = 3
    NEVER = 4


@dataclass(frozen=True)
class Advice:
    """What to do about an error code of WhatsApp's. `hold_ms` is for `HOLD`, `retry_after_ms` for `AFTER`."""

    fault: Fault
    sender: SenderAdvice
    hold_ms: int
    retry: Retry
    retry_after_ms: int
    opt_out: bool


@dataclass(frozen=True)
class WhatsappCommands:
    """The commands that an event leads to, as JSON, in their order; or why it leads to none: `reaction`, `status`…"""

    commands: tuple[bytes, ...]
    ignored: str | None


def is_opt_out(message: str) -> bool:
    """Whether a message of a contact's asks not to be written to any more: the `opt_out` of its reply.

    It does if the whole of it is such a word, `parar` or `stop`; case, accents, punctuation and symbols do not matter.
    """
    answer = c.c_bool()
    # A lone surrogate cannot be encoded, and is no opt-out word.
    given = text(message.encode(errors="replace"))
    return library.cpc_is_opt_out(given, c.byref(answer)) == 0 and answer.value


def fault_of_code(code: int) -> Fault:
    """Whose fault an error code of WhatsApp's is, for the report of a failed delivery.

    131026 is `CONTACT`, 131049 is `REQUEST`; a code that is not known is `AMBIGUOUS`.
    """
    return Fault(library.cpc_fault_of_code(code)) if 0 <= code <= _LARGEST_CODE else Fault.AMBIGUOUS


def advice_of_code(code: int) -> Advice:
    """All that an error code of WhatsApp's means, and what `Engine.whatsapp_commands` does about it."""
    raw = _abi.Advice(c.sizeof(_abi.Advice))
    # No code has the largest number: it means what all unknown ones do.
    library.cpc_advice_of_code(code if 0 <= code <= _LARGEST_CODE else _LARGEST_CODE, c.byref(raw))
    sender, retry = SenderAdvice(raw.sender), Retry(raw.retry)
    return Advice(Fault(raw.fault), sender, raw.hold_ms, retry, raw.retry_after_ms, bool(raw.flags & 1))


def whatsapp_events(notification: dict[str, Any] | str | bytes) -> list[bytes]:
    """Takes a notification of the WhatsApp Cloud API apart into events, for `Engine.whatsapp_commands`.

    It is the body of the webhook, as JSON or parsed. Its signature is for the host to check, before. Events are JSON.
    """
    body = json.dumps(notification) if isinstance(notification, dict) else notification
    events = _abi.Buffer()
    try:
        if result := library.cpc_whatsapp_events(text(body), c.byref(events)):
            raise error_of(result, field="notification")
        return c.string_at(events.data, events.length).splitlines() if events.length else []
    finally:
        library.cpc_buffer_free(c.byref(events))
