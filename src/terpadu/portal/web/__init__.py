"""The pages of the portal: thin views that ask the doors and draw."""
