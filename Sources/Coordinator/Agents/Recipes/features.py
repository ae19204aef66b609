# frame: columns made from others

# --- block: features ---
FEATURE_STEPS = []


def add_features(table, known):
    """The columns of the file and those made from them; `known` are the rows trained on."""
    for step in FEATURE_STEPS:
        table = step(table, known)
    return table

# --- adjust: features / date parts ---
# when: dates
# append: FEATURE_STEPS, add_date_parts
# code: before FEATURE_STEPS
def add_date_parts(table, known):
    """Year, month, day and weekday of every date."""
    parts = {}
    for name in DATES:
        moment = pd.to_datetime(table[name], unit="D", errors="coerce").dt
        for part in ("year", "month", "day", "day_of_week", "day_of_year", "hour"):
            parts[f"{part} of {name}"] = getattr(moment, part).astype(float)
    return table.assign(**parts)

# --- adjust: features / text counts ---
# when: text
# append: FEATURE_STEPS, add_text_counts
# code: before FEATURE_STEPS
def add_text_counts(table, known):
    """How long every text is and how it is punctuated."""
    parts = {}
    for name in TEXTS:
        text = table[name].str
        parts[f"characters of {name}"] = text.len().astype(float)
        parts[f"words of {name}"] = text.count(r"\w+").astype(float)
        parts[f"exclamations of {name}"] = text.count("!").astype(float)
        parts[f"questions of {name}"] = text.count(r"\?").astype(float)
        parts[f"capitals of {name}"] = text.count(r"\b[A-Z]{2,}\b").astype(float)
        parts[f"digits of {name}"] = text.count(r"\d").astype(float)
    return table.assign(**parts)

# --- ablation: features / without columns made from others ---
# > Learn from the columns of the file alone. Made columns cost time and may only repeat what is
# > there. Without them the script is simpler.
# set: FEATURE_STEPS = []

# --- plan: features / target means of codes ---
# when: codes
# favoured: codes
# cost: 1.3
# near: group means, counts of categories
# > Add the mean target of the rows that share a whole number, such as that of a shop or a customer.
# > Such numbers stand for things, and their order means little. Each row trained on is left out of
# > its own mean, and means of few rows are drawn towards the overall mean.
# append: FEATURE_STEPS, add_code_means
# code: before FEATURE_STEPS
def add_code_means(table, known):
    """The mean target of the known rows with the same code; of each class, where there are several."""
    from sklearn.model_selection import KFold
    from sklearn.preprocessing import TargetEncoder

    sort = "continuous" if KIND == "regression" else "auto"  # training may lack a class
    encoder = TargetEncoder(target_type=sort, cv=KFold(5, shuffle=True, random_state=SEED))
    means = encoder.fit_transform(known[CODES], target[known.index])
    if not (table.index.equals(known.index) and table[CODES].equals(known[CODES])):
        means = encoder.transform(table[CODES])
    names = [f"target mean {number} of codes" for number in range(means.shape[1])]
    return pd.concat([table, pd.DataFrame(means, index=table.index, columns=names)], axis=1)

