"""Settings, wiring and workflows: the one place where adapters and the clock are made."""
