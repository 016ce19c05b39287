"""The social-aid registry (Kemensos, DTSEN): a SOAP 1.1 service with a WSDL and WS-Security, of an earlier decade.

The WSDL is at `/SiksWs/DtsenService?wsdl` and imports its schema from `?xsd=1`; callers sign in with a UsernameToken.
"""
