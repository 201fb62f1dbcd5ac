"""Whether a series is as new as it could be. Stale is not fresh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rotascope.ingest import calendar
from rotascope.model.observations import Frequency

State = Literal["fresh", "due", "late", "ended", "unscheduled"]
_PERIOD = {Frequency.WEEKLY: 7, Frequency.MONTHLY: 31, Frequency.QUARTERLY: 92, Frequency.ANNUAL: 366}
_ENDED_AFTER = 400  # days without a value after which a series counts as closed, not late


@dataclass(frozen=True, slots=True)
class Freshness:
    """The state of a series on a day.

    fresh: it has every value it could have. due: the next value is expected about now. late: the next value
    was due and is not there. ended: nothing for more than a year past its due date. due date: None for
    series without a schedule.
    """

    state: State
    due: date | None


def freshness(frequency: Frequency, last: date, today: date) -> Freshness:
    """Return how fresh a series with its last value on `last` is on `today`.

    A daily series is due on the next session of the exchange and late a session after that; the others are
    due a period after their last value and late another half period later, because publishers take time.
    """
    if frequency is Frequency.IRREGULAR:
        return Freshness("unscheduled", None)
    if frequency is Frequency.DAILY:
        due = calendar.next_session(last + timedelta(days=1))
        late = calendar.next_session(due + timedelta(days=1))
    else:
        due = last + timedelta(days=_PERIOD[frequency])
        late = due + timedelta(days=_PERIOD[frequency] // 2 + 15)
    if today < due:
        return Freshness("fresh", due)
    if today <= late:
        return Freshness("due", due)
    return Freshness("ended" if (today - due).days > _ENDED_AFTER else "late", due)
