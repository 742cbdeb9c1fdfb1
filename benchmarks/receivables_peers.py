"""What lifelines and LightGBM say of the same bills, in a Python of their own: receivables_peers.py IN.npz OUT.npz.

IN holds `train` and `of`, features at issue (n, k), `open_days` and `is_settled` of the training bills, `names`, `ages`. OUT holds the
cumulative hazards (n, ages) of a Cox model, a log-logistic AFT and a LightGBM hazard by the day, their CPU seconds, the versions.
"""

# ruff: noqa: ANN001, ANN201, E402 — read by a Python that has neither the house nor its types; threads are pinned before libraries load
import os
import sys
import time
import warnings

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
warnings.filterwarnings("ignore")

import lifelines
import lightgbm
import numpy as np
import pandas as pd

COLUMNS = ["level", "is_electronic", "log_amount", "open_count", "spread_days", "disputed_share"]


def survival(fitter, train, of, ages):
    """Cumulative hazards of a lifelines model."""
    fitter.fit(train, "open_days", "is_settled")
    # A bill settled on day d is so by the end of that day: durations are counted from one.
    alive = fitter.predict_survival_function(of, times=np.arange(ages) + 1.0).T.to_numpy()
    return -np.log(np.clip(alive, 1e-15, 1.0))


def boosted(train, of, open_days, is_settled, ages):
    """Cumulative hazards of LightGBM on a row a day that a bill was open."""
    rows = open_days.astype(int)
    age = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
    paid = np.zeros(len(age), int)
    paid[np.cumsum(rows) - 1] = is_settled
    x = np.column_stack([np.repeat(train, rows, axis=0), age, age - np.repeat(train[:, 0], rows)])
    model = lightgbm.LGBMClassifier(
        n_estimators=150, learning_rate=0.05, num_leaves=15, min_child_samples=50, n_jobs=1, verbose=-1, random_state=0
    )
    model.fit(x, paid)
    asked = np.repeat(of, ages, axis=0)
    days = np.tile(np.arange(ages), len(of))
    chance = model.predict_proba(np.column_stack([asked, days, days - asked[:, 0]]))[:, 1].reshape(len(of), ages)
    return np.cumsum(-np.log1p(-np.clip(chance, 1e-9, 1 - 1e-9)), axis=1)


def main():
    """Fit the three and write what they say."""
    told = np.load(sys.argv[1])
    names, ages = [str(each) for each in told["names"]], int(told["ages"])
    train, of = (pd.DataFrame(told[side], columns=names)[COLUMNS] for side in ("train", "of"))
    scale = train.std().replace(0, 1)
    durations = {"open_days": told["open_days"].astype(float), "is_settled": told["is_settled"].astype(int)}
    kept = [name for name in COLUMNS if train[name].std() > 0]
    frames = [((side - train.mean()) / scale)[kept] for side in (train, of)]
    models = {
        "cox": lambda: survival(lifelines.CoxPHFitter(penalizer=0.01), frames[0].assign(**durations), frames[1], ages),
        "log_logistic_aft": lambda: survival(
            lifelines.LogLogisticAFTFitter(penalizer=0.01), frames[0].assign(**durations), frames[1], ages
        ),
        "lightgbm": lambda: boosted(train.to_numpy(), of.to_numpy(), told["open_days"], told["is_settled"], ages),
    }
    said, cpu = {}, {}
    for name, model in models.items():
        start = time.process_time()
        said[name] = model()
        cpu["cpu_" + name] = time.process_time() - start
    versions = [f"lifelines {lifelines.__version__}", f"lightgbm {lightgbm.__version__}", f"pandas {pd.__version__}"]
    np.savez(sys.argv[2], versions=versions, **said, **cpu)


if __name__ == "__main__":
    main()
