-- Each security against the benchmark, 100 at session ${start}. Sessions before the start, and securities
-- without a close at the start, have no line; a session without a close is left out of it.
WITH line AS (
  SELECT p.day, p.security, p.close / b.close AS ratio
  FROM prices p
  JOIN benchmark b ON b.day = p.day
  WHERE p.close IS NOT NULL AND b.close IS NOT NULL
),
base AS (
  SELECT security, ratio FROM line WHERE day = ${start}
)
SELECT line.day, line.security, 100e0 * line.ratio / base.ratio AS strength
FROM line
JOIN base ON base.security = line.security
WHERE line.day >= ${start}
