"""The door of the portfolio. Behind it, growing on this branch:

- `ApplicationView`, `application_get(application_id)`, `application_by_code(code)`, `application_many(ids)`: frozen views.
- `application_register(*, agency_code, values, source, origin, by) -> ApplicationView`: a gate makes a record (clearance).
- `application_update(application_id, *, values, source, origin, by, version=None) -> ApplicationView`.
- `application_end(application_id, *, on, successor, source, origin, by)`: the end of a life, with its successor.
- `application_enrich_from_exchange(*, peer_id, service, title, by)`, `application_enrich_from_client(*, agency_code,
  client_id, name, by)`: other gates create the record that is missing or add what they know.
- `reference_tree()`, `reference_name(code)`: the national reference architecture.
- `is_national_team(actor)`, `managed_agencies(actor)`: who may see and write what (`policies`).
"""
