"""Helpers that translate WhatsApp messages and error codes for the engine."""

from __future__ import annotations

import ctypes as c

from ._abi import library, text
from ._types import Fault

_LARGEST_CODE = 2**32 - 1


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
