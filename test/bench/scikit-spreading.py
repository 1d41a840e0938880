"""The reference of `npm run bench -- propagate`: scikit-learn's LabelSpreading on points and labels from files."""
import json
import resource
import sys
import time

import numpy as np
from sklearn.semi_supervised import LabelSpreading

points_file, labels_file, neighbours = sys.argv[1:]
labels = np.fromfile(labels_file, dtype=np.int32)
points = np.fromfile(points_file, dtype=np.float32).reshape(len(labels), -1)
before = time.process_time()
started = time.perf_counter()
LabelSpreading(kernel="knn", n_neighbors=int(neighbours)).fit(points, labels)
seconds = time.perf_counter() - started
processor = time.process_time() - before
mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "processorSeconds": processor, "graphSeconds": 0, "mib": mib}))
