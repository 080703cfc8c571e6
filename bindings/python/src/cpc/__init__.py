"""CPC: contato por cliente, a rules engine for WhatsApp dispatch gates.

A contact gets no further message until it answers, or until 24 hours are over. `Engine` decides; this package only
converts arguments and results.
"""

from ._abi import library as _library
from ._engine import Engine
from ._errors import ClosedError, CpcError, RefusedError, SnapshotError
from ._generated import Delivery, Fault, Message, Outcome, Status
from ._status_text import Language
from ._types import Outcomes, Profile, Response
from ._whatsapp import (
    Advice,
    Retry,
    SenderAdvice,
    WhatsappCommands,
    advice_of_code,
    fault_of_code,
    is_opt_out,
    whatsapp_events,
)

__version__: str = _library.cpc_version().decode()

__all__ = [
    "Advice",
    "ClosedError",
    "CpcError",
    "Delivery",
    "Engine",
    "Fault",
    "Language",
    "Message",
    "Outcome",
    "Outcomes",
    "Profile",
    "RefusedError",
    "Response",
    "Retry",
    "SenderAdvice",
    "SnapshotError",
    "Status",
    "WhatsappCommands",
    "advice_of_code",
    "fault_of_code",
    "is_opt_out",
    "whatsapp_events",
]
