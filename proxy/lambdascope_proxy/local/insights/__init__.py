"""A Logs Insights evaluator for the subset that monitoring uses; anything else is refused, never answered wrongly.

A query becomes one SQL statement and runs on DuckDB over a snapshot of the events. Nothing here was compared with AWS.
What AWS does not publish is decided here, and each module says so for its part; in short: commands act in the order of
the pipe; a condition on a missing value is false, its negation true; missing values sort last; percentiles are
interpolated; computed numbers are shown with all their digits and without a trailing .0; regular expressions are
RE2's, less what Java reads differently; `*` in a glob stays within its line; an empty group of an expression is
missing; bins are aligned to 1970; an aggregate of no events gives no row; `endTime` ends at that second's beginning.
"""
