"""Codebooks: the variables and codes of a study; the folder `shipped` contains those that come with Slantwise."""

from .codebook import Codebook, load, parse, read_codebook, read_yaml, shipped
from .variables import Code, Example, Level, Variable

__all__ = ["Code", "Codebook", "Example", "Level", "Variable", "load", "parse", "read_codebook", "read_yaml", "shipped"]
