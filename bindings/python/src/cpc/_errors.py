"""Errors of calls. The result of one message is never an error: it is its outcome."""

from __future__ import annotations

from ._abi import library


class CpcError(Exception):
    """A call was not carried out, and nothing changed."""

    def __init__(self, code: int, name: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        #: The cpc_result; that of `refused`, -31, for a name that has no number of its own.
        self.code = code
        #: Its name, as in JSON for refused commands: `unknown_wallet`.
        self.name = name
        #: The member or argument at fault, if one is.
        self.field = field


class RefusedError(CpcError):
    """The engine refused a command as a whole."""


class SnapshotError(CpcError, ValueError):
    """The bytes are not a snapshot that this version restores."""


class ClosedError(CpcError, ValueError):
    """The engine was closed."""


def error_of(result: int, message: str = "", field: str | None = None) -> CpcError:
    """The exception for a result that is not `CPC_OK`; without a message, the result's own text."""
    name = (library.cpc_result_name(result) or b"").decode()
    said = message or (library.cpc_result_message(result) or b"").decode()
    kind = CpcError
    if -39 <= result <= -20:
        kind = RefusedError
    elif -49 <= result <= -40:
        kind = SnapshotError
    return kind(result, name, said, field)
