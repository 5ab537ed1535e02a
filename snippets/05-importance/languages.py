import matplotlib.pyplot as plt
import numpy as np

from edgedocs.tiny import compared

languages, found = ["en", "cs", "sl", "et", "pl"], {}
for name in ("iq2_xxs", "q2_k", "q4_k_m"):
    print(f"{name:12}", *(f"{language:>7}" for language in languages), "   mean")
    matrices = [matrix for matrix in ("none", *languages, "all") if name in compared.rows(matrix)]
    rows = [compared.rows(matrix)[name]["languages"] for matrix in matrices]
    found[name] = np.array([[row[language]["kl_divergence"] for language in languages] for row in rows])
    for matrix, row in zip(matrices, found[name], strict=True):
        print(f"  {matrix:10}", *(f"{value:7.4f}" for value in row), f"{row.mean():7.4f}")

few, two, four = found["iq2_xxs"], found["q2_k"][:6], found["q4_k_m"][:6]  # of few bits also the mixture
foreign = few / few.diagonal()  # by how much more than with the language's own matrix
plt.figure(figsize=(5, 4.4))
plt.imshow(foreign, cmap="Oranges", vmin=1, vmax=1.5)
for row, column in np.ndindex(foreign.shape):
    plt.text(column, row, f"{foreign[row, column]:.2f}", ha="center", va="center")
plt.xticks(range(5), languages)
plt.yticks(range(6), [*languages, "all"])
plt.gca().set(xlabel="language that is measured", ylabel="language of the importance matrix")
plt.savefig("languages.svg", bbox_inches="tight")

others = foreign[:5][~np.eye(5, dtype=bool)]
least, most, mixed = (float(one) for one in (others.min(), others.max(), foreign[5].max()))
own_best_of_two = int(sum(two[1:].argmin(axis=0) == np.arange(5)))
best_of_four, worse_than_none = float((four[1:].diagonal() / four[0]).min()), int(sum(four[1:] > four[0]).sum())
assert min(least, foreign[5].min()) > 1  # with few bits, each language's own matrix is best for it
assert few.mean(axis=1).argmin() == 5  # the mixture, on the mean of all languages
assert (two[1:] < two[0]).all()
assert (four[1:].argmin(axis=0) == np.arange(5)).all()
