"""Rules as plain values and functions; nothing here knows of SQL, Flask or the index."""