# --- plan: features / ratios of numbers ---
# when: numbers
# favoured: regression or multiclass
# cost: 1.4
# near: ratios and differences, ratios and group means
# > Add the ratios of pairs of number columns. Trees cut one column at a time and only approximate
# > a ratio by many cuts. Up to ten columns with the most different values are paired; a division
# > by zero gives a missing value.
# append: FEATURE_STEPS, add_ratios
# code: before FEATURE_STEPS
def add_ratios(table, known):
    """Ratios of pairs of the number columns with the most different values."""
    numbers = known[numbers_of(known)].nunique()
    varied = list(numbers[numbers > 2].sort_values(ascending=False, kind="stable").index[:10])
    parts = {
        f"{upper} / {lower}": table[upper] / table[lower].where(table[lower] != 0)
        for place, upper in enumerate(varied)
        for lower in varied[place + 1 :]
    }
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / differences of numbers ---
# when: numbers
# favoured: multiclass
# cost: 1.4
# near: ratios and differences, products of numbers
# > Add the differences of pairs of number columns. Columns in the same unit are often told apart
# > by how far one lies above the other. Up to ten columns with the most different values are
# > paired.
# append: FEATURE_STEPS, add_differences
# code: before FEATURE_STEPS
def add_differences(table, known):
    """Differences of pairs of the number columns with the most different values."""
    numbers = known[numbers_of(known)].nunique()
    varied = list(numbers[numbers > 2].sort_values(ascending=False, kind="stable").index[:10])
    parts = {
        f"{upper} - {lower}": table[upper] - table[lower]
        for place, upper in enumerate(varied)
        for lower in varied[place + 1 :]
    }
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / group means ---
# when: numbers, categories
# cost: 1.3
# near: ratios and group means, counts of categories
# > Compare every number with the mean of its group. The groups are those of up to five category
# > columns, the numbers up to six with the most different values. Means are taken over the rows
# > trained on; a group that was not seen gets no value.
# append: FEATURE_STEPS, add_group_means
# code: before FEATURE_STEPS
def add_group_means(table, known):
    """Numbers as differences from the mean of their group."""
    numbers = known[numbers_of(known)].nunique().sort_values(ascending=False, kind="stable")
    groups = known[categories_of(known)].nunique().sort_values(ascending=False, kind="stable")
    parts = {}
    for group in groups[(groups > 1) & (groups <= len(known) / 5)].index[:5]:
        for name in numbers.index[:6]:
            means = known.groupby(group)[name].mean()
            parts[f"{name} within {group}"] = table[name] - table[group].map(means).astype(float)
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / products of numbers ---
# when: numbers
# cost: 1.4
# near: ratios of numbers, differences of numbers
# > Add the products of pairs of number columns. Areas, volumes and totals are products of what is
# > listed. Up to eight columns with the most different values are paired, and the product of the
# > first three is added.
# append: FEATURE_STEPS, add_products
# code: before FEATURE_STEPS
def add_products(table, known):
    """Products of pairs of the number columns with the most different values."""
    numbers = known[numbers_of(known)].nunique()
    varied = list(numbers[numbers > 2].sort_values(ascending=False, kind="stable").index[:8])
    parts = {
        f"{left} x {right}": table[left] * table[right]
        for place, left in enumerate(varied)
        for right in varied[place + 1 :]
    }
    if len(varied) > 2:
        parts["product of three"] = table[varied[:3]].prod(axis=1, skipna=False)
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / counts of categories ---
# when: categories
# cost: 1.1
# near: group means, pairs of categories
# > Add how often each category occurs among the rows trained on. Rare categories behave alike,
# > and a count says so without naming them. A category that was not seen counts zero.
# append: FEATURE_STEPS, add_counts
# code: before FEATURE_STEPS
def add_counts(table, known):
    """How often the row's categories occur."""
    parts = {
        f"count of {name}": table[name].map(known[name].value_counts()).fillna(0).astype(float)
        for name in categories_of(known)
    }
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / pairs of categories ---
# when: categories
# cost: 1.4
# near: counts of categories, group means
# > Join pairs of category columns to new categories. A pair can matter where neither column does
# > alone. Up to five columns with few categories are paired; the encoding treats the pairs like
# > any other category.
# append: FEATURE_STEPS, add_pairs
# code: before FEATURE_STEPS
def add_pairs(table, known):
    """Pairs of the category columns with the fewest categories."""
    sizes = known[categories_of(known)].nunique()
    few = list(sizes[(sizes > 1) & (sizes <= 30)].sort_values(kind="stable").index[-5:])
    parts = {
        f"{left} and {right}": table[left] + " & " + table[right]
        for place, left in enumerate(few)
        for right in few[place + 1 :]
    }
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / few numbers as categories ---
# when: numbers
# cost: 1.1
# near: pairs of categories, counts of categories
# > Treat number columns with few whole values as categories as well. Codes, ratings and counts
# > look like numbers but need not act in order. The numbers stay beside them.
# append: FEATURE_STEPS, add_codes_as_categories
# code: before FEATURE_STEPS
def add_codes_as_categories(table, known):
    """Number columns with few whole values, once more as categories."""
    parts = {}
    for name in numbers_of(known):
        values = known[name].dropna()
        if 2 < values.nunique() <= 30 and (values == values.round()).all():
            parts[f"category of {name}"] = table[name].map(str)  # gaps, too, are a word
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / statistics of the row ---
# when: numbers
# cost: 1.1
# near: differences of numbers
# > Add statistics over the numbers of a row: their mean, spread, least and greatest after each
# > column was scaled, and how many are missing or zero. They tell unusual rows from usual ones.
# append: FEATURE_STEPS, add_row_statistics
# code: before FEATURE_STEPS
def add_row_statistics(table, known):
    """Mean, spread and extremes of a row's scaled numbers, and its gaps and zeros."""
    numbers = numbers_of(known)
    spread = known[numbers].std().replace(0, 1).fillna(1)
    scaled = (table[numbers] - known[numbers].mean()) / spread
    parts = {
        "mean of the row": scaled.mean(axis=1),
        "spread of the row": scaled.std(axis=1),
        "least of the row": scaled.min(axis=1),
        "greatest of the row": scaled.max(axis=1),
        "gaps of the row": table.isna().sum(axis=1).astype(float),
        "zeros of the row": (table[numbers] == 0).sum(axis=1).astype(float),
    }
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / distances to cluster centres ---
# when: numbers
# cost: 1.5
# near: main directions, statistics of the row
# > Group the rows trained on into ten clusters of similar numbers and add the distance of every
# > row to each centre. Distances let trees cut along directions that no single column has. The
# > clusters are found without labels.
# append: FEATURE_STEPS, add_cluster_distances
# code: before FEATURE_STEPS
def add_cluster_distances(table, known):
    """Distances to the centres of clusters of the scaled numbers."""
    from sklearn.cluster import KMeans

    numbers = numbers_of(known)
    middle, spread = known[numbers].median().fillna(0), known[numbers].std().replace(0, 1).fillna(1)
    centred = ((known[numbers].fillna(middle) - middle) / spread).clip(-10, 10)
    clusters = KMeans(min(10, len(known)), n_init=2, random_state=SEED).fit(centred)
    asked = ((table[numbers].fillna(middle) - middle) / spread).clip(-10, 10)
    distances = clusters.transform(asked)
    names = [f"distance to centre {number}" for number in range(distances.shape[1])]
    return pd.concat([table, pd.DataFrame(distances, index=table.index, columns=names)], axis=1)

