"""From configuration to the full recipe of one track: data in, a validated `TrackPlan` out."""
