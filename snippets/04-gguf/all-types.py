from edgedocs.tiny import compared

rows = compared.rows("none")
print("type    bits    MB    perplexity              KL divergence              top-1")
for name, row in rows.items():
    perplexity = f"{row['perplexity']:.2f} ({row['perplexity_low']:.2f} to {row['perplexity_high']:.2f})"
    divergence = f"{row['kl_divergence']:.4f} ({row['kl_divergence_low']:.4f} to {row['kl_divergence_high']:.4f})"
    size = f"{row['bits_per_weight']:5.1f} {row['size_bytes'] / 1e6:5.2f}"
    print(f"{name:6} {size}    {perplexity}  {divergence}  {row['top1_agreement']:.3f}")

q4_0, q4_k_m = rows["q4_0"], rows["q4_k_m"]
agreement = q4_k_m["top1_agreement"]
assert q4_k_m["kl_divergence_high"] < q4_0["kl_divergence_low"]  # the intervals lie apart
assert q4_k_m["perplexity_high"] > q4_0["perplexity_low"]  # and here they overlap
