"""The directory: which agencies exist, who may sign for them, and where they are.

Main words: agency (an organisation that owns systems and gives services; a peer on the exchange), unit, position (what
an officer can hold), region (Kemendagri's code of a province, city, district or village), certificate (binds an
agency's public key to its peer id). Door: `terpadu.directory.public`.
"""
