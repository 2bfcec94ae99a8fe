"""Tags that steer where and in what order steps run, with the reasons.

Used by the assets; executors that know nothing of a tag ignore it.
"""

from __future__ import annotations

# A free track is one core for seconds and well under a gigabyte. The Kubernetes executor reads it.
RENDER_TAGS = {
    "dagster-k8s/config": {
        "container_config": {
            "resources": {
                "requests": {"cpu": "1", "memory": "768Mi"},
                "limits": {"memory": "1536Mi"},
            }
        }
    }
}

# Readers see a day only when the catalogs list it, so catalogs overtake waiting renders.
CATALOG_TAGS = {"dagster/priority": "10"}

# One GPU a step. Celery workers with one listen to this queue; Kubernetes needs the limit to find
# such a node and the toleration to be let onto it.
GPU_TAGS = {
    "dagster-celery/queue": "gpu",
    "dagster-k8s/config": {
        "container_config": {
            "resources": {
                "requests": {"cpu": "4", "memory": "24Gi"},
                "limits": {"nvidia.com/gpu": "1", "memory": "48Gi"},
            }
        },
        "pod_spec_config": {
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
        },
    },
}
