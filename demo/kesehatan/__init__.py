"""The health data platform (Kemenkes): a FHIR R4 server with client-credentials tokens, imitating SATUSEHAT's ways.

Identifier systems, the odd token answer (numbers as text) and partly masked names follow what is published of
SATUSEHAT; the patients are those of the made-up population.
"""
