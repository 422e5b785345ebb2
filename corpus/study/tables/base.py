"""What all tables have in common."""

from sqlalchemy import MetaData, String
from sqlalchemy.dialects.postgresql import VARCHAR

metadata = MetaData()
NAME = String().with_variant(VARCHAR(collation="C"), "postgresql")  # sorted alike in both databases
