"""A Logs Insights evaluator for the subset that monitoring uses; anything else is refused, never answered wrongly."""
