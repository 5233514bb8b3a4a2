"""Live news for the nurses' worklist: a small process of its own that says "changed" and nothing else (decision 24)."""
