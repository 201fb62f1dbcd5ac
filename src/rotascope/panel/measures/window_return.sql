-- The return of each security over ${length} sessions, in percent. Both closes must be known.
WITH moves AS (
  SELECT now.day, now.security, now.close, base.close AS base
  FROM prices now
  JOIN prices base ON base.security = now.security AND base.day = now.day - ${length}
)
SELECT day, security, 100e0 * (close / base - 1e0) AS change
FROM moves
WHERE close IS NOT NULL AND base IS NOT NULL
