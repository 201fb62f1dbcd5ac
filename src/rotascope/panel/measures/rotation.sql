-- Relative rotation: where each security stands against its own relative trend of ${trend} sessions, and how
-- that compares with its mean over ${momentum} sessions. Centre 100. Both need every session they span:
-- the row `n - 1` before must lie exactly `n - 1` sessions back.
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
)
SELECT day, security, 100e0 * exp(s) AS strength, 100e0 * exp(g) AS momentum
FROM gain
WHERE s IS NOT NULL