# --- plan: features / main directions ---
# when: numbers
# cost: 1.2
# near: distances to cluster centres
# > Add the first principal components of the scaled numbers. Columns that move together are
# > summed up in one, and what is left stands out. At most eight components are added.
# append: FEATURE_STEPS, add_main_directions
# code: before FEATURE_STEPS
def add_main_directions(table, known):
    """The first principal components of the scaled numbers."""
    from sklearn.decomposition import PCA

    numbers = numbers_of(known)
    middle, spread = known[numbers].median().fillna(0), known[numbers].std().replace(0, 1).fillna(1)
    centred = ((known[numbers].fillna(middle) - middle) / spread).clip(-10, 10)
    directions = PCA(min(8, len(numbers), len(known)), random_state=SEED).fit(centred)
    asked = ((table[numbers].fillna(middle) - middle) / spread).clip(-10, 10)
    found = directions.transform(asked)
    names = [f"direction {number}" for number in range(found.shape[1])]
    return pd.concat([table, pd.DataFrame(found, index=table.index, columns=names)], axis=1)

# --- plan: features / gaps marked ---
# when: gaps
# cost: 1.1
# near: statistics of the row
# > Mark for every column with missing fields which rows miss it. That a value is missing often
# > says as much as the value. The marks are numbers zero and one.
# append: FEATURE_STEPS, add_gaps
# code: before FEATURE_STEPS
def add_gaps(table, known):
    """Which of the row's fields are missing."""
    parts = {}
    for name in known.columns:
        if known[name].isna().any() or known[name].eq("").any():
            missing = table[name].isna() | table[name].eq("")
            parts[f"{name} is missing"] = missing.astype(float)
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / dates as cycles ---
# when: dates
# cost: 1.1
# > Add the day of the year, of the week and the hour as points on a circle. December lies next to
# > January, and Sunday next to Monday. Sine and cosine say so to every model.
# append: FEATURE_STEPS, add_cycles
# code: before FEATURE_STEPS
def add_cycles(table, known):
    """Where dates stand in the year, the week and the day."""
    parts = {}
    for name in DATES:
        for cycle, days in (("year", 365.25), ("week", 7), ("day", 1)):
            angle = 2 * np.pi * table[name] / days
            parts[f"{name} in the {cycle} (sine)"] = np.sin(angle)
            parts[f"{name} in the {cycle} (cosine)"] = np.cos(angle)
    return pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)

# --- plan: features / ratios and differences ---
# when: numbers
# cost: 1.8
# near: ratios of numbers, differences of numbers
# includes: ratios of numbers, differences of numbers
# > Add both the ratios and the differences of pairs of number columns. Which of the two a model
# > needs depends on the columns, and trees choose among them. Up to ten columns are paired.

# --- plan: features / ratios and group means ---
# when: numbers, categories
# favoured: regression or multiclass
# cost: 1.7
# near: ratios of numbers, group means
# includes: ratios of numbers, group means
# > Add the ratios of pairs of number columns, and compare every number with the mean of its
# > group. The two look at rows from different sides: within the row, and among similar rows.

# --- plan: features / ratios and products ---
# when: numbers
# cost: 1.8
# near: ratios of numbers, products of numbers
# includes: ratios of numbers, products of numbers
# > Add both the ratios and the products of pairs of number columns. Together they span what is
# > proportional to two columns at once, such as areas, densities and unit prices.
