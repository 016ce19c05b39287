"""Stand-ins for services of the outside world, named fake, and the places where real ones are fitted."""
