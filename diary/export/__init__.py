"""A patient's whole diary as data: gathered, told as FHIR R4 and as a table, and read back (docs/decisions/0046-export.md)."""
