-- Members ranked by their return over ${length} sessions up to session ${day}: 1 is the largest; equal
-- returns share the mean of their ranks. Members without both closes have no rank.
WITH moves AS (
  SELECT now.security, 100e0 * (now.close / base.close - 1e0) AS change
  FROM prices now
  JOIN prices base ON base.security = now.security AND base.day = now.day - ${length}
  JOIN members m ON m.security = now.security
    AND now.day >= m.first_day AND now.day <= coalesce(m.last_day, now.day)
  WHERE now.day = ${day} AND now.close IS NOT NULL AND base.close IS NOT NULL
)
SELECT CAST(${day} AS INTEGER) AS day, security, change,
  rank() OVER (ORDER BY change DESC) + (count(*) OVER (PARTITION BY change) - 1) / 2 AS place
FROM moves
