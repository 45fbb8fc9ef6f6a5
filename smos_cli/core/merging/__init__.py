"""Three-way merging of vaults, pure: two sides and their base go in, one tree comes out, the same on every machine.

Owns the rule that nothing a person wrote is lost and no conflict marker is ever written. Knows no git.
"""

from smos_cli.core.merging.shapes import Clash, Merged, Side
from smos_cli.core.merging.texts import merge_text
from smos_cli.core.merging.trees import merge, virtual_base

__all__ = ["Clash", "Merged", "Side", "merge", "merge_text", "virtual_base"]
