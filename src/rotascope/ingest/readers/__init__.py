"""Readers: files as vendors and libraries serve them, as blocks of values."""

from rotascope.ingest.readers.base import Reader, ReadOptions
from rotascope.ingest.readers.recognise import READERS, recognise

__all__ = ["READERS", "ReadOptions", "Reader", "recognise"]
