-- How far each point of relative rotation moved over ${step} sessions, in points, and its bearing in degrees:
-- 0 gains momentum, 90 gains strength. A point that did not move has no bearing.
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
  SELECT security, day, 100e0 * exp(s) AS strength, 100e0 * exp(g) AS momentum
  FROM gain
  WHERE g IS NOT NULL
),
moves AS (
  SELECT now.security, now.day, now.strength - base.strength AS across, now.momentum - base.momentum AS up
  FROM points now
  JOIN points base ON base.security = now.security AND base.day = now.day - ${step}
),
polar AS (
  SELECT day, security, sqrt(across * across + up * up) AS velocity, degrees(atan2(across, up)) AS bearing
  FROM moves
)
SELECT day, security, velocity,
  CASE WHEN velocity < 1e-9 THEN NULL WHEN bearing < 0e0 THEN bearing + 360e0 ELSE bearing END AS heading
FROM polar
