"""Fails on purpose, to show what a failure looks like: the traceback is whole
and without frames of Runbay, and the exit code is the script's own."""


def parse_price(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        # A note (PEP 678) is printed below the traceback.
        error.add_note("Prices are written with a point: 3.50")
        raise


def total(prices: list[str]) -> float:
    return sum(parse_price(price) for price in prices)


print("adding up three prices")
print(total(["1.20", "2.00", "3,50"]))
