"""State revenue billing (Kemenkeu): REST with OAuth 2.0, imitating SIMPONI's codes.

A billing code has 15 digits (8, day, number) and ends after seven days; a payment counts when it has an NTPN.
"""
