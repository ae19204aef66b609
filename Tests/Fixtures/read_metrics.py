"""Reads a Prometheus endpoint with Prometheus's own parser and prints every sample as JSON: `name{labels}` to value.

    read_metrics.py URL
"""

import json
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

with urllib.request.urlopen(sys.argv[1], timeout=20) as answer:
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer.headers
    text = answer.read().decode()
samples = {}
for family in text_string_to_metric_families(text):
    assert family.documentation and family.type in ("gauge", "counter", "histogram"), family
    for sample in family.samples:
        labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()))
        name = f"{sample.name}{{{labels}}}"
        assert name not in samples, f"{name} twice"
        samples[name] = sample.value
print(json.dumps(samples))
