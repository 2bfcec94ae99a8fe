"""What a track's record and an error say of the device that generated it."""

from __future__ import annotations

import torch


def device_facts(device: torch.device) -> dict[str, float | str]:
    """Return the device, and on a GPU its name and the most memory used, in GiB."""
    if device.type != "cuda":
        return {"device": str(device)}
    peak = torch.cuda.max_memory_allocated(device)
    return {
        "device": torch.cuda.get_device_name(device),
        "peak_memory_gib": round(peak / 2**30, 3),
    }


def memory_of(device: torch.device) -> str:
    """Return how much memory a GPU has and how much of it is free, in words."""
    free, whole = torch.cuda.mem_get_info(device)
    return f"{whole / 2**30:.1f} GiB on the GPU, {free / 2**30:.1f} free"
