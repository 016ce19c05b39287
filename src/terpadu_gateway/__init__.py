"""The data plane of the toll road: one asyncio process without Django and without a database."""
