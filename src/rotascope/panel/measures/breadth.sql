-- Every measure of breadth in one pass: advance-decline, closes above two averages, members that beat the
-- benchmark, new highs and lows. Each count has its own number of members with the closes it needs: moved,
-- counted_short, counted_long, compared, ranged; the definitions are those of the texts with one measure.
WITH index_moves AS (
  SELECT now.day, now.close / base.close - 1e0 AS change
  FROM benchmark now
  JOIN benchmark base ON base.day = now.day - ${beat}
  WHERE now.close IS NOT NULL AND base.close IS NOT NULL
),
raw AS (
  SELECT security, day, close,
    lag(day) OVER (PARTITION BY security ORDER BY day) AS day_one,
    lag(close) OVER (PARTITION BY security ORDER BY day) AS base_one,
    lag(day, ${short} - 1) OVER (PARTITION BY security ORDER BY day) AS day_short,
    avg(close) OVER (
      PARTITION BY security ORDER BY day ROWS BETWEEN ${short} - 1 PRECEDING AND CURRENT ROW) AS mean_short,
    lag(day, ${long} - 1) OVER (PARTITION BY security ORDER BY day) AS day_long,
    avg(close) OVER (
      PARTITION BY security ORDER BY day ROWS BETWEEN ${long} - 1 PRECEDING AND CURRENT ROW) AS mean_long,
    lag(day, ${extreme} - 1) OVER (PARTITION BY security ORDER BY day) AS day_extreme,
    max(close) OVER (
      PARTITION BY security ORDER BY day ROWS BETWEEN ${extreme} - 1 PRECEDING AND 1 PRECEDING) AS top,
    min(close) OVER (
      PARTITION BY security ORDER BY day ROWS BETWEEN ${extreme} - 1 PRECEDING AND 1 PRECEDING) AS bottom,
    lag(day, ${beat}) OVER (PARTITION BY security ORDER BY day) AS day_beat,
    lag(close, ${beat}) OVER (PARTITION BY security ORDER BY day) AS base_beat
  FROM prices
  WHERE close IS NOT NULL
),
ahead AS (
  SELECT security, day, close, lead(day, ${beat}) OVER (PARTITION BY security ORDER BY day) AS day_ahead
  FROM prices
  WHERE close IS NOT NULL
),
-- Closes that lag(close, ${beat}) does not reach where they are needed, because of a gap between.
hidden AS (
  SELECT security, day + ${beat} AS day, close
  FROM ahead
  WHERE day_ahead IS NULL OR day_ahead > day + ${beat}
),
windows AS (
  SELECT raw.security, raw.day, raw.close,
    CASE WHEN raw.day - day_one = 1 THEN base_one END AS base_one,
    CASE WHEN raw.day - day_short = ${short} - 1 THEN mean_short END AS mean_short,
    CASE WHEN raw.day - day_long = ${long} - 1 THEN mean_long END AS mean_long,
    CASE WHEN raw.day - day_extreme = ${extreme} - 1 THEN top END AS top,
    CASE WHEN raw.day - day_extreme = ${extreme} - 1 THEN bottom END AS bottom,
    CASE WHEN raw.day - day_beat = ${beat} THEN base_beat ELSE hidden.close END AS base_beat
  FROM raw
  LEFT JOIN hidden ON hidden.security = raw.security AND hidden.day = raw.day
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
  GROUP BY w.day
),
steps AS (
  SELECT first_day AS day, 1 AS step FROM members
  UNION ALL SELECT last_day + 1, -1 FROM members WHERE last_day IS NOT NULL
  UNION ALL SELECT day_number, 0 FROM calendar
),
changes AS (SELECT day, sum(step) AS step FROM steps GROUP BY day),
size AS (SELECT day, CAST(sum(step) OVER (ORDER BY day) AS BIGINT) AS members FROM changes)
SELECT c.day_number AS day, members,
  coalesce(moved, 0) AS moved, coalesce(advancers, 0) AS advancers, coalesce(decliners, 0) AS decliners,
  coalesce(counted_short, 0) AS counted_short, coalesce(above_short, 0) AS above_short,
  coalesce(counted_long, 0) AS counted_long, coalesce(above_long, 0) AS above_long,
  coalesce(compared, 0) AS compared, coalesce(beating, 0) AS beating,
  coalesce(ranged, 0) AS ranged, coalesce(highs, 0) AS highs, coalesce(lows, 0) AS lows
FROM calendar c
JOIN size ON size.day = c.day_number
LEFT JOIN counts ON counts.day = c.day_number
