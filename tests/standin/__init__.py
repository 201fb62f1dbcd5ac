"""A stand-in for the sources on the network: a server on this machine that answers, or misbehaves."""
