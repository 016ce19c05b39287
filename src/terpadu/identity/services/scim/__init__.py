"""SCIM 2.0: an agency's directory tells us its officers and groups, and positions follow."""
