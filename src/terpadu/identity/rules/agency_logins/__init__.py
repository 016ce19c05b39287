"""Pure rules of agencies' own logins: what may be registered, and what an answer must prove."""
