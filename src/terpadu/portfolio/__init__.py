"""The portfolio: what applications exist, where they overlap, which may be made, and how duplicates end.

Main words: application (inventory record), overlap, family, clearance, consolidation. The door is `public`.
"""
