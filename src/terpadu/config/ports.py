"""The ports of one installation: all but the web server's are derived from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ports:
    """The ports of one installation.

    web: port of the web server; the others follow it.
    """

    web: int

    @property
    def outway(self) -> int:
        """Where the portal's gateway takes calls of its applications."""
        return self.web + 11

    @property
    def inway(self) -> int:
        """Where the agencies' gateway takes exchanges from other gateways (mTLS)."""
        return self.web + 12

    @property
    def witness(self) -> int:
        """Where the demo country's witness of the log answers."""
        return self.web + 13

    @property
    def fsc(self) -> int:
        """Where the agencies' gateway takes foreign peers after FSC core (mTLS), and leads to the managers."""
        return self.web + 15

    @property
    def dukcapil(self) -> int:
        """The demo country's population registry."""
        return self.web + 21

    @property
    def akta(self) -> int:
        """The demo country's birth-record service."""
        return self.web + 22

    @property
    def doors(self) -> int:
        """Where the doors of agencies' older systems stand, and where X-Road clients call."""
        return self.web + 14

    @property
    def portal_inway(self) -> int:
        """Where the portal's gateway takes events for the platform (mTLS)."""
        return self.web + 17

    @property
    def agencies_outway(self) -> int:
        """Where the agencies' gateway takes events and calls of their own systems."""
        return self.web + 16

    @property
    def ministries(self) -> dict[str, int]:
        """The demo country's other existing systems, which share one program."""
        names = ("sekolah", "bansos", "kesehatan", "penerimaan", "kepegawaian", "bpjs")
        return {name: self.web + 23 + place for place, name in enumerate(names)}

    @property
    def wiki_program(self) -> int:
        """The demo country's wiki itself; people reach it through Apache only."""
        return self.web + 31

    @property
    def wiki(self) -> int:
        """Apache in front of the demo country's wiki."""
        return self.web + 32

    @property
    def roster(self) -> int:
        """The demo country's program that signs people in by its own library."""
        return self.web + 33

    def all(self, *, demo: bool) -> list[int]:
        """Return every port that must be free."""
        return [self.web, *(self.by_name().values() if demo else [])]

    def by_name(self) -> dict[str, int]:
        """Return the ports of gateways and demo systems, by name."""
        return {
            "outway": self.outway,
            "inway": self.inway,
            "portal_inway": self.portal_inway,
            "agencies_outway": self.agencies_outway,
            "witness": self.witness,
            "fsc": self.fsc,
            "doors": self.doors,
            "dukcapil": self.dukcapil,
            "akta": self.akta,
            **self.ministries,
            "wiki_program": self.wiki_program,
            "wiki": self.wiki,
            "roster": self.roster,
        }
