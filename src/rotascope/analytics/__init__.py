"""Pure numerics on arrays. No storage, network or clock; gaps are refused, not filled."""
