#!/usr/bin/env python3
"""Makes scikit-reference.json: what scikit-learn's LabelSpreading and LabelPropagation say of one small table, run
until nothing moves. Run `python3 test/ml/scikit-reference.py && npx biome format --write test/ml/scikit-reference.json`
(made with scikit-learn 1.9.1)."""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

SONGS, COLUMNS, CLASSES = 40, 3, 3
random = np.random.default_rng(6)
truth = random.integers(CLASSES, size=SONGS)
points = np.round(random.normal(size=(SONGS, COLUMNS)) + 1.5 * np.eye(CLASSES)[truth], 3).astype(np.float32)
labels = np.where(random.random(SONGS) < 0.3, truth, -1)
endless = {"max_iter": 1_000_000, "tol": 1e-13}

cases = []
for name, kernel, setting in [
    ("spreading", "knn", {"n_neighbors": 7, "alpha": 0.2}),
    ("spreading", "knn", {"n_neighbors": 5, "alpha": 0.8}),
    ("spreading", "rbf", {"gamma": 0.5, "alpha": 0.2}),
    ("spreading", "rbf", {"gamma": 2.0, "alpha": 0.9}),
    ("propagation", "knn", {"n_neighbors": 7}),
    ("propagation", "rbf", {"gamma": 0.5}),
    ("propagation", "rbf", {"gamma": 2.0}),
]:
    method = LabelSpreading if name == "spreading" else LabelPropagation
    model = method(kernel=kernel, **setting, **endless).fit(points.astype(float), labels)
    cases.append({
        "method": name,
        "kernel": kernel,
        **setting,
        "profiles": [round(float(p), 9) for p in model.label_distributions_.ravel()],
    })

pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps({
    "madeWith": f"scikit-learn {sklearn.__version__}",
    "columns": COLUMNS,
    "classes": CLASSES,
    "points": [round(float(p), 3) for p in points.ravel()],
    "labels": labels.tolist(),
    "cases": cases,
}))
