"""A study's articles: taken in, cut into spans, and split where one text holds several."""
