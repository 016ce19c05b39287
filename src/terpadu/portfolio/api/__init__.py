"""The JSON API of the inventory: public fields for everyone, confidential ones for those with rights."""
