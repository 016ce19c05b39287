"""Pure rules of the OpenID Provider: claims, metadata, requests, assertions, proofs, levels. No database or clock."""
