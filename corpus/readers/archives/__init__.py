"""Exports of news archives: Nexis and Factiva, as text, web page or Word file."""
