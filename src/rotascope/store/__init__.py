"""The market database: immutable snapshots, a catalogue, reads as of a date."""
