"""The school registry (Kemendikdasmen): a JSON service described by OpenAPI 3.1 in YAML, signed in to by a key.

Made by another team than its neighbours: names in camel case, null where something is unknown, one operation without
an operationId. Pupils are those of the made-up population who are of school age.
"""
