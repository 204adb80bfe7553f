"""The chain of seals of one company: how a seal is hashed, and what is wrong with a chain.

Each seal names the hash of the one before it, so that no signature can be changed, removed,
inserted or moved without breaking every seal behind it. Pure rules, no database.
"""

from typing import NamedTuple

from .canonical import digest

#: What the first seal of a company names as the one before it.
GENESIS = ""


class Head(NamedTuple):
    """The last seal of a company, kept apart from the seals so that a cut tail is found."""

    position: int = 0
    seal_hash: str = GENESIS


class Seal(NamedTuple):
    """One link: the place of a signature in the chain of its company."""

    company_id: int
    position: int
    signature_id: int
    signature_hash: str
    previous_hash: str
    sealed_at: object

    @property
    def seal_hash(self):
        """The hash over everything that the seal states."""
        return digest(self)


class Finding(NamedTuple):
    """Something that is broken: what, and at which signature and position, where known."""

    kind: str
    signature_id: int | None = None
    position: int | None = None
    until: int | None = None


def extend(head, company_id, signatures, sealed_at):
    """Return the seals that put ``signatures`` behind ``head``, in the order given.

    :param head: Head of the company's chain
    :param signatures: iterable of (id, hash)
    :return: (list of the fields of each Seal followed by its hash, the new Head)
    """
    seals = []
    for position, (signature_id, signature_hash) in enumerate(signatures, head.position + 1):
        seal = Seal(company_id, position, signature_id, signature_hash, head.seal_hash, sealed_at)
        head = Head(position, seal.seal_hash)
        seals.append((*seal, head.seal_hash))
    return seals, head


class Walk:
    """Walks along the stored seals of one company and notes what does not fit.

    Feed it the seals by position, then ask for what the chain's head says about its end.
    """

    def __init__(self):
        self.head = Head()

    def check(self, seal, stored_hash):
        """Yield the findings about the next seal.

        :param seal: Seal as stored
        :param stored_hash: the hash stored with it
        """
        expected = self.head.position + 1
        if seal.position > expected:
            yield Finding("seal_missing", None, expected, seal.position - 1)
        elif seal.position < expected:
            yield Finding("seal_doubled", seal.signature_id, seal.position)
        elif seal.previous_hash != self.head.seal_hash:
            yield Finding("order_changed", seal.signature_id, seal.position)
        if seal.seal_hash != stored_hash:
            yield Finding("seal_edited", seal.signature_id, seal.position)
        self.head = Head(seal.position, stored_hash)

    def check_end(self, head):
        """Yield the findings about the end of the chain.

        :param head: Head as stored; the default one where none is stored
        """
        if head.position > self.head.position:
            yield Finding("tail_cut", None, self.head.position + 1, head.position)
        elif head.position < self.head.position:
            yield Finding("tail_added", None, head.position + 1, self.head.position)
        elif head.seal_hash != self.head.seal_hash:
            yield Finding("head_differs", None, head.position)
