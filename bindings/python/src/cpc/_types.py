"""The types of arguments and results that are not generated."""

from __future__ import annotations

import ctypes
import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from . import _abi
from ._abi import FLAGS, TEXT_FLAGS, WARNING_FLAGS
from ._generated import Outcome, Status


class Profile(enum.IntEnum):
    """How much the response to a massivocpc request says."""

    FULL = 1
    SPEC = 2


@dataclass(frozen=True, slots=True)
class Response:
    """The response to a massivocpc request."""

    status: int
    body: bytes


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
        for name, flag in TEXT_FLAGS.items():
            if raw.present & flag:
                data, length = getattr(raw, f"{name}_data"), getattr(raw, f"{name}_length")
                members[name] = ctypes.string_at(data, length).decode()
        members.update((name, True) for name, flag in WARNING_FLAGS.items() if raw.present & flag)
        return Outcome(Status(raw.status), **members)

    def numpy(self) -> Any:
        """The outcomes as a structured numpy array over the same memory; columns are named as in cpc_outcome."""
        import numpy

        return numpy.frombuffer(memoryview(self._raw), dtype=numpy.dtype(_abi.Outcome), count=self._count)
