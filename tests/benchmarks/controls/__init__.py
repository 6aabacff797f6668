"""What the product is measured against: the plain way to do the same thing, on the same server and database."""

CONTROLS = ("echo", "bare", "bolt")
