"""Speed, measured side by side with a peer in the same run. `make bench` prints it; no test depends on it."""
