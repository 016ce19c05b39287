"""Writes of casework: publishing, drafts, sending, acting, issuing. Each is one transaction with its audit entry."""
