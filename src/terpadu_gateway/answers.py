"""Answers out: whole or in pieces, a problem in our form or in FSC's."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

import orjson
import structlog

from terpadu_gateway.journal import JournalError
from terpadu_gateway.messages import Exchange, Refusal
from terpadu_gateway.pipes import ReaderGoneError, pour
from terpadu_wire.problems import Problem
from terpadu_wire.streams import Piece

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def send(self, exchange: Exchange) -> None:
        """Hand the answer to the server."""
        exchange.response_bytes(self.status, [*self.headers.items(), ("server", "terpadu")], self.body)


@dataclass(frozen=True, slots=True)
class StreamAnswer(Answer):
    """An answer whose body comes in pieces."""

    pieces: AsyncIterator[Piece]

    async def pour(self, exchange: Exchange) -> None:
        """Hand the answer to the server, piece by piece, as fast as it is taken."""
        try:
            await pour(exchange, self.status, [*self.headers.items(), ("server", "terpadu")], self.pieces)
        except ReaderGoneError:
            log.warning("stream.reader_gone", transaction_id=self.headers.get("fsc-transaction-id", ""))
        except (Refusal, JournalError) as error:
            code = getattr(error, "code", "gateway.records_unwritable")
            log.warning("stream.broken", code=code, transaction_id=self.headers.get("fsc-transaction-id", ""))
        finally:
            # What the pieces hold open is closed now, not when the collector finds them.
            if isinstance(self.pieces, AsyncGenerator):
                await self.pieces.aclose()


def problem_answer(problem: Problem) -> Answer:
    """Return the answer that carries a problem."""
    return Answer(problem.http_status, problem.headers(), problem.body())


def fsc_answer(problem: Problem, *, domain: str = "ERROR_DOMAIN_INWAY") -> Answer:
    """Return the answer that carries a problem in FSC's form (manager.yaml, "error"), for a foreign peer."""
    headers = problem.headers() | {"content-type": "application/json"}
    code = headers["fsc-error-code"]
    body = orjson.dumps({"message": problem.kind.title, "domain": domain, "code": code})
    return Answer(problem.http_status, headers, body)
