"""The parts that the report's pages are put together from."""
