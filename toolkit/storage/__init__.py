"""The only room that knows SQLAlchemy: the journal of runs."""
