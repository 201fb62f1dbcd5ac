"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const dialog = document.getElementById("evidence");
  const wide = window.matchMedia("(min-width: 64rem)");
  const key = (series, field) => JSON.stringify([series, field]);
  const FEW = 8; // rows shown whole; of more, the first and the last few
  const ENDS = 3;

  let evidence = null; // parsed on first use: a page is read more often than it is questioned
  let origin = null; // the number on the page that the panel was opened from
  let trail = []; // ids of the facts gone through, the current one last

  const load = () => {
    if (evidence) return evidence;
    const runs = new Map(); // by series and field: rows that share all but date and value, as lines of text
    for (const run of read("rotascope-observations")) {
      const name = key(run[0], run[1]);
      if (!runs.has(name)) runs.set(name, []);
      runs.get(name).push(run);
    }
    const context = read("rotascope-context");
    const names = new Map();
    for (const entity of Object.values(context.entities)) {
      if (entity.names.length) names.set(entity.series, entity.names[0]);
    }
    const facts = new Map(read("rotascope-facts").map((fact) => [fact.id, fact]));
    evidence = { facts, runs, names, claims: context.claims, sources: context.sources };
    return evidence;
  };

  // ---- words ----

  const UNITS = {
    percent: "percent", pp: "percentage points", bp: "basis points", usd: "dollars", usd_m: "millions of dollars",
    index_level: "index points", ratio: "ratio", share: "share (0 to 1)", count: "count", sessions: "trading sessions",
    months: "months", years: "years", rank: "rank (1 is the largest)", percentile: "percentile (0 to 100)",
    date: "date", shares: "shares",
  };
  const scaled = (p) => (p.scale === undefined || p.scale === 1 ? "" : `, times ${p.scale}`);
  const leg = (p) => `the mean return of the first ${p.split} inputs`;
  const RULES = {
    log_sum: () => "the return is above zero",
    legs: (p) => `the compounded mean of the first ${p.split} inputs is greater than that of the others`,
    weighted_legs: (p) => `the weighted mean of the first ${p.split} returns is greater than that of the others`,
  };
  const rule = (p) => (RULES[p.rule] || (() => "the rule holds"))(p);
  const windows = (p) => (p.grid === "months" ? "calendar month" : `window of ${p.length} sessions`);
  const WANTED = {
    window_rank: {
      rank: "1 + the number with a greater value", percentile: "100 × the share of them with a value no greater than the last",
      percentile_below: "100 × the share of them with a value no smaller than the last",
      count: "how many there are", independent: "how many of them do not overlap",
      last_as_large: "the end of the latest earlier one that was at least as large",
    },
    streak: {
      from_start: "sessions won before the first one not won", first_failure: "date of the first session not won",
      longest: "the longest unbroken run", wins: "sessions won", sessions: "sessions in all",
      wins_last: "sessions won among the last", wins_first: "sessions won among the first",
    },
    extreme_day: {
      max_value: "the largest daily spread", max_date: "the date of the largest daily spread",
      min_value: "the smallest daily spread", min_date: "the date of the smallest daily spread",
      without_max: "the spread compounded over all days but the one with the largest",
    },
    precedents: {
      count: "how many such months there were", counted: "how many have enough months after them to count",
      ahead: "after how many A was ahead of B", mean: "the mean later spread",
    },
    eras: {
      count: "how many eras there are", years: "the length of one era in years", start: "the date an era started",
      end: "the date an era ended", direction: "+1 if the era went up, −1 if down",
    },
    sequels: {
      counted: "how many there are", ahead: "how many were followed by a result above zero",
      share: "the share that was followed by a result above zero", independent: "how many of them, with what followed, do not overlap",
    },
    extreme: { max: "largest", min: "smallest", range: "largest minus smallest", median: "median" },
    co_movement: {
      correlation: "their correlation", low: "the lower end of its interval by Fisher's z", high: "the upper end of its interval by Fisher's z",
      earlier: "the correlation of all pairs before them", shift: "the distance between the two correlations in standard errors",
      pairs: "how many pairs are looked at", earlier_pairs: "how many pairs lie before them",
    },
    standing: {
      percentile: "100 × the share with a value no greater than the last", percentile_below: "100 × the share with a value no smaller than the last",
      count: "how many there are", independent: "how many of them do not overlap", median: "their median",
    },
  };
  const wanted = (op, p) => (WANTED[op] || {})[p.want] || p.want;

  const FORMULAS = {
    observed: (p) => `The value as its source states it${scaled(p)}.`,
    pct_change: () => "Later value ÷ earlier value − 1, in percent.",
    change: (p) => `Later value − earlier value${scaled(p)}.`,
    difference: (p) => `First fact − second fact${scaled(p)}.`,
    ratio: () => "First fact ÷ second fact.",
    sum_values: (p) => `The sum of all known values${scaled(p)}. Unknown values are left out, not counted as zero.`,
    count_missing: (p) => p.want === "date"
      ? "Sessions of the calendar on which the first input has no value: the date of one of them."
      : "Sessions of the calendar on which the first input has no value: how many.",
    compound: (p, n) => `${n > 1 ? "The mean return of the inputs" : "The return"} of each date, compounded over all dates.`,
    compound_legs: (p) => `${leg(p)}, compounded, − the same for the other inputs, in points.`,
    return_drawdown: () => "The lowest value of wealth ÷ its highest earlier value − 1. The start counts as a high.",
    rolling_share: (p) => `Over all windows of ${p.months} months in a row${p.end_after ? ` that end after ${p.end_after}` : ""}: `
      + (p.want === "count" ? "how many there are." : `the share in which ${rule(p)}.`),
    eras: (p) => `The relative path turns into a new era when it has moved by ${p.threshold} (in logarithms) away from its last `
      + `extreme. Shown: ${wanted("eras", p)}.`,
    window_rank: (p, n) => `The ${n > 1 ? "return of A − the return of B" : "change"} over each ${windows(p)}. `
      + `Shown: ${wanted("window_rank", p)}.`,
    streak: (p) => `A session is won if A returned more than B. Shown: ${wanted("streak", p)}${p.k ? ` ${p.k}` : ""}.`,
    extreme_day: (p) => `Daily spread: the return of A − the return of B, in points. Shown: ${wanted("extreme_day", p)}.`,
    precedents: (p) => `Earlier months in which A − B was ${p.at_least < 0 ? "at most" : "at least"} ${p.at_least} points`
      + `${p.horizon ? `, and the spread over the ${p.horizon} months after each` : ""}. Shown: ${wanted("precedents", p)}.`,
    sequels: (p) => `Windows of ${p.length} month(s)${p.at_least === undefined ? "" : ` that gave ${p.at_least} or ${p.at_least < 0 ? "less" : "more"}`}, `
      + `and the ${p.horizon} month(s) after each. Shown: ${wanted("sequels", p)}.`,
    relative_fall: () => "1 − e to the power of minus the value below: what a fall of so much in logarithms takes from a ratio.",
    parameter: (p) => `A parameter of the recipe below: ${p.path}.`,
    count_where: (p) => `How many of the facts below are ${p.test}${p.than === undefined ? "" : ` ${p.than}`}.`,
    rank_of: () => "1 + the number of facts below with a greater value.",
    extreme: (p) => `The ${wanted("extreme", p)} of the facts below.`,
    count_facts: () => "How many facts stand below.",
    window_date: (p) => `A date of the window of the fact below: ${words(p.path || "")}.`,
    count_rows: () => "How many rows have a known value.",
    co_movement: (p) => `Changes of two lines over the same ${p.grid === "months" ? "months" : p.step === 1 ? "sessions" : `blocks of ${p.step} sessions`}, `
      + `the last ${p.last} of them. Shown: ${wanted("co_movement", p)}.`,
    sum_windows: (p) => `The sums of the known values over each ${p.length} sessions in a row. Shown: ${wanted("standing", p)}.`,
    dispersion_windows: (p) => `The standard deviation of the inputs' returns over each ${windows(p)}. Shown: ${wanted("standing", p)}.`,
    return_windows: (p) => `The compounded returns over each ${p.length} periods in a row. Shown: ${wanted("standing", p)}.`,
    spread_range: (p) => `The largest − the smallest spread of the pairs of inputs, over each ${windows(p)}. Shown: ${words(p.want)}.`,
    signal: (p) => `A rule (${words(p.rule)}) that holds the first or the second input for a month at a time, decided at the last close `
      + `of the month before, at ${p.cost} basis points of what is traded; beside it an even split. Shown: ${words(p.want)}.`,
    deflated_sharpe: () => "The chance that the best of as many rules without merit has a Sharpe ratio as high, "
      + "by the formula of Bailey and Lopez de Prado (2014).",
    member_breadth: (p) => `Of the members of ${p.list} on ${p.on}, as its list says: those ${p.measure === "up" ? "that rose over" : "above their mean of"} `
      + `${p.length} sessions. Shown: ${words(p.want)}.`,
    sum_rows: () => "The sum of the values below. Unknown ones are left out.",
    trigger: (p) => `A number to watch: the fact below would have to come out ${p.test} it.`,
  };

  const ROLES = {
    pct_change: ["Earlier value (the base)", "Later value"], change: ["Earlier value (the base)", "Later value"],
    difference: ["First", "Second, subtracted"], ratio: ["First", "Second, the divisor"],
    window_rank: ["A", "B"], streak: ["A", "B"], extreme_day: ["A", "B"], precedents: ["A", "B"],
    count_missing: ["The series", "The sessions of the calendar"],
  };
  const role = (fact, index) => {
    const { op, params } = fact.recipe;
    if (params.split && fact.inputs.length > 1) {
      const returns = params.rule === "weighted_legs" ? fact.inputs.length / 2 : fact.inputs.length;
      const name = index % returns < params.split ? "First leg" : "Second leg";
      return index < returns ? name : `${name}, weight`;
    }
    return fact.inputs.length > 1 ? (ROLES[op] || [])[index] || "" : "";
  };

  const PREDICATES = {
    positive: () => "the value is above zero", negative: () => "the value is below zero",
    near_zero: (p) => `the value is within ${p.tol} of zero`, gt: () => "the first value is greater than the second",
    lt: () => "the first value is less than the second", at_least: (p) => `the value is ${p.x} or more`,
    at_most: (p) => `the value is ${p.x} or less`, near: (p) => `the values are within ${p.tol} of each other`,
    not_near: (p) => `the values are more than ${p.tol} apart`, between: (p) => `the value is from ${p.lo} to below ${p.hi}`,
    rank_is: (p) => `the rank is ${p.k}`, max_of: () => "no other value compared is greater",
    min_of: () => "no other value compared is smaller", same_sign: () => "all values have the same sign",
    opposite: () => "the values have opposite signs", majority: () => "it is more than half",
    verdict_is: () => "the verdict of the rule is this one", quadrant_is: () => "the point lies in this quadrant",
    label_positive: () => "some signal is up and none is down", label_negative: () => "some signal is down and none is up",
    label_mixed: () => "some signals are up and some are down", label_neutral: () => "no signal is up or down",
    minority: () => "it is less than half", ratio_near: (p) => `the ratio is within ${p.tol} of ${p.x}`,
  };

  const words = (name) => name.replaceAll("_", " ");
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const minus = (text) => text.replace(/^-/, "−");
  const isoDate = (number) => String(number).replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
  const exact = (fact) => (fact.unit === "date" ? isoDate(fact.value) : minus(String(fact.value)));
  const called = (series) => {
    const name = load().names.get(series);
    return name && name !== series ? `${name} (${series})` : series;
  };

  // ---- building ----

  const el = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== ""));
    return node;
  };
  const list = (pairs) => el("dl", {}, pairs.filter(([, value]) => value)
    .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  const section = (title, ...children) => [el("h3", {}, title), ...children];

  const day = (text) => el("span", { class: "day" }, text);
  const bound = (edge, used, asked) =>
    el("span", {}, `${edge} of `, day(used || asked), used && used !== asked ? [" (asked for ", day(asked), ")"] : null);
  const windowRows = (w) => (!w ? [] : [
    ["From", bound(w.base === "open" ? "the open" : "the close", w.start_used, w.start)],
    ["To", bound("the close", w.end_used, w.end)],
    ["Base", w.base === "open" ? "the open of the first day" : "the prior close"],
  ]);

  // Rows as in observations.csv: series, field, date, value, unit, source.
  const expanded = ([series, field, unit, source, , , lines]) => lines.split("\n").slice(0, -1).map((line) => {
    const comma = line.indexOf(",");
    return [series, field, line.slice(0, comma), line.slice(comma + 1), unit, source];
  });
  const rowsOf = (input) => (load().runs.get(key(input.series, input.field)) || []).flatMap(expanded)
    .filter((row) => row[2] >= input.first && row[2] <= input.last);

  const publisher = (name) => (load().sources[name] || {}).publisher || name;

  // Rows that come from several publications name theirs, one by one.
  const rowsTable = (rows, all, many) => {
    const cut = all || rows.length <= FEW;
    const line = (row) => el("tr", {}, el("td", {}, row[2]), el("td", { class: "num" }, row[3] === "" ? "unknown" : minus(row[3])),
      el("td", { class: "num" }, row[4]), many ? el("td", {}, publisher(row[5])) : null);
    const gap = el("tr", { class: "gap" }, el("td", { colspan: many ? "4" : "3" }, `… ${rows.length - 2 * ENDS} more rows …`));
    const body = cut ? rows.map(line) : [...rows.slice(0, ENDS).map(line), gap, ...rows.slice(-ENDS).map(line)];
    return el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Date"), el("th", { scope: "col", class: "num" }, "Value"),
        el("th", { scope: "col", class: "num" }, "Unit"), many ? el("th", { scope: "col" }, "Source") : null)),
      el("tbody", {}, body));
  };

  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const compareDigest = async (input, rows, note) => {
    if (!window.crypto || !window.crypto.subtle) return;
    const text = `${input.series},${input.field}\n${rows.map((row) => `${row[2]},${row[3]}\n`).join("")}`;
    const digest = hex(await window.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
    note.textContent = digest === input.sha256
      ? "Computed again from the rows in this page: the same."
      : "Computed again from the rows in this page: NOT the same. Do not rely on this number.";
  };

  const observations = (input) => {
    const rows = rowsOf(input);
    const many = input.source === "*";
    const holder = el("div", {}, rowsTable(rows, false, many));
    const note = el("p", { class: "small", role: "status" });
    const more = rows.length <= FEW ? null : el("button", {
      type: "button",
      onclick: (event) => {
        holder.replaceChildren(rowsTable(rows, true, many));
        event.currentTarget.remove();
      },
    }, `Show all ${rows.length} rows`);
    compareDigest(input, rows, note);
    const span = input.first === input.last ? input.first : `${input.first} to ${input.last}`;
    return [
      el("p", { class: "small" }, `${called(input.series)}, ${words(input.field)}. ${input.rows} `
        + `${input.rows === 1 ? "row" : "rows"}, ${span}${input.vintage ? `, version known from ${input.vintage}` : ""}`
        + `${many ? "" : `, from ${publisher(input.source)}`}.`),
      holder, more,
      el("p", { class: "small" }, "Digest of the rows (SHA-256):"), el("p", { class: "digest" }, input.sha256), note,
    ];
  };

  const nested = (id) => {
    const fact = load().facts.get(id);
    if (!fact) return el("p", {}, `The fact ${id} is missing from this page.`);
    return el("button", { type: "button", class: "nested", onclick: () => show([...trail, id]) },
      `${capital(words(fact.metric))}: ${fact.series.map(called).join(", ")}`, el("b", {}, fact.display));
  };

  const inputItem = (fact) => (input, index) => {
    const name = role(fact, index);
    return el("li", {}, name ? el("p", { class: "role" }, name) : null,
      input.kind === "fact" ? nested(input.id) : observations(input));
  };

  // The recipe with its numbers filled in, where it is short enough to be done by hand.
  const worked = (fact) => {
    const value = (input) => {
      if (input.kind === "fact") return (load().facts.get(input.id) || {}).value;
      const rows = rowsOf(input);
      return rows.length === 1 && rows[0][3] !== "" ? Number(rows[0][3]) : undefined;
    };
    const [a, b] = fact.inputs.map(value);
    if (a === undefined || b === undefined || fact.inputs.length !== 2) return null;
    const text = (number) => (number < 0 ? `(${minus(String(number))})` : String(number));
    const scale = fact.recipe.params.scale ?? 1;
    const times = (inner) => (scale === 1 ? inner : `(${inner}) × ${scale}`);
    const lines = {
      pct_change: () => `100 × (${text(b)} ÷ ${text(a)} − 1)`, change: () => times(`${text(b)} − ${text(a)}`),
      difference: () => times(`${text(a)} − ${text(b)}`), ratio: () => `${text(a)} ÷ ${text(b)}`,
    };
    const line = lines[fact.recipe.op];
    return line ? el("p", { class: "worked" }, `${line()} = ${exact(fact)}`) : null;
  };

  const restingWords = (id) => load().claims.filter((claim) => claim.facts.includes(id)).flatMap((claim) => {
    const spans = [...document.querySelectorAll("[data-claim]")].filter((node) => node.dataset.claim === claim.id);
    const meaning = (PREDICATES[claim.predicate] || (() => words(claim.predicate)))(claim.params);
    return spans.length ? [el("p", {}, `“${spans.map((node) => node.textContent).join("”, “")}” may stand only if ${meaning}.`)] : [];
  });

  const link = (url) => (/^https?:\/\//.test(url) ? el("a", { href: url, rel: "external noopener noreferrer" }, url) : url);
  const sourceItem = (name) => {
    const source = load().sources[name];
    if (!source) return el("li", {}, name);
    return el("li", {}, list([
      ["Publisher", source.publisher], ["Title", source.title], ["Address", source.url ? link(source.url) : ""],
      ["Published", source.published], ["Retrieved", source.retrieved_at], ["Licence", source.licence],
      ["Standing", source.standing === "reported" ? "a figure as reported in print" : "rows of a market database"],
      ["SHA-256", source.sha256 ? el("span", { class: "digest" }, source.sha256) : ""],
    ]));
  };

  const content = (fact, printed) => {
    const { op, params } = fact.recipe;
    const formula = (FORMULAS[op] || (() => words(op)))(params, fact.inputs.length);
    const resting = restingWords(fact.id);
    return [
      el("h2", { id: "evidence-title", tabindex: "-1" }, printed || fact.display),
      el("p", { class: "about" }, `${capital(words(fact.metric))}: ${fact.series.map(called).join(" against ")}`),
      list([
        ["Full value", exact(fact)], ["Unit", UNITS[fact.unit] || fact.unit], ...windowRows(fact.window),
        ["As of", day(fact.as_of)],
      ]),
      section("How it is computed", el("p", { class: "formula" }, capital(formula)), worked(fact),
        fact.notes.map((note) => el("p", { class: "small" }, note))),
      fact.inputs.length ? section("From", el("ul", { class: "inputs" }, fact.inputs.map(inputItem(fact)))) : [],
      resting.length ? section("Words that rest on it", resting) : [],
      fact.sources.length ? section("Sources", el("ul", { class: "inputs" }, fact.sources.map(sourceItem))) : [],
      el("details", {}, el("summary", {}, "The fact as data"), el("pre", {}, JSON.stringify(fact, null, 2))),
    ].flat(2);
  };

  // ---- opening and closing ----

  const bar = () => el("div", { class: "panel-bar" },
    trail.length > 1 ? el("button", { type: "button", onclick: () => show(trail.slice(0, -1)) }, "‹ Back") : el("span", {}, "Evidence"),
    el("button", { type: "button", onclick: () => shut() }, "Close"));

  const show = (path) => {
    trail = path;
    const fact = load().facts.get(path[path.length - 1]);
    const printed = path.length === 1 && origin ? origin.textContent : "";
    const body = fact ? content(fact, printed) : [el("h2", { id: "evidence-title", tabindex: "-1" }, "No evidence for this number")];
    dialog.replaceChildren(bar(), ...body.filter((node) => node !== null));
    if (!dialog.open) {
      if (wide.matches) dialog.show();
      else dialog.showModal();
      document.body.classList.toggle("with-panel", wide.matches);
    }
    dialog.scrollTop = 0;
    document.getElementById("evidence-title").focus({ preventScroll: true });
  };

  const open = (node) => {
    if (origin) mark(origin, false);
    origin = node;
    mark(node, true);
    show([node.dataset.fact]);
  };
  const mark = (node, on) => {
    node.classList.toggle("open", on);
    node.setAttribute("aria-expanded", String(on));
  };

  // Give the focus back. The close event comes late, perhaps when the panel is open again: then leave it.
  const settle = () => {
    if (dialog.open || !origin) return;
    const from = origin;
    origin = null;
    trail = [];
    document.body.classList.remove("with-panel");
    mark(from, false);
    from.focus();
  };
  const shut = () => {
    dialog.close();
    settle();
  };

  dialog.addEventListener("close", settle);
  dialog.addEventListener("click", (event) => {
    const box = dialog.getBoundingClientRect();
    const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (event.target === dialog && outside) shut();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && dialog.open) {
      event.preventDefault();
      shut();
    }
  });
  document.addEventListener("click", (event) => {
    const node = event.target instanceof Element ? event.target.closest("[data-fact]") : null;
    if (node) open(node);
  });
  for (const node of document.querySelectorAll("[data-fact]")) {
    node.setAttribute("role", "button");
    node.setAttribute("tabindex", "0");
    node.setAttribute("aria-haspopup", "dialog");
    node.setAttribute("aria-expanded", "false");
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(node);
    });
  }
  document.documentElement.classList.add("js");
})();
