"""What statuses say to people. Apart from the statuses, because those are generated."""

from __future__ import annotations

import enum

from . import _abi


class Language(enum.IntEnum):
    """A language of texts for people."""

    PT_BR = 1
    EN = 2


class StatusText(enum.IntEnum):
    """The base of `Status`."""

    def text(self, language: Language | None = None) -> str:
        """What it says to people."""
        chosen = Language.PT_BR if language is None else language
        message: bytes = _abi.library.cpc_status_message(self.value, chosen.value)
        return message.decode()
