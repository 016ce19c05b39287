"""The outside world of documents: typesetter, signing authority, file store, inspection of PDF files."""
