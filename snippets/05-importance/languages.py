import matplotlib.pyplot as plt
import numpy as np

from edgedocs.tiny import compared

languages = ["en", "cs", "sl", "et", "pl"]


def table(name: str, matrices: list[str]) -> np.ndarray:
    rows = [compared.rows(matrix)[name]["languages"] for matrix in matrices]
    return np.array([[row[language]["kl_divergence"] for language in languages] for row in rows])


for name in ("iq2_xxs", "q2_k", "q4_k_m"):
    matrices = [*(["none"] if name != "iq2_xxs" else []), *languages, "all"]
    found = table(name, matrices)
    print(f"{name:12}", *(f"{language:>7}" for language in languages), "   mean")
    for matrix, row in zip(matrices, found, strict=True):
        print(f"  {matrix:10}", *(f"{value:7.4f}" for value in row), f"{row.mean():7.4f}")

found = table("iq2_xxs", [*languages, "all"])
foreign = found / found.diagonal()  # by how much more than with the language's own matrix
plt.figure(figsize=(5, 4.4))
plt.imshow(foreign, cmap="Oranges", vmin=1, vmax=1.5)
for row, column in np.ndindex(foreign.shape):
    plt.text(column, row, f"{foreign[row, column]:.2f}", ha="center", va="center")
plt.xticks(range(5), languages)
plt.yticks(range(6), [*languages, "all"])
plt.xlabel("language that is measured")
plt.ylabel("language of the importance matrix")
plt.savefig("languages.svg", bbox_inches="tight")

others = foreign[:5][~np.eye(5, dtype=bool)]
least, most, mixed = (float(one) for one in (others.min(), others.max(), foreign[5].max()))
assert least > 1  # with few bits, each language's own matrix is best for it
assert foreign[5].min() > 1
assert found.mean(axis=1).argmin() == 5  # the mixture, on the mean of all languages
two, four = (table(name, ["none", *languages]) for name in ("q2_k", "q4_k_m"))
own_best_of_two = int(sum(two[1:].argmin(axis=0) == np.arange(5)))
best_of_four = float((four[1:].diagonal() / four[0]).min())
worse_than_none = int(sum(four[1:] > four[0]).sum())
assert (two[1:] < two[0]).all()
assert (four[1:].argmin(axis=0) == np.arange(5)).all()
