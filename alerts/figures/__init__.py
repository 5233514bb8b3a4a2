"""How well the clinic answers: which days, which figures, in which words. The counting is in alerts/queries/figures.py."""
