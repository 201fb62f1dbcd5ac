-- How many members are in each quadrant of relative rotation, session by session. Members without the
-- sessions that a point needs are in left_out.
WITH line AS (
  SELECT p.security, p.day, ln(p.close / b.close) AS l
  FROM prices p
  JOIN benchmark b ON b.day = p.day
  WHERE p.close IS NOT NULL AND b.close IS NOT NULL
),
trend AS (
  SELECT security, day,
    CASE WHEN day - lag(day, ${trend} - 1) OVER (PARTITION BY security ORDER BY day) = ${trend} - 1
      THEN l - avg(l) OVER (
        PARTITION BY security ORDER BY day ROWS BETWEEN ${trend} - 1 PRECEDING AND CURRENT ROW)
    END AS s
  FROM line
),
gain AS (
  SELECT security, day, s,
    CASE WHEN day - lag(day, ${trend} + ${momentum} - 2) OVER (PARTITION BY security ORDER BY day)
        = ${trend} + ${momentum} - 2
      THEN s - avg(s) OVER (
        PARTITION BY security ORDER BY day ROWS BETWEEN ${momentum} - 1 PRECEDING AND CURRENT ROW)
    END AS g
  FROM trend
),
points AS (
  SELECT gain.security, gain.day, 100e0 * exp(s) - 100e0 AS across, 100e0 * exp(g) - 100e0 AS up
  FROM gain
  JOIN members m ON m.security = gain.security
    AND gain.day >= m.first_day AND gain.day <= coalesce(m.last_day, gain.day)
  WHERE g IS NOT NULL
),
places AS (
  SELECT day,
    CASE
      WHEN abs(across) < 1e-9 AND abs(up) < 1e-9 THEN 'centre'
      WHEN across >= -1e-9 AND up >= -1e-9 THEN 'leading'
      WHEN across >= -1e-9 THEN 'weakening'
      WHEN up >= -1e-9 THEN 'improving'
      ELSE 'lagging'
    END AS quadrant
  FROM points
),
counts AS (
  SELECT day, count(*) AS counted,
    count(CASE WHEN quadrant = 'leading' THEN 1 END) AS leading,
    count(CASE WHEN quadrant = 'weakening' THEN 1 END) AS weakening,
    count(CASE WHEN quadrant = 'lagging' THEN 1 END) AS lagging,
    count(CASE WHEN quadrant = 'improving' THEN 1 END) AS improving,
    count(CASE WHEN quadrant = 'centre' THEN 1 END) AS centre
  FROM places
  GROUP BY day
),
steps AS (
  SELECT first_day AS day, 1 AS step FROM members
  UNION ALL SELECT last_day + 1, -1 FROM members WHERE last_day IS NOT NULL
  UNION ALL SELECT day_number, 0 FROM calendar
),
changes AS (SELECT day, sum(step) AS step FROM steps GROUP BY day),
size AS (SELECT day, CAST(sum(step) OVER (ORDER BY day) AS BIGINT) AS members FROM changes)
SELECT c.day_number AS day,
  coalesce(counted, 0) AS counted, members - coalesce(counted, 0) AS left_out,
  coalesce(counts.leading, 0) AS leading, coalesce(counts.weakening, 0) AS weakening,
  coalesce(counts.lagging, 0) AS lagging,
  coalesce(counts.improving, 0) AS improving, coalesce(counts.centre, 0) AS centre
FROM calendar c
JOIN size ON size.day = c.day_number
LEFT JOIN counts ON counts.day = c.day_number
