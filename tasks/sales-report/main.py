"""Turns half a year of sales into a chart, a table and a result.

Shows the three ways out of a container:
  * files in $RUNBAY_ARTIFACTS are kept with the run,
  * JSON written to $RUNBAY_RESULT becomes the result of the run,
  * what is printed is its log.
"""

import json
import os
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # draws without a display

import matplotlib.pyplot as plt
import pandas as pd

# The defaults let the script run outside of Runbay, too.
ARTIFACTS = Path(os.environ.get("RUNBAY_ARTIFACTS", "artifacts"))
RESULT = Path(os.environ.get("RUNBAY_RESULT", "result.json"))


def read_sales() -> pd.DataFrame:
    """The bundled file; the folder of the task is the working folder."""
    sales = pd.read_csv("sales.csv", parse_dates=["date"])
    sales["revenue"] = sales["quantity"] * sales["unit_price"]
    return sales


def draw(monthly: pd.DataFrame, path: Path) -> None:
    axes = monthly.plot(marker="o", figsize=(8, 4.5))
    axes.set(title="Revenue by shop", xlabel="", ylabel="EUR per month")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    plt.tight_layout()
    plt.savefig(path, dpi=120)


def main() -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    sales = read_sales()
    print(f"{len(sales)} rows from {sales['date'].min():%d %b %Y} to {sales['date'].max():%d %b %Y}")

    monthly = sales.pivot_table(
        index=sales["date"].dt.to_period("M"), columns="shop", values="revenue", aggfunc="sum"
    )
    print(monthly.round(0).astype(int).to_string())
    monthly.round(2).to_csv(ARTIFACTS / "summary.csv")
    draw(monthly, ARTIFACTS / "revenue.png")

    by_shop = sales.groupby("shop")["revenue"].sum()
    result = {
        "rows": len(sales),
        "revenue": round(float(by_shop.sum()), 2),
        "best_shop": by_shop.idxmax(),
    }
    RESULT.write_text(json.dumps(result, indent=2))
    print(f"{result['best_shop']} sold most; {result['revenue']:.2f} EUR in all")


if __name__ == "__main__":
    main()
