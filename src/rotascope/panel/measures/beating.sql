-- Members whose return over ${length} sessions is greater than the benchmark's. Both closes of
-- both must be known.
WITH index_moves AS (
  SELECT now.day, now.close / base.close - 1e0 AS change
  FROM benchmark now
  JOIN benchmark base ON base.day = now.day - ${length}
  WHERE now.close IS NOT NULL AND base.close IS NOT NULL
),
windows AS (
  SELECT now.security, now.day, (now.close / base.close - 1e0) - i.change AS gap
  FROM prices now
  JOIN prices base ON base.security = now.security AND base.day = now.day - ${length}
  JOIN index_moves i ON i.day = now.day
  WHERE now.close IS NOT NULL AND base.close IS NOT NULL
),
counts AS (
  SELECT w.day, count(*) AS counted, count(CASE WHEN gap > 0e0 THEN 1 END) AS beating
  FROM windows w
  JOIN members m ON m.security = w.security
    AND w.day >= m.first_day AND w.day <= coalesce(m.last_day, w.day)
  GROUP BY w.day
),
steps AS (
  SELECT first_day AS day, 1 AS step FROM members
  UNION ALL SELECT last_day + 1, -1 FROM members WHERE last_day IS NOT NULL
  UNION ALL SELECT day_number, 0 FROM calendar
),
changes AS (SELECT day, sum(step) AS step FROM steps GROUP BY day),
size AS (SELECT day, CAST(sum(step) OVER (ORDER BY day) AS BIGINT) AS members FROM changes)
SELECT c.day_number AS day, coalesce(counted, 0) AS counted, members - coalesce(counted, 0) AS left_out,
  coalesce(beating, 0) AS beating, beating / counted AS share
FROM calendar c
JOIN size ON size.day = c.day_number
LEFT JOIN counts ON counts.day = c.day_number
