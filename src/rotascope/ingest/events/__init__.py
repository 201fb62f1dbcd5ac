"""What is due when: meetings, releases, reconstitutions, expiries; each as it was known on a day."""

from rotascope.ingest.events.event import KINDS, Event, events

__all__ = ["KINDS", "Event", "events"]
