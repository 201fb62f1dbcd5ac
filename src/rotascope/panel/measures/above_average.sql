-- Members whose close is above the mean of their last ${length} closes, its own included. All must be known.
-- A close within a billionth of its average is on it: the rest is rounding.
WITH windows AS (
  SELECT security, day, close,
    CASE WHEN day - lag(day, ${length} - 1) OVER (PARTITION BY security ORDER BY day) = ${length} - 1
      THEN avg(close) OVER (
        PARTITION BY security ORDER BY day ROWS BETWEEN ${length} - 1 PRECEDING AND CURRENT ROW)
    END AS average
  FROM prices
  WHERE close IS NOT NULL
),
counts AS (
  SELECT w.day, count(*) AS counted,
    count(CASE WHEN close > average * (1e0 + 1e-9) THEN 1 END) AS above
  FROM windows w
  JOIN members m ON m.security = w.security
    AND w.day >= m.first_day AND w.day <= coalesce(m.last_day, w.day)
  WHERE average IS NOT NULL
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
  coalesce(above, 0) AS above, above / counted AS share
FROM calendar c
JOIN size ON size.day = c.day_number
LEFT JOIN counts ON counts.day = c.day_number
