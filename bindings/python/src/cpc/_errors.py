"""Errors of calls. The result of one message is never an error: it is its outcome."""

from __future__ import annotations


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
