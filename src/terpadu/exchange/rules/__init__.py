"""Pure rules of the exchange: contracts, tokens, interfaces, answers and the trail."""
