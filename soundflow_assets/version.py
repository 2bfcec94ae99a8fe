"""The engine version: part of every seed, bumped on any audible change."""

ENGINE_VERSION = "1"
