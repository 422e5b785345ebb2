"""Codebooks: what coders are asked about a span; `shipped` holds those that come with Slantwise."""

from .codebook import Codebook, load, parse, shipped, source
from .variables import Code, Example, Level, Variable

__all__ = ["Code", "Codebook", "Example", "Level", "Variable", "load", "parse", "shipped", "source"]
