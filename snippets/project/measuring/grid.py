from edgedocs.measurement import compare
from edgedocs.tiny import held_out

grid = compare("tiny", ["q8_0", "q4_k_m", "q2_k"], held_out("en")[:12_000])
for row in grid.rows:
    print(
        f"{row['type']:6}  {row['bits_per_weight']:.2f} bits a weight"
        f"  perplexity {row['perplexity']:6.3f} ({row['perplexity_low']:6.3f} to {row['perplexity_high']:6.3f})"
        f"  divergence {row['kl_divergence']:.4f}  top-1 {row['top1_agreement']:.3f}"
    )

eight, four, two = (row["kl_divergence"] for row in grid.rows)
assert two > four > eight > 0
