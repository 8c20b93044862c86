"""What collections tells."""

from dataclasses import dataclass

from ltc.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(Event):
    """The customer owes us: the invoice has its number and its items are open."""


@dataclass(frozen=True, kw_only=True)
class InvoiceSettled(Event):
    """Every item of an invoice is paid."""


@dataclass(frozen=True, kw_only=True)
class InvoiceReopened(Event):
    """An allocation was taken back: something of a settled invoice is open again."""


@dataclass(frozen=True, kw_only=True)
class PaymentPosted(Event):
    """Money is in the books."""


@dataclass(frozen=True, kw_only=True)
class PaymentReversed(Event):
    """Money that was in the books did not come, or was not ours."""


@dataclass(frozen=True, kw_only=True)
class ReminderSent(Event):
    """A customer was reminded. `record` is the notice."""


@dataclass(frozen=True, kw_only=True)
class ReminderUncertain(Event):
    """Nobody can say whether a reminder went out. `record` is the notice."""


@dataclass(frozen=True, kw_only=True)
class CreditNoteIssued(Event):
    """The customer owes less by a credit note."""


@dataclass(frozen=True, kw_only=True)
class PromiseKept(Event):
    """A customer paid what it had promised."""


@dataclass(frozen=True, kw_only=True)
class PromisePartlyKept(Event):
    """At least half of a promise came in by its last day of grace."""


@dataclass(frozen=True, kw_only=True)
class PromiseBroken(Event):
    """Less than half of a promise came in by its last day of grace."""


@dataclass(frozen=True, kw_only=True)
class DisputeOpened(Event):
    """A customer objects to an item."""


@dataclass(frozen=True, kw_only=True)
class DisputeResolved(Event):
    """A dispute was granted, rejected or withdrawn."""


@dataclass(frozen=True, kw_only=True)
class DunningEscalated(Event):
    """A customer got the formal notice: finance and sales have to act."""
