"""Score to stems: oscillators, filters, instruments, drums, nature beds and effects."""
