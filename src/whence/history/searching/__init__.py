"""Searching runs: conditions, moments, and the list that is found."""
