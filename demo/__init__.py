"""The demo country: a made-up population and agencies whose existing systems really differ."""
