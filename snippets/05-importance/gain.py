import matplotlib.pyplot as plt

from edgedocs.tiny import compared

plain, helped = compared.rows("none"), compared.rows("all")


def spread(row: dict | None) -> str:
    if row is None:
        return "refused"
    return f"{row['kl_divergence']:.4f} ± {(row['kl_divergence_high'] - row['kl_divergence_low']) / 2:.4f}"


ratios = {name: row["kl_divergence"] / plain[name]["kl_divergence"] for name, row in helped.items() if name in plain}
print("type     bits           without              with  ratio")
for name, row in helped.items():
    ratio = f"{ratios[name]:7.2f}" if name in ratios else ""
    print(f"{name:8} {row['bits_per_weight']:4.2f} {spread(plain.get(name)):>17} {spread(row):>17}{ratio}")

plt.figure(figsize=(6.4, 4.2))
for rows, style, label in ((plain, "x", "without importance"), (helped, "o", "with importance")):
    points = [(rows[name]["bits_per_weight"], rows[name]["kl_divergence"]) for name in helped if name in rows]
    plt.plot(*zip(*points, strict=True), style, label=label)
for name, point in zip(helped, points, strict=True):
    offset, side = (-5, "right") if name in ("iq1_s", "iq4_xs", "q5_k_m") else (5, "left")
    plt.annotate(name, point, (offset, 0), textcoords="offset points", fontsize=7, va="center", ha=side)
plt.gca().set(yscale="log", xlabel="bits a weight", ylabel="KL divergence (nats a token)")
plt.margins(0.08)
plt.legend()
plt.savefig("gain.svg", bbox_inches="tight")

iq3_s, q2_k, q4_0, q4_k_m = (ratios[name] for name in ("iq3_s", "q2_k", "q4_0", "q4_k_m"))
for name in ("iq3_s", "q2_k", "q5_1"):  # the intervals lie apart
    assert helped[name]["kl_divergence_high"] < plain[name]["kl_divergence_low"]
for name in ("q6_k", "q4_k_m", "iq4_xs"):  # each lies within the other's interval
    assert plain[name]["kl_divergence_low"] < helped[name]["kl_divergence"] < plain[name]["kl_divergence_high"]
assert helped["iq2_xs"]["kl_divergence_low"] > plain["q2_k"]["kl_divergence_high"]
assert helped["iq2_xs"]["bits_per_weight"] < plain["q2_k"]["bits_per_weight"]
