"""Whether the chain of one tenant is whole: all of it is computed anew here, and no function of the database is asked.

    content = sha256(salt, address and change)          both gone once the entry is erased
    digest  = sha256(the other columns, content)
    hash    = sha256(hash before, seq, id, digest)      beginning with 32 zeros, or at a checkpoint

A chain that somebody computed anew as a whole agrees with itself; it is the anchors that it does not agree with. What
is found is the first thing that is wrong, in the order of the chain.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from freehold.ids import moment_of

BEFORE_ALL = bytes(32)
SEALED_WITHIN = dt.timedelta(minutes=30)
"""Sealing runs every five minutes; whoever is told of it later than that has an alarm already."""
LATE = dt.timedelta(hours=1)
"""No transaction takes so long: an entry whose id is older than what was sealed so long ago was not written then."""
ERASED = ("", "{}")
"""Address and change of an entry that was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of app.audit; `change` is the text that PostgreSQL writes for it."""

    tenant_id: UUID
    id: UUID
    occurred_at: dt.datetime
    principal: str
    request_id: str
    address: str
    action: str
    row_id: UUID
    change: str

    @property
    def told(self) -> bytes:
        """Who did what and when, which stays."""
        at = self.occurred_at.astimezone(dt.UTC)
        written = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}Z"
        who = (self.principal, self.request_id, self.action, str(self.row_id))
        return _parts(str(self.tenant_id), str(self.id), written, *who)

    @property
    def kept(self) -> bytes:
        """What can be erased."""
        return _parts(self.address, self.change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A row of app.audit_seals."""

    seq: int
    audit_id: UUID
    salt: bytes | None
    content: bytes
    digest: bytes
    hash: bytes
    sealed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What the database has of one entry: in the order of the chain, and what is not in it last."""

    seal: Seal | None
    entry: Entry | None
    waits: bool
    """Whether it is on the list of what is to be sealed."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the chain begins: behind `seq`, because entries with ids before `before` were kept long enough."""

    seq: int
    hash: bytes
    before: UUID


@dataclass(frozen=True, slots=True)
class Head:
    """Where the database says that the chain ends."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first thing that is wrong; `seq` is its place in the chain, where it has one."""

    what: str
    sentence: str
    seq: int | None = None
    entry: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What is known from elsewhere than the chain's own rows."""

    now: dt.datetime
    head: Head | None = None
    checkpoint: Checkpoint | None = None
    keep: dt.timedelta | None = None
    """For how long entries are kept; None is for good."""
    anchored: Mapping[int, str] = field(default_factory=dict)
    """By their place, the hashes that were written down, in hexadecimal digits."""


