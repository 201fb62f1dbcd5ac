"use strict";
(() => {
  // Values of a chart under the pointer, or by the arrow keys. The drawing stays as it is.
  const source = document.getElementById("rotascope-charts");
  const charts = JSON.parse(source ? source.textContent : "{}");
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  const day = (text) => {
    const [year, month, date] = text.split("-").map(Number);
    return `${date} ${MONTHS[month - 1]} ${year}`;
  };
  const number = (value, channel) => {
    const share = channel && channel.axis.format === ".0%";
    const shown = share ? value * 100 : value;
    const places = Math.abs(shown) >= 1000 ? 0 : Math.abs(shown) < 1 && !share ? 3 : 2;
    const text = Math.abs(shown).toLocaleString("en-US", { maximumFractionDigits: share ? 0 : places });
    return `${shown < 0 && /[1-9]/.test(text) ? "−" : ""}${text}${share ? "%" : ""}`;
  };
  const say = (value, channel) => {
    if (typeof value === "number") return number(value, channel);
    return /^\d{4}-\d\d-\d\d$/.test(value) ? day(value) : value;
  };

  const place = (channel, value) => {
    const { type, domain } = channel.scale;
    const as = (v) => (type === "utc" ? Date.parse(v) : type === "log" ? Math.log(v) : v);
    return (as(value) - as(domain[0])) / (as(domain[1]) - as(domain[0]));
  };

  // Where each row stands in the data area, and what there is to say about it.
  const spotsOf = ({ spec, datasets }) => {
    const spots = new Map();
    const add = (x, y, head, line) => {
      const key = y === null ? `${x}` : `${x},${y}`;
      if (!spots.has(key)) spots.set(key, { x, y, head, lines: [] });
      spots.get(key).lines.push(line);
    };
    for (const { data, mark, encoding } of spec.layer) {
      const { columns, label, kind } = datasets[data.name];
      const { x, y, x2 } = encoding;
      if (kind === "ticks" || kind === "quadrants" || mark.type === "text" || !x || encoding.order) continue;
      const rows = columns[x.field].length;
      for (let i = 0; i < rows; i += 1) {
        const along = columns[x.field][i];
        const up = y ? columns[y.field][i] : null;
        const left = place(x, along) * spec.width;
        if (mark.type === "rule") add(left, null, say(along, x), "");
        else if (x2) {
          const middle = (left + place(x, columns[x2.field][i]) * spec.width) / 2;
          const what = y ? number(up, y) : encoding.color ? columns[encoding.color.field][i] : "";
          add(middle, null, `${say(along, x)} to ${say(columns[x2.field][i], x)}`, what);
        } else if (x.type === "temporal") add(left, null, day(along), `${label.text ? `${label.text}: ` : ""}${number(up, y)}`);
        else if (y.type === "nominal") {
          const row = ((i + 0.5) * spec.height) / rows;
          add(left, row, up, `${number(along, x)}${encoding.color ? `, ${columns[encoding.color.field][i]}` : ""}`);
        } else {
          const name = columns.name ? columns.name[i] : "";
          const means = [x, y].map((c, k) => `${c.axis.title} ${number(k ? up : along, c)}`).join(", ");
          add(left, (1 - place(y, up)) * spec.height, name, means);
        }
      }
    }
    return [...spots.values()].sort((a, b) => (a.y === null ? a.x - b.x : a.y - b.y || a.x - b.x));
  };

  for (const plot of document.querySelectorAll(".plot")) {
    const svg = plot.querySelector("svg");
    const chart = charts[plot.querySelector("[data-chart]").dataset.chart];
    const origin = svg && svg.querySelector("g");
    if (!chart || !origin) continue;
    const spots = spotsOf(chart);
    const { e: left, f: top } = origin.transform.baseVal.getItem(0).matrix;
    const tip = document.createElement("p");
    tip.className = "tip";
    tip.setAttribute("role", "status");
    tip.hidden = true;
    plot.append(tip);
    plot.setAttribute("tabindex", "0");
    plot.setAttribute("role", "group");
    let at = -1;

    const show = (index) => {
      at = Math.max(0, Math.min(spots.length - 1, index));
      const spot = spots[at];
      tip.replaceChildren(...[spot.head, ...spot.lines].filter((text) => text !== "").flatMap((text, i) => {
        const line = document.createElement(i ? "span" : "b");
        line.textContent = text;
        return [line];
      }));
      tip.hidden = false;
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      const x = (spot.x + left) * scale + box.left - plot.getBoundingClientRect().left;
      const half = tip.offsetWidth / 2;
      tip.style.left = `${Math.max(half, Math.min(plot.clientWidth - half, x))}px`;
      tip.style.top = `${spot.y === null ? top * scale : (spot.y + top) * scale - tip.offsetHeight - 10}px`;
    };
    const hide = () => {
      tip.hidden = true;
    };

    plot.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / box.width;
      const x = (event.clientX - box.left) * scale - left;
      const y = (event.clientY - box.top) * scale - top;
      const far = (s) => (s.y === null ? Math.abs(s.x - x) : Math.hypot(s.y - y, (s.x - x) / 4));
      let best = 0;
      spots.forEach((spot, i) => {
        if (far(spot) < far(spots[best])) best = i;
      });
      if (spots.length) show(best);
    });
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") hide();
      else if (event.key === "Home" || event.key === "End") show(event.key === "Home" ? 0 : spots.length - 1);
      else if (step) show(at < 0 ? (step > 0 ? 0 : spots.length - 1) : at + step);
      else return;
      if (event.key !== "Escape") event.preventDefault();
    });
  }
})();
