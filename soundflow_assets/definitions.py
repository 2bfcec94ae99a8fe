"""The entry point that `workspace.yaml` names; everything is composed in `build`."""

from soundflow_assets.build import build_definitions

defs = build_definitions()
