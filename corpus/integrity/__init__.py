"""Whether a study is whole: checking and repairing it, backups, and the move to another database."""
