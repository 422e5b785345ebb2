"""Exports of news archives: Nexis, Factiva and Europresse, as text, web page or Word file."""
