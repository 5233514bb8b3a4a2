"""Forms by page; rendered by crispy-forms with our template pack `vigil`."""
