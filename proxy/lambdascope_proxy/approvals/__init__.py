"""Approval of a call by a person: which calls need one, how they are asked, and what proves that they said yes."""
