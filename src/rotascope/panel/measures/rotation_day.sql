-- Relative rotation of every security at session ${day} alone, from the sessions it needs and no windows.
-- The mean over ${momentum} sessions of a mean over ${trend} is one weighted sum: the close k sessions back
-- has the weight least(k + 1, trend, momentum, trend + momentum - 1 - k) / (trend * momentum).
WITH line AS (
  SELECT p.security, ${day} - p.day AS k, ln(p.close / b.close) AS l
  FROM prices p
  JOIN benchmark b ON b.day = p.day
  WHERE p.close IS NOT NULL AND b.close IS NOT NULL
    AND p.day BETWEEN ${day} - (${trend} + ${momentum} - 2) AND ${day}
),
sums AS (
  SELECT security,
    count(CASE WHEN k < ${trend} THEN 1 END) AS in_trend,
    count(CASE WHEN k < ${momentum} THEN 1 END) AS in_momentum,
    count(*) AS in_all,
    max(CASE WHEN k = 0 THEN l END) AS l,
    sum(CASE WHEN k < ${trend} THEN l END) / ${trend} AS mean,
    sum(CASE WHEN k < ${momentum} THEN l END) / ${momentum} AS near,
    sum(l * least(k + 1, ${trend}, ${momentum}, ${trend} + ${momentum} - 1 - k)) / (${trend} * ${momentum})
      AS far
  FROM line
  GROUP BY security
),
points AS (
  SELECT security,
    100e0 * exp(l - mean) AS strength,
    CASE WHEN in_all = ${trend} + ${momentum} - 1 THEN 100e0 * exp((l - mean) - (near - far)) END AS momentum
  FROM sums
  WHERE in_trend = ${trend}
)
SELECT CAST(${day} AS INTEGER) AS day, security, strength, momentum,
  sqrt((strength - 100e0) * (strength - 100e0) + (momentum - 100e0) * (momentum - 100e0)) AS distance,
  CASE
    WHEN momentum IS NULL THEN NULL
    WHEN abs(strength - 100e0) < 1e-9 AND abs(momentum - 100e0) < 1e-9 THEN 'centre'
    WHEN strength >= 100e0 - 1e-9 AND momentum >= 100e0 - 1e-9 THEN 'leading'
    WHEN strength >= 100e0 - 1e-9 THEN 'weakening'
    WHEN momentum >= 100e0 - 1e-9 THEN 'improving'
    ELSE 'lagging'
  END AS quadrant
FROM points
