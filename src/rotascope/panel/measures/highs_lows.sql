-- Members that closed above (below) every one of their ${length} - 1 earlier closes. A tie is no new high.
WITH windows AS (
  SELECT security, day, close,
    day - lag(day, ${length} - 1) OVER (PARTITION BY security ORDER BY day) AS reach,
    max(close) OVER (
      PARTITION BY security ORDER BY day ROWS BETWEEN ${length} - 1 PRECEDING AND 1 PRECEDING) AS top,
    min(close) OVER (
      PARTITION BY security ORDER BY day ROWS BETWEEN ${length} - 1 PRECEDING AND 1 PRECEDING) AS bottom
  FROM prices
  WHERE close IS NOT NULL
),
counts AS (
  SELECT w.day, count(*) AS counted,
    count(CASE WHEN close > top THEN 1 END) AS highs,
    count(CASE WHEN close < bottom THEN 1 END) AS lows
  FROM windows w
  JOIN members m ON m.security = w.security
    AND w.day >= m.first_day AND w.day <= coalesce(m.last_day, w.day)
  WHERE reach = ${length} - 1
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
  coalesce(highs, 0) AS highs, coalesce(lows, 0) AS lows,
  coalesce(highs, 0) - coalesce(lows, 0) AS net
FROM calendar c
JOIN size ON size.day = c.day_number
LEFT JOIN counts ON counts.day = c.day_number
