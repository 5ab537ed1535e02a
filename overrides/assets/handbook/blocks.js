/* The figure of block layouts: choose a byte, see what it means. Data and words come from the page; nothing is fetched. */
(() => {
  "use strict";

  const COLUMNS = 16;

  const element = (tag, attributes = {}, text = "") => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  };

  const half = (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const mantissa = bits & 1023;
    if (exponent === 31) return mantissa ? NaN : sign * Infinity;
    return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : mantissa * 2 ** -24);
  };

  /* The number that a whole field of one element stands for, as far as it is a plain number. */
  const valueOf = (bytes, { name, first, size, kind }) => {
    const little = bytes.slice(first, first + size).reduce((sum, byte, place) => sum + byte * 256 ** place, 0);
    if (kind === "<f2") return half(little);
    if (name === "exponent") return 2 ** (little - 127);
    return null;
  };

  /* Bits of a byte that decide the same weights, from the highest; those that share weights belong together in a byte of its own. */
  const groupsOf = (block, index, field) => {
    const reach = Array.from({ length: 8 }, (_, bit) => weightsOf(block.reach[8 * index + bit]));
    const groups = [];
    for (let bit = 7; bit >= 0; bit -= 1) {
      const last = groups.at(-1);
      const same = last && last.weights.join() === reach[bit].join();
      const shared = last && field.kind.endsWith("1") && reach[bit].some((weight) => last.weights.includes(weight));
      if (same || shared) {
        last.low = bit;
        last.weights = [...new Set([...last.weights, ...reach[bit]])].sort((a, b) => a - b);
      } else groups.push({ high: bit, low: bit, weights: reach[bit] });
    }
    return groups;
  };

  const weightsOf = (ranges) =>
    ranges === "" ? [] : ranges.split(",").flatMap((range) => {
      const [first, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, step) => first + step);
    });

  const asRanges = (weights) => {
    const ranges = [];
    for (const weight of weights) {
      const last = ranges.at(-1);
      if (last && last[1] === weight - 1) last[1] = weight;
      else ranges.push([weight, weight]);
    }
    return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
  };

  const start = (figure, data) => {
    const words = figure.dataset;
    const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const number = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumSignificantDigits: 5 });
    const choice = element("select", { id: "block-format" });
    data.forEach((block, place) => choice.append(element("option", { value: place }, block.name)));
    const label = element("label", { for: "block-format" }, words.format);
    const grid = element("div", { class: "edgedocs-blocks__grid", role: "group", "aria-label": words.grid });
    const detail = element("div", { class: "edgedocs-blocks__detail", "aria-live": "polite" });
    const help = element("p", { class: "edgedocs-blocks__help" }, words.help);
    let block, bytes, cells, current;

    const fieldOf = (index) => block.fields.find(({ first, size }) => index >= first && index < first + size);

    const show = (index) => {
      cells[current]?.setAttribute("tabindex", "-1");
      cells[current]?.removeAttribute("aria-current");
      current = index;
      cells[current].setAttribute("tabindex", "0");
      cells[current].setAttribute("aria-current", "true");
      const field = fieldOf(index);
      const byte = bytes[index];
      const values = { index, last: bytes.length - 1, hex: block.hex.slice(2 * index, 2 * index + 2), value: byte };
      const title = element("p", { class: "edgedocs-blocks__title" }, fill(words.byte, values));
      const meaning = element("p");
      meaning.append(element("code", {}, field.name), ` ${words[`field_${field.name}`] ?? ""}`);
      const value = valueOf(bytes, field);
      if (value !== null) meaning.append(` ${fill(words.stands, { value: number.format(value) })}`);
      const bits = element("div", { class: "edgedocs-blocks__bits" });
      for (const group of groupsOf(block, index, field)) {
        const width = group.high - group.low + 1;
        const code = (byte >> group.low) & (2 ** width - 1);
        const part = element("div", { style: `--bits: ${width}` });
        part.append(element("code", {}, code.toString(2).padStart(width, "0")));
        const range = group.high === group.low ? `${group.low}` : `${group.low}–${group.high}`;
        const decides = group.weights.length ? fill(words.decides, { weights: asRanges(group.weights) }) : words.nothing;
        part.append(element("span", {}, `${fill(words.bits, { bits: range, code })} ${decides}`));
        if (group.weights.length > 0 && group.weights.length <= 8) {
          const decoded = group.weights.map((weight) => number.format(block.weights[weight])).join("; ");
          part.append(element("span", { class: "edgedocs-blocks__weights" }, `${words.decoded} ${decoded}`));
        }
        bits.append(part);
      }
      detail.replaceChildren(title, meaning, bits);
    };

    const open = (place) => {
      block = data[place];
      bytes = block.hex.match(/../g).map((pair) => parseInt(pair, 16));
      const names = [...new Set(block.fields.map(({ name }) => name))];
      cells = bytes.map((_, index) => {
        const { name } = fieldOf(index);
        const cell = element("button", { type: "button", tabindex: "-1", "data-field": names.indexOf(name) });
        cell.textContent = block.hex.slice(2 * index, 2 * index + 2);
        cell.setAttribute("aria-label", fill(words.cell, { index, field: name, hex: cell.textContent }));
        cell.addEventListener("focus", () => show(index));
        cell.addEventListener("click", () => cell.focus());
        cell.addEventListener("pointerenter", () => show(index));
        return cell;
      });
      grid.replaceChildren(...cells);
      current = undefined;
      show(0);
    };

    grid.addEventListener("keydown", (event) => {
      const rtl = getComputedStyle(grid).direction === "rtl" ? -1 : 1;
      const steps = { ArrowRight: rtl, ArrowLeft: -rtl, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };
      const target = { Home: 0, End: cells.length - 1 }[event.key] ?? current + (steps[event.key] ?? NaN);
      if (!(target >= 0 && target < cells.length)) return;
      event.preventDefault();
      cells[target].focus();
    });
    choice.addEventListener("change", () => open(Number(choice.value)));
    const chooser = element("p");
    chooser.append(label, " ", choice);
    figure.replaceChildren(chooser, help, grid, detail);
    open(0);
  };

  const begin = () => {
    const figure = document.querySelector(".edgedocs-blocks");
    const data = document.getElementById("block-data");
    if (figure && data) start(figure, JSON.parse(data.textContent));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
