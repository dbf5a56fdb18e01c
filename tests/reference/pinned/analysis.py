"""What scipy and numpy say of the little statistics of the analysis: python analysis.py > analysis.json"""
import json

import numpy as np
from scipy import optimize, stats

rng = np.random.default_rng(3)
samples = [rng.normal(size=n).round(6).tolist() for n in (2, 3, 7, 300)]
isotonic = []
for n in (2, 5, 9, 40):
    values, weights = (rng.normal(size=n) - 0.1 * np.arange(n)).round(6), rng.integers(1, 6, n)
    fit = optimize.isotonic_regression(values, weights=weights, increasing=False).x
    isotonic.append({"values": values.tolist(), "weights": weights.tolist(), "fit": fit.tolist()})
print(json.dumps({
    "tCdf": [[t, df, float(stats.t.cdf(t, df))] for t in (-8, -2.1, -0.3, 0, 0.5, 3, 30) for df in (1, 2, 5, 31, 1000)],
    "tQuantile": [[p, df, float(stats.t.ppf(p, df))] for p in (0.025, 0.5, 0.9, 0.975, 0.9995) for df in (1, 2, 4, 17, 400)],
    "chiSquaredTail": [
        [x, df, float(stats.chi2.sf(x, df))]
        for df in (1, 2, 3, 8, 40, 255) for x in (0.01, 0.5, df * 0.7, df, df * 1.4, df + 5 * (2 * df) ** 0.5)
    ],
    "samples": [
        {
            "values": v, "mean": float(np.mean(v)), "variance": float(np.var(v, ddof=1)),
            "quantiles": [[q, float(np.quantile(v, q))] for q in (0, 0.025, 0.25, 0.5, 0.9, 1)],
        }
        for v in samples
    ],
    "isotonic": isotonic,
}, separators=(",", ":")))