@dataclass(slots=True)
class Chain:
    """Follows the chain of a tenant from line to line, and remembers where it is."""

    tenant_id: UUID
    outside: Outside
    sealed: int = 0
    waiting: int = 0
    erased: set[UUID] = field(default_factory=set)
    _seq: int = field(init=False)
    _hash: bytes = field(init=False)
    _over: UUID = field(init=False)
    _recorded: set[UUID] = field(init=False, default_factory=set)
    _newest: tuple[UUID, dt.datetime] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        checkpoint = self.outside.checkpoint
        self._seq = checkpoint.seq if checkpoint else 0
        self._hash = checkpoint.hash if checkpoint else BEFORE_ALL
        self._over = checkpoint.before if checkpoint else UUID(int=0)

    def first_wrong(self, lines: Iterable[Line]) -> Finding | None:
        """What is wrong first, or nothing."""
        return next(self._wrong(lines), None)

    def _wrong(self, lines: Iterable[Line]) -> Iterator[Finding]:
        yield from self._checkpoint_wrong()
        begins, loose = self._seq, []
        for line in lines:
            if line.entry and line.entry.action == "audit.erase":
                self._recorded.add(line.entry.row_id)
            if line.seal is None:
                loose.append(line)
            elif line.seal.seq > begins:
                yield from self._seal_wrong(line.seal, line.entry)
        yield from self._end_wrong()
        for line in loose:
            yield from self._loose_wrong(line)
        for entry in sorted(self.erased - self._recorded):
            sentence = f"The content of entry {entry} is gone, and no entry says who erased it."
            yield Finding(what="erased without a record", sentence=sentence, entry=entry)

    def _checkpoint_wrong(self) -> Iterator[Finding]:
        checkpoint, keep = self.outside.checkpoint, self.outside.keep
        if checkpoint is None:
            return
        if keep is None or moment_of(checkpoint.before) > self.outside.now - keep:
            kept = f"{keep.days} days" if keep else "for good"
            sentence = f"A checkpoint lets the chain begin behind {checkpoint.seq}, but entries are kept {kept}."
            yield Finding(what="false checkpoint", sentence=sentence, seq=checkpoint.seq)
        yield from self._anchor_wrong(checkpoint.seq, checkpoint.hash, None)

    def _seal_wrong(self, seal: Seal, entry: Entry | None) -> Iterator[Finding]:
        if seal.seq != self._seq + 1:
            gone = f"{self._seq + 1}" + (f" to {seal.seq - 1}" if seal.seq > self._seq + 2 else "")
            sentence = f"The chain lacks {gone}: entries and their seals are gone."
            yield Finding(what="deleted", sentence=sentence, seq=self._seq + 1)
        for what, sentence in self._entry_wrong(seal, entry):
            yield Finding(what=what, sentence=sentence, seq=seal.seq, entry=seal.audit_id)
        linked = self._hash + seal.seq.to_bytes(8) + seal.audit_id.bytes + seal.digest
        if sha256(linked).digest() != seal.hash:
            sentence = f"The hash of {seal.seq} does not follow from what comes before it."
            yield Finding(what="broken link", sentence=sentence, seq=seal.seq, entry=seal.audit_id)
        yield from self._anchor_wrong(seal.seq, seal.hash, seal.audit_id)
        self.sealed += 1
        self._seq, self._hash = seal.seq, seal.hash
        if self._newest is None or seal.audit_id > self._newest[0]:
            self._newest = seal.audit_id, seal.sealed_at

    def _entry_wrong(self, seal: Seal, entry: Entry | None) -> Iterator[tuple[str, str]]:
        if entry is None:
            if seal.audit_id >= self._over:
                yield "deleted", f"Entry {seal.audit_id} was sealed, and is gone."
            return
        if seal.salt is None:
            self.erased.add(entry.id)
            if (entry.address, entry.change) != ERASED:
                yield "edited", f"Entry {entry.id} was erased, and tells something all the same."
        elif sha256(seal.salt + entry.kept).digest() != seal.content:
            yield "edited", f"Entry {entry.id} has another address or change than when it was sealed."
        if sha256(entry.told + seal.content).digest() != seal.digest:
            yield "edited", f"Entry {entry.id} tells another who, what or when than when it was sealed."
        if self._newest and seal.audit_id < self._newest[0] and moment_of(seal.audit_id) < self._newest[1] - LATE:
            yield "inserted", f"Entry {entry.id} claims a time before entries that were sealed long before it."

    def _anchor_wrong(self, seq: int, found: bytes, entry: UUID | None) -> Iterator[Finding]:
        anchored = self.outside.anchored.get(seq)
        if anchored is not None and anchored != found.hex():
            sentence = f"The chain was computed anew: at {seq} its hash is not the one that was anchored."
            yield Finding(what="rewritten", sentence=sentence, seq=seq, entry=entry)

    def _end_wrong(self) -> Iterator[Finding]:
        anchored = max(self.outside.anchored, default=0)
        if anchored > self._seq:
            sentence = f"The chain ends at {self._seq}, and was anchored up to {anchored}: what came after is gone."
            yield Finding(what="deleted at the end", sentence=sentence, seq=self._seq + 1)
        head = self.outside.head or Head(0, BEFORE_ALL)
        if head.seq > self._seq:
            sentence = f"The chain ends at {self._seq}, and was sealed up to {head.seq}: what came after is gone."
            yield Finding(what="deleted at the end", sentence=sentence, seq=self._seq + 1)
        elif (head.seq, head.hash) != (self._seq, self._hash):
            sentence = f"The chain ends at {self._seq}, which is not where sealing ended."
            yield Finding(what="false head", sentence=sentence, seq=self._seq)

    def _loose_wrong(self, line: Line) -> Iterator[Finding]:
        if line.entry is None:
            yield Finding(what="deleted", sentence="An entry that was to be sealed is gone.")
        elif not line.waits:
            sentence = f"Entry {line.entry.id} is in no chain and on no list: what writes the trail did not write it."
            yield Finding(what="inserted", sentence=sentence, entry=line.entry.id)
        elif moment_of(line.entry.id) < self.outside.now - SEALED_WITHIN:
            sentence = f"Entry {line.entry.id} has waited for more than half an hour to be sealed."
            yield Finding(what="not sealed", sentence=sentence, entry=line.entry.id)
        else:
            self.waiting += 1


def _parts(*parts: str) -> bytes:
    """Each with its length before it, so that none can reach into the next."""
    encoded = (part.encode() for part in parts)
    return b"".join(b"%d:%b," % (len(part), part) for part in encoded)
