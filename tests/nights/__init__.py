"""Steps of no real app for proving the job ledger: they write real rows and fail on demand."""
