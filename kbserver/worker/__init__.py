"""What goes on beside answering requests: importing, indexing, keeping events."""
