"""What is printed: PDF files that anybody can read, also with a screen reader (docs/decisions/0054-the-summary-as-pdf.md)."""
