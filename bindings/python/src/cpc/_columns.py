"""Columns of a batch: numpy arrays, array.array and other buffers are read in place, without copying."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, NamedTuple

from . import _abi

_ORDER = "<" if sys.byteorder == "little" else ">"


class Column(NamedTuple):
    """The address and layout of a column, and the object that keeps its memory alive."""

    address: int
    width: int
    stride: int
    length: int
    owner: Any


def numbers(name: str, values: Any) -> Column:
    """A column of 64-bit numbers: a one-dimensional numpy array of int64 or uint64, or a buffer of format q or Q."""
    column = _from_numpy(name, values, (f"{_ORDER}u8", f"{_ORDER}i8"))
    return column if column is not None else _from_buffer(name, values)


def texts(name: str, values: Any) -> Column:
    """A column of texts: a one-dimensional numpy array of bytes (dtype S)."""
    column = _from_numpy(name, values, None)
    if column is None:
        raise TypeError(f"{name}: not a numpy array of bytes")
    return column


def _from_numpy(name: str, values: Any, kinds: tuple[str, ...] | None) -> Column | None:
    interface = getattr(values, "__array_interface__", None)
    if interface is None:
        return None
    kind, shape, strides = interface["typestr"], interface["shape"], interface.get("strides")
    if len(shape) != 1:
        raise ValueError(f"{name}: not one-dimensional")
    if (kinds is None and kind[1] != "S") or (kinds is not None and kind not in kinds):
        raise TypeError(f"{name}: dtype {kind} is not one that is read in place")
    width = int(kind[2:])
    stride = width if strides is None else strides[0]
    if stride < 0:
        raise ValueError(f"{name}: runs backwards; copy it")
    return Column(interface["data"][0], width, stride, shape[0], values)


def _from_buffer(name: str, values: Any) -> Column:
    view = memoryview(values)
    if view.format not in ("q", "Q", "l", "L") or view.itemsize != 8 or not view.c_contiguous:
        raise TypeError(f"{name}: not a contiguous buffer of 64-bit numbers")
    if view.readonly:
        raise TypeError(f"{name}: a read-only buffer; a numpy array over it is read in place")
    owner = (ctypes.c_uint64 * len(view)).from_buffer(values)
    return Column(ctypes.addressof(owner), 8, 8, len(view), owner)


def number_column(column: Column | None) -> _abi.NumberColumn:
    return _abi.NumberColumn(None, 0) if column is None else _abi.NumberColumn(column.address, column.stride)


def text_column(column: Column | None) -> _abi.TextColumn:
    if column is None:
        return _abi.TextColumn(None, 0, 0)
    return _abi.TextColumn(column.address, column.width, column.stride)
