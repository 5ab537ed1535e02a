/* The figure of chapter 01: weights, and what rounding leaves of them. Without this script the page shows a picture.

The arithmetic is that of edgedocs.quantizers.affine.AffineQuantizer, in the same float32 steps; a test compares them. */
"use strict";

(() => {
  const BITS = [2, 3, 4, 5, 6, 8];
  const GROUPS = [16, 32, 64, 128, 256];
  const SCALE_BITS = 32;
  const BINS = 81;
  const WIDTH = 600;
  const HEIGHT = 200;
  const SVG = "http://www.w3.org/2000/svg";

  /** The nearest whole number, halves to the even one. */
  function rint(value) {
    const floor = Math.floor(value);
    const rest = value - floor;
    if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
    return floor % 2 === 0 ? floor : floor + 1;
  }

  /** The weights that codes of `bits` bits stand for, when `size` neighbours share a scale. */
  function restore(weights, bits, size, symmetric) {
    const highest = 2 ** (bits - 1) - 1;
    const lowest = symmetric && bits === 8 ? -highest : -highest - 1;
    const restored = new Float32Array(weights.length);
    for (let start = 0; start < weights.length; start += size) {
      const group = weights.subarray(start, start + size);
      let low = Math.min(0, ...group);
      let high = Math.max(0, ...group);
      if (symmetric) {
        high = Math.max(-low, high);
        low = -high;
      }
      const exact = high > low ? (high - low) / (highest - lowest) : 1;
      const scale = Math.fround(exact);
      const zero = symmetric ? 0 : rint(lowest - low / exact);
      group.forEach((weight, place) => {
        const code = Math.min(highest, Math.max(lowest, rint(Math.fround(weight / scale)) + zero));
        restored[start + place] = (code - zero) * scale;
      });
    }
    return restored;
  }

  /** The root mean square of the difference, as a share of that of the weights. */
  function relativeError(weights, restored) {
    let lost = 0;
    let all = 0;
    weights.forEach((weight, place) => {
      lost += (weight - restored[place]) ** 2;
      all += weight ** 2;
    });
    return Math.sqrt(lost / all);
  }

  function bitsPerWeight(bits, size, symmetric) {
    return bits + (SCALE_BITS + (symmetric ? 0 : bits)) / size;
  }

  /** Weights from base64: the upper halves of float32, little-endian. */
  function decode(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const view = new DataView(new ArrayBuffer(2 * bytes.length));
    for (let place = 0; place < bytes.length; place += 2) {
      view.setUint32(2 * place, ((bytes[place + 1] << 24) | (bytes[place] << 16)) >>> 0, true);
    }
    return Float32Array.from({ length: bytes.length / 2 }, (_, place) => view.getFloat32(4 * place, true));
  }

  function counts(values, limit) {
    const bins = new Array(BINS).fill(0);
    for (const value of values) {
      bins[Math.min(BINS - 1, Math.max(0, Math.floor(((value / limit + 1) / 2) * BINS)))] += 1;
    }
    return bins;
  }

  /** Bars as one path, the highest as high as the picture. */
  function bars(bins, thickness) {
    const top = Math.max(...bins);
    const step = WIDTH / BINS;
    return bins
      .map((count, place) => {
        const height = ((HEIGHT - 4) * count) / top;
        const left = (place + (1 - thickness) / 2) * step;
        return count ? `M${left.toFixed(1)} ${HEIGHT}v${(-height).toFixed(1)}h${(step * thickness).toFixed(1)}V${HEIGHT}z` : "";
      })
      .join("");
  }

  function element(name, attributes, ...content) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...content);
    return made;
  }

  function shape(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function slider(id, label, values, chosen) {
    const shown = element("output", { for: id }, "");
    const last = values.length - 1;
    const input = element("input", { id, type: "range", min: 0, max: last, step: 1, value: values.indexOf(chosen) });
    const update = () => {
      shown.textContent = String(values[input.value]);
      input.setAttribute("aria-valuetext", String(values[input.value]));
    };
    input.addEventListener("input", update);
    update();
    return { row: element("label", { for: id }, element("span", {}, label), input, shown), read: () => values[input.value] };
  }

  function choice(value, label, checked) {
    const input = element("input", { type: "radio", name: "rounding-range", value });
    input.checked = checked;
    return element("label", {}, input, ` ${label}`);
  }

  function build(holder, picture, weights) {
    const label = (name) => holder.querySelector(`[data-label="${name}"]`).textContent.trim();
    const bits = slider("rounding-bits", label("bits"), BITS, 4);
    const group = slider("rounding-group", label("group"), GROUPS, 32);
    const range = element(
      "fieldset",
      {},
      element("legend", {}, label("range")),
      choice("symmetric", label("symmetric"), true),
      choice("affine", label("affine"), false),
    );
    const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label("picture") });
    const limit = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0);
    svg.append(shape("path", { class: "rounding-weights-bars", d: bars(counts(weights, limit), 1) }));
    const after = svg.appendChild(shape("path", { class: "rounding-restored-bars" }));
    svg.append(shape("path", { class: "rounding-axis", d: `M0 ${HEIGHT}H${WIDTH}M${WIDTH / 2} ${HEIGHT}v-6` }));
    const legend = element(
      "p",
      { class: "rounding-legend", "aria-hidden": "true" },
      element("span", { class: "rounding-key rounding-key-weights" }, label("weights")),
      element("span", { class: "rounding-key rounding-key-restored" }, label("restored")),
    );
    const error = element("strong", { class: "rounding-error" });
    const cost = element("strong", { class: "rounding-cost" });
    const result = element(
      "div",
      { class: "rounding-result", role: "status" },
      element("p", {}, `${label("error")}: `, error),
      element("p", {}, `${label("cost")}: `, cost),
    );
    const language = document.documentElement.lang || "en";
    const percent = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const number = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 3 });

    const update = () => {
      const symmetric = range.querySelector("input:checked").value === "symmetric";
      const restored = restore(weights, bits.read(), group.read(), symmetric);
      const share = relativeError(weights, restored);
      const stored = bitsPerWeight(bits.read(), group.read(), symmetric);
      after.setAttribute("d", bars(counts(restored, limit), 0.45));
      error.textContent = percent.format(share);
      cost.textContent = number.format(stored);
      Object.assign(error.dataset, { value: share });
      Object.assign(cost.dataset, { value: stored });
    };
    holder.replaceChildren(svg, legend, bits.row, group.row, range, result);
    holder.addEventListener("input", update);
    update();
    holder.hidden = false;
    (picture.closest("p") ?? picture).hidden = true;
  }

  function begin() {
    const holder = document.querySelector("div.rounding");
    const picture = document.querySelector(".rounding-picture");
    const link = document.querySelector("a.rounding-weights");
    if (!holder || !picture || !link) return;
    const script = document.createElement("script"); // fetch() would not read a file beside a page that is a file
    script.src = link.href;
    script.addEventListener("load", () => build(holder, picture, decode(globalThis.edgedocsWeights)));
    document.head.append(script);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
