"""The text room: growing markdown in, safe HTML out, touching nothing outside."""
