-- Answers: how many calls lie in each bucket of a clock; an expression, to stand in store/rollup_rows.sql.
-- Parameters: filled in: $clock (total_ms or duration_ms).
-- Columns: one value, six bytes a bucket in no order, big-endian: bucket (2) and calls (4). Bucket 32768 + 700 + k holds
--          what is above 1.02^(k-1) and up to 1.02^k ms, 32768 zero, 32768 - 700 - k the same below zero.
unhex(array_to_string(list_transform(
    map_entries(histogram(
        32768 + CAST(sign($clock) * CASE
            WHEN abs($clock) < 1e-6 THEN 0 ELSE 700 + ceil(ln(least(abs($clock), 1e15)) / ln(1.02))
        END AS INTEGER)
    )),
    lambda bucket: printf('%04x%08x', bucket.key, bucket.value)
), ''))
