import matplotlib.pyplot as plt

from edgedocs.tiny import compared

plain, helped = compared.rows("none"), compared.rows("all")


def spread(row: dict) -> str:
    half = (row["kl_divergence_high"] - row["kl_divergence_low"]) / 2
    return f"{row['kl_divergence']:.4f} ± {half:.4f}"


ratios = {}
print("type     bits           without              with  ratio")
for name, row in helped.items():
    before = plain.get(name)
    if before is None:
        print(f"{name:8} {row['bits_per_weight']:4.2f} {'refused':>17} {spread(row):>17}")
        continue
    ratios[name] = row["kl_divergence"] / before["kl_divergence"]
    print(f"{name:8} {row['bits_per_weight']:4.2f} {spread(before):>17} {spread(row):>17} {ratios[name]:6.2f}")

plt.figure(figsize=(6.4, 4.2))
for rows, style, label in ((plain, "x", "without importance"), (helped, "o", "with importance")):
    shown = [row for name, row in rows.items() if name in helped]
    plt.plot([row["bits_per_weight"] for row in shown], [row["kl_divergence"] for row in shown], style, label=label)
for name, row in helped.items():
    side = "right" if name in ("iq4_xs", "q5_k_m") else "left"
    plt.annotate(f"  {name}  ", (row["bits_per_weight"], row["kl_divergence"]), fontsize=7, va="center", ha=side)
plt.yscale("log")
plt.margins(0.08)
plt.xlabel("bits a weight")
plt.ylabel("KL divergence (nats a token)")
plt.legend()
plt.savefig("gain.svg", bbox_inches="tight")

iq3_s, q2_k, q4_0, q4_k_m = (ratios[name] for name in ("iq3_s", "q2_k", "q4_0", "q4_k_m"))
for name in ("iq3_s", "q2_k", "q5_1"):  # the intervals lie apart
    assert helped[name]["kl_divergence_high"] < plain[name]["kl_divergence_low"]
for name in ("q6_k", "q4_k_m", "iq4_xs"):  # each lies within the other's interval
    assert plain[name]["kl_divergence_low"] < helped[name]["kl_divergence"] < plain[name]["kl_divergence_high"]
assert helped["iq2_xs"]["kl_divergence_low"] > plain["q2_k"]["kl_divergence_high"]
assert helped["iq2_xs"]["bits_per_weight"] < plain["q2_k"]["bits_per_weight"]
