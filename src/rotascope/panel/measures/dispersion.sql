-- How far apart the returns of members over ${length} sessions are, in points: standard deviation
-- (divisor k), best minus worst, mean distance from the mean, distance between the quartiles; and the median.
WITH windows AS (
  SELECT now.security, now.day, 100e0 * (now.close / base.close - 1e0) AS change
  FROM prices now
  JOIN prices base ON base.security = now.security AND base.day = now.day - ${length}
  WHERE now.close IS NOT NULL AND base.close IS NOT NULL
),
moves AS (
  SELECT w.day, w.change
  FROM windows w
  JOIN members m ON m.security = w.security
    AND w.day >= m.first_day AND w.day <= coalesce(m.last_day, w.day)
),
means AS (SELECT day, avg(change) AS mean FROM moves GROUP BY day),
counts AS (
  SELECT moves.day, count(*) AS counted,
    sqrt(avg((change - mean) * (change - mean))) AS standard_deviation,
    max(change) - min(change) AS spread,
    avg(abs(change - mean)) AS mean_gap,
    percentile_cont(0.75) WITHIN GROUP (ORDER BY change)
      - percentile_cont(0.25) WITHIN GROUP (ORDER BY change) AS quartile_gap,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY change) AS median
  FROM moves
  JOIN means ON means.day = moves.day
  GROUP BY moves.day
),
steps AS (
  SELECT first_day AS day, 1 AS step FROM members
  UNION ALL SELECT last_day + 1, -1 FROM members WHERE last_day IS NOT NULL
  UNION ALL SELECT day_number, 0 FROM calendar
),
changes AS (SELECT day, sum(step) AS step FROM steps GROUP BY day),
size AS (SELECT day, CAST(sum(step) OVER (ORDER BY day) AS BIGINT) AS members FROM changes)
SELECT c.day_number AS day, coalesce(counted, 0) AS counted, members - coalesce(counted, 0) AS left_out,
  standard_deviation, spread, mean_gap, quartile_gap, median
FROM calendar c
JOIN size ON size.day = c.day_number
LEFT JOIN counts ON counts.day = c.day_number
