"""What is masked without any setting: shapes of secrets, values by their name, and numbers with check digits."""

from lambdascope_analytics.privacy.names import mask_named
from lambdascope_analytics.privacy.numbers import mask_numbers
from lambdascope_analytics.privacy.shapes import mask_shapes


def mask_built_in(text: str) -> str:
    """Mask everything that is recognised without the operator's help."""
    return mask_numbers(mask_named(mask_shapes(text)))
