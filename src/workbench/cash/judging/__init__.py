"""Whether the plan can be believed and what could go wrong: accuracy, misses, risk, scenarios."""
