"""The pages of identity: sign in, register, my account."""
