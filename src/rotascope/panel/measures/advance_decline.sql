-- Members that rose and fell against the session before. Unchanged ones are counted, but in neither.
WITH windows AS (
  SELECT security, day, close,
    CASE WHEN day - lag(day) OVER (PARTITION BY security ORDER BY day) = 1
      THEN lag(close) OVER (PARTITION BY security ORDER BY day)
    END AS base
  FROM prices
  WHERE close IS NOT NULL
),
counts AS (
  SELECT w.day, count(*) AS counted,
    count(CASE WHEN close > base THEN 1 END) AS advancers,
    count(CASE WHEN close < base THEN 1 END) AS decliners
  FROM windows w
  JOIN members m ON m.security = w.security
    AND w.day >= m.first_day AND w.day <= coalesce(m.last_day, w.day)
  WHERE base IS NOT NULL
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
  coalesce(advancers, 0) AS advancers, coalesce(decliners, 0) AS decliners,
  advancers / counted AS share_up
FROM calendar c
JOIN size ON size.day = c.day_number
LEFT JOIN counts ON counts.day = c.day_number
