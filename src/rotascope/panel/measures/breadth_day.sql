-- Every measure of breadth at session ${day} alone, from the closes it needs and no windows over rows.
-- Columns and definitions are those of `breadth`.
WITH index_moves AS (
  SELECT now.day, now.close / base.close - 1e0 AS change
  FROM benchmark now
  JOIN benchmark base ON base.day = now.day - ${beat}
  WHERE now.close IS NOT NULL AND base.close IS NOT NULL
),
windows AS (
  SELECT security, CAST(${day} AS INTEGER) AS day,
    max(CASE WHEN day = ${day} THEN close END) AS close,
    max(CASE WHEN day = ${day} - 1 THEN close END) AS base_one,
    CASE WHEN count(CASE WHEN day > ${day} - ${short} THEN 1 END) = ${short}
      THEN avg(CASE WHEN day > ${day} - ${short} THEN close END) END AS mean_short,
    CASE WHEN count(CASE WHEN day > ${day} - ${long} THEN 1 END) = ${long}
      THEN avg(CASE WHEN day > ${day} - ${long} THEN close END) END AS mean_long,
    max(CASE WHEN day = ${day} - ${beat} THEN close END) AS base_beat,
    CASE WHEN count(CASE WHEN day > ${day} - ${extreme} THEN 1 END) = ${extreme}
      THEN max(CASE WHEN day > ${day} - ${extreme} AND day < ${day} THEN close END) END AS top,
    CASE WHEN count(CASE WHEN day > ${day} - ${extreme} THEN 1 END) = ${extreme}
      THEN min(CASE WHEN day > ${day} - ${extreme} AND day < ${day} THEN close END) END AS bottom
  FROM prices
  WHERE close IS NOT NULL
    AND day BETWEEN ${day} - greatest(1, ${short} - 1, ${long} - 1, ${beat}, ${extreme} - 1) AND ${day}
  GROUP BY security
),
counts AS (
  SELECT w.day,
    count(CASE WHEN base_one IS NOT NULL THEN 1 END) AS moved,
    count(CASE WHEN close > base_one THEN 1 END) AS advancers,
    count(CASE WHEN close < base_one THEN 1 END) AS decliners,
    count(CASE WHEN mean_short IS NOT NULL THEN 1 END) AS counted_short,
    count(CASE WHEN close > mean_short * (1e0 + 1e-9) THEN 1 END) AS above_short,
    count(CASE WHEN mean_long IS NOT NULL THEN 1 END) AS counted_long,
    count(CASE WHEN close > mean_long * (1e0 + 1e-9) THEN 1 END) AS above_long,
    count(CASE WHEN base_beat IS NOT NULL AND i.change IS NOT NULL THEN 1 END) AS compared,
    count(CASE WHEN (close / base_beat - 1e0) - i.change > 0e0 THEN 1 END) AS beating,
    count(CASE WHEN top IS NOT NULL THEN 1 END) AS ranged,
    count(CASE WHEN close > top THEN 1 END) AS highs,
    count(CASE WHEN close < bottom THEN 1 END) AS lows
  FROM windows w
  JOIN members m ON m.security = w.security
    AND w.day >= m.first_day AND w.day <= coalesce(m.last_day, w.day)
  LEFT JOIN index_moves i ON i.day = w.day
  WHERE w.close IS NOT NULL
  GROUP BY w.day
),
size AS (
  SELECT count(*) AS members FROM members WHERE first_day <= ${day} AND coalesce(last_day, ${day}) >= ${day}
)
SELECT c.day_number AS day, members,
  coalesce(moved, 0) AS moved, coalesce(advancers, 0) AS advancers, coalesce(decliners, 0) AS decliners,
  coalesce(counted_short, 0) AS counted_short, coalesce(above_short, 0) AS above_short,
  coalesce(counted_long, 0) AS counted_long, coalesce(above_long, 0) AS above_long,
  coalesce(compared, 0) AS compared, coalesce(beating, 0) AS beating,
  coalesce(ranged, 0) AS ranged, coalesce(highs, 0) AS highs, coalesce(lows, 0) AS lows
FROM calendar c
CROSS JOIN size
LEFT JOIN counts ON counts.day = c.day_number
WHERE c.day_number = ${day}
