"""Columns and tables as data, problems and facts: the words that every room shares."""
