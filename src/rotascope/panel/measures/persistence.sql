-- Does leadership persist: Spearman's correlation of the ranks of returns over ${length} sessions with those
-- over the ${length} sessions before, among members with all three closes. NULL where either has no order.
WITH windows AS (
  SELECT now.security, now.day,
    now.close / mid.close - 1e0 AS late, mid.close / base.close - 1e0 AS early
  FROM prices now
  JOIN prices mid ON mid.security = now.security AND mid.day = now.day - ${length}
  JOIN prices base ON base.security = now.security AND base.day = now.day - 2 * ${length}
  WHERE now.close IS NOT NULL AND mid.close IS NOT NULL AND base.close IS NOT NULL
),
ranked AS (
  SELECT w.day,
    2 * rank() OVER (PARTITION BY w.day ORDER BY late) + count(*) OVER (PARTITION BY w.day, late) AS x,
    2 * rank() OVER (PARTITION BY w.day ORDER BY early) + count(*) OVER (PARTITION BY w.day, early) AS y
  FROM windows w
  JOIN members m ON m.security = w.security
    AND w.day >= m.first_day AND w.day <= coalesce(m.last_day, w.day)
),
sums AS (
  SELECT day, count(*) AS n, sum(CAST(x AS DOUBLE)) AS sx, sum(CAST(y AS DOUBLE)) AS sy,
    sum(CAST(x * x AS DOUBLE)) AS xx, sum(CAST(y * y AS DOUBLE)) AS yy, sum(CAST(x * y AS DOUBLE)) AS xy
  FROM ranked
  GROUP BY day
),
counts AS (
  SELECT day, n AS counted,
    (n * xy - sx * sy) / nullif(sqrt((n * xx - sx * sx) * (n * yy - sy * sy)), 0e0) AS correlation
  FROM sums
),
steps AS (
  SELECT first_day AS day, 1 AS step FROM members
  UNION ALL SELECT last_day + 1, -1 FROM members WHERE last_day IS NOT NULL
  UNION ALL SELECT day_number, 0 FROM calendar
),
changes AS (SELECT day, sum(step) AS step FROM steps GROUP BY day),
size AS (SELECT day, CAST(sum(step) OVER (ORDER BY day) AS BIGINT) AS members FROM changes)
SELECT c.day_number AS day, coalesce(counted, 0) AS counted, members - coalesce(counted, 0) AS left_out,
  correlation
FROM calendar c
JOIN size ON size.day = c.day_number
LEFT JOIN counts ON counts.day = c.day_number
