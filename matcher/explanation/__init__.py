"""What an answer means: why this doctor, why nobody, what one more place is worth and to whom."""
