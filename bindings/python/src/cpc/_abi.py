"""The C ABI for ctypes: the declarations of cpc.h. A test compares the sizes with those of the library."""

from __future__ import annotations

import ctypes as c
import os
import sys
from pathlib import Path

ABI_VERSION = 1


class Text(c.Structure):
    _fields_ = [("data", c.c_char_p), ("length", c.c_size_t)]


class Buffer(c.Structure):
    _fields_ = [("data", c.c_void_p), ("length", c.c_size_t), ("capacity", c.c_size_t)]


class Digest(c.Structure):
    _fields_ = [("high", c.c_uint64), ("low", c.c_uint64)]


class Message(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("flags", c.c_uint32),
        ("id_message", c.c_uint64),
        # generated: texts of messages
        ("phone", Text),
        ("client_id", Text),
        ("contract", Text),
        ("specialist_code", Text),
        ("main_template", Text),
        ("retry_template", Text),
        ("last_template", Text),
        # end
    ]


class RawText(c.Structure):
    """An output text: its bytes need not end with NUL."""

    _fields_ = [("data", c.c_void_p), ("length", c.c_size_t)]


# generated: outcome
class Outcome(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("status", c.c_int32),
        ("present", c.c_uint32),
        ("stage", c.c_uint32),
        ("first_index", c.c_uint32),
        ("sender", c.c_uint32),
        ("phone", c.c_uint64),
        ("dispatch", c.c_uint64),
        ("origin", c.c_uint64),
        ("to", c.c_uint64),
        ("send_at", c.c_int64),
        ("blocked_until", c.c_int64),
        ("retry_at", c.c_int64),
        ("expired_at", c.c_int64),
        ("field_data", c.c_uint64 if c.sizeof(c.c_void_p) == 8 else c.c_uint32),
        ("field_length", c.c_size_t),
    ]


#: The flag of each number in `present`.
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
#: The flag of each text in `present`.
TEXT_FLAGS = {
    "field": 2048,
}
#: The flag of each warning in `present`.
WARNING_FLAGS = {
    "warns_empty_template": 4096,
}
# end


class Applied(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("reserved", c.c_uint32),
        ("effective_at", c.c_int64),
        ("seq", c.c_uint64),
    ]


class Batch(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("flags", c.c_uint32),
        ("campaign", Text),
        ("id_account", Text),
        ("tag", Text),
        ("messages", c.POINTER(Message)),
        ("count", c.c_size_t),
    ]


class NumberColumn(c.Structure):
    _fields_ = [("data", c.c_void_p), ("stride", c.c_size_t)]


class TextColumn(c.Structure):
    _fields_ = [("data", c.c_void_p), ("width", c.c_size_t), ("stride", c.c_size_t)]


class Columns(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("flags", c.c_uint32),
        ("campaign", Text),
        ("id_account", Text),
        ("tag", Text),
        ("specialist_code", Text),
        ("main_template", Text),
        ("retry_template", Text),
        ("last_template", Text),
        ("count", c.c_size_t),
        ("phones", NumberColumn),
        ("id_messages", NumberColumn),
        ("client_ids", TextColumn),
        ("contracts", TextColumn),
    ]


class Reply(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("flags", c.c_uint32),
        ("phone", Text),
        ("received_at", c.c_int64),
    ]


class Report(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("delivery", c.c_int32),
        ("fault", c.c_int32),
        ("reserved", c.c_uint32),
        ("dispatch", c.c_uint64),
        ("sender", Text),
    ]


class Advice(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("flags", c.c_uint32),
        ("fault", c.c_int32),
        ("sender", c.c_int32),
        ("retry", c.c_int32),
        ("reserved", c.c_uint32),
        ("hold_ms", c.c_uint64),
        ("retry_after_ms", c.c_uint64),
    ]


def text(value: str | bytes) -> Text:
    data = value.encode() if isinstance(value, str) else value
    return Text(data, len(data))


def _library_file() -> str:
    if given := os.environ.get("CPC_LIBRARY"):
        return given
    names = {"win32": "cpc.dll", "darwin": "libcpc.dylib"}
    return str(Path(__file__).parent / names.get(sys.platform, "libcpc.so"))


def _load() -> c.CDLL:
    library = c.CDLL(_library_file())
    if library.cpc_abi_version() != ABI_VERSION:
        raise ImportError(f"{_library_file()} has another ABI than this package")
    engine, at, applied = c.c_void_p, c.c_int64, c.POINTER(Applied)
    outcomes, buffer, size = c.POINTER(Outcome), c.POINTER(Buffer), c.c_size_t
    signatures = {
        "new": [c.c_int32, c.POINTER(engine)],
        "restore": [Text, c.c_int32, c.POINTER(engine)],
        "free": [engine],
        "error": [engine, c.POINTER(RawText), buffer],
        "snapshot": [engine, buffer],
        "digest": [engine, c.POINTER(Digest)],
        "massivocpc": [engine, Text, at, c.c_int32, buffer, c.POINTER(c.c_uint16)],
        "execute": [engine, Text, buffer],
        "dispatch": [engine, at, c.POINTER(Batch), outcomes, size, applied],
        "preview": [engine, at, c.POINTER(Batch), outcomes, size],
        "dispatch_columns": [engine, at, c.POINTER(Columns), outcomes, size, applied],
        "reply": [engine, at, c.POINTER(Reply), outcomes, applied],
        "report": [engine, at, c.POINTER(Report), outcomes, applied],
        "follow_ups": [engine, at, outcomes, size, c.POINTER(size), applied],
        "expire": [engine, at, outcomes, size, c.POINTER(size), applied],
        "next_deadline": [engine, c.POINTER(c.c_bool), c.POINTER(c.c_int64)],
        "sender_id": [engine, c.c_uint32, buffer],
        "whatsapp_commands": [engine, Text, at, buffer, c.POINTER(RawText)],
    }
    for name, arguments in signatures.items():
        function = getattr(library, f"cpc_engine_{name}")
        function.argtypes, function.restype = arguments, c.c_int32
    library.cpc_buffer_free.argtypes, library.cpc_buffer_free.restype = [buffer], None
    for name in ("cpc_status_name", "cpc_result_name", "cpc_result_message"):
        getattr(library, name).argtypes, getattr(library, name).restype = [c.c_int32], c.c_char_p
    library.cpc_status_message.argtypes = [c.c_int32, c.c_int32]
    library.cpc_status_message.restype = c.c_char_p
    library.cpc_result_of_name.argtypes, library.cpc_result_of_name.restype = [Text], c.c_int32
    library.cpc_is_opt_out.argtypes = [Text, c.POINTER(c.c_bool)]
    library.cpc_is_opt_out.restype = c.c_int32
    library.cpc_fault_of_code.argtypes, library.cpc_fault_of_code.restype = [c.c_uint32], c.c_int32
    library.cpc_advice_of_code.argtypes = [c.c_uint32, c.POINTER(Advice)]
    library.cpc_advice_of_code.restype = c.c_int32
    library.cpc_whatsapp_events.argtypes, library.cpc_whatsapp_events.restype = [Text, buffer], c.c_int32
    library.cpc_version.restype = c.c_char_p
    return library


library = _load()
