"""The OpenID Provider on the web: protocol endpoints, and the pages people see in between."""
