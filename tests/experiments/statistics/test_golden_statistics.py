"""Numbers of scipy 1.17.1, statsmodels 0.15.0 and gbstats 0.8.0 on the same data, to 1e-6."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from unit_tables import golden, golden_table

from frontrow.experiments.statistics.analyze import analyze_table
from frontrow.experiments.statistics.contrast import difference
from frontrow.experiments.statistics.discovery import benjamini_hochberg, benjamini_yekutieli
from frontrow.experiments.statistics.effect import Effect, Interval
from frontrow.experiments.statistics.estimate import adjustment, estimate
from frontrow.experiments.statistics.mixture import Mixture
from frontrow.experiments.statistics.moments import Moments
from frontrow.experiments.statistics.power import fixed_units
from frontrow.experiments.statistics.quantiles import quantile_estimate
from frontrow.experiments.statistics.ratio_mismatch import chi_square_p


def effect(metric: str, covariates: list[str] | None = None) -> Effect:
    found = analyze_table(
        golden_table(),
        unit="unit",
        arm="arm",
        control="a",
        metrics=[metric],
        covariates=covariates or [],
        method="fixed",
    )
    return found.effects[0]


def ends(interval: Interval | None) -> list[float]:
    assert interval is not None
    return [interval.low, interval.high]


def near(*expected: float) -> object:
    return pytest.approx(list(expected), rel=1e-6, abs=1e-9)


def test_means_equal_scipy_statsmodels_and_gbstats() -> None:
    found = effect("minutes")
    assert [found.difference, *ends(found.difference_interval)] == near(
        0.8713333333333315, -0.35142000344119184, 2.094086670107855
    )
    assert found.p_value == pytest.approx(0.16096518636485327, rel=1e-9)
    scipys = stats.ttest_ind(golden(75, 11)[0], golden(60, 0)[0], equal_var=False)
    assert found.p_value == pytest.approx(float(scipys.pvalue), rel=1e-9)


def test_lifts_of_means_equal_gbstats() -> None:
    found = effect("minutes")
    assert [found.lift, *ends(found.lift_interval)] == near(
        0.11593045946425377, -0.05722795024904358, 0.2890888691775511
    )


def test_proportions_equal_statsmodels() -> None:
    found = effect("clicked:proportion")
    assert [*ends(found.difference_interval), found.p_value] == near(
        -0.03449946433798173, 0.28783279767131514, 0.12346016599515666
    )


def test_ratios_equal_gbstats() -> None:
    found = effect("minutes:ratio/plays")
    assert [found.difference, *ends(found.difference_interval), found.p_value] == near(
        0.29044444444444384, -0.30485842592494006, 0.8857473148138277, 0.3362176788182596
    )
    assert [found.lift, *ends(found.lift_interval)] == near(
        0.11593045946425377, -0.13635105960656851, 0.3682119785350761
    )


def test_cuped_equals_gbstats() -> None:
    found = effect("minutes", ["before"])
    assert [found.difference, *ends(found.difference_interval), found.p_value] == near(
        0.890402852940126, -0.06393762145268378, 1.8447433273329357, 0.06718207260496656
    )
    sides = [Moments.of(np.stack(golden(*side)[:2], axis=1)) for side in ((60, 0), (75, 11))]
    theta = adjustment(sides[0].merge(sides[1]), "mean").theta
    assert theta == near(0.7627807842718306)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (0.0, (0.8416666666666659, -1.26368872270405, 2.947022056037382, 1.0)),
        (3.0, (3.841666666666666, 1.7363112772959508, 5.947022056037381, 1.1270006037124905e-05)),
    ],
)
def test_the_plain_normal_mixture_equals_gbstats(more: float, expected: tuple[float, ...]) -> None:
    """gbstats tunes by all units and takes no care of small samples; so the boundary itself is compared."""
    control, arm = (estimate(Moments.of(values[:, None]), "mean") for values in (golden(60, 0)[0], golden(60, 11)[0]))
    assert control is not None
    assert arm is not None
    contrast = difference(control, arm)
    mixture = Mixture.normal(2 * 0.14085590688481583**2)
    value, error = contrast.value + more, contrast.variance**0.5
    half = float(mixture.critical(contrast.units, 0.05)) * error
    p_value = min(1.0, float(np.exp(-mixture.log_evidence(value / error, contrast.units))))
    assert [value, value - half, value + half, p_value] == near(*expected)


def test_quantiles_equal_gbstats() -> None:
    found = quantile_estimate(golden(60, 0)[0], 0.5)
    assert found is not None
    assert [found.value, found.variance] == near(7.720000000000001, 0.4414045340027946)


def test_false_discovery_rates_equal_statsmodels() -> None:
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341]
    p += [0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986]
    hochberg = [0.025, 0.1, 0.21, 0.21, 0.21, 0.25, 0.26428571428571423, *[0.49107142857142855] * 7, *[0.5328125] * 2]
    hochberg += [0.5647058823529412, 0.781578947368421, 0.781578947368421, 0.87, 0.9071428571428571, *[0.986] * 4]
    assert benjamini_hochberg(p) == near(*hochberg)
    yekutieli = [0.09539895444383767, 0.3815958177753507, *[0.8013512173282364] * 3, 0.9539895444383767, *[1.0] * 19]
    assert benjamini_yekutieli(p) == near(*yekutieli)


def test_sample_sizes_equal_statsmodels() -> None:
    """statsmodels counts finding the wrong sign as power, which is a few millionths of the sample."""
    assert fixed_units(1.0, 0.1) == pytest.approx(1569.7721019023288, rel=5e-6)
    assert fixed_units(1.0, 0.05, alpha=0.01, power=0.9, ratio=2) == pytest.approx(8927.632301904256, rel=5e-6)


def test_chi_square_equals_scipy() -> None:
    assert chi_square_p(np.array([50_500.0, 49_500]), np.array([0.5, 0.5])) == pytest.approx(0.001565402258002549)
    found = chi_square_p(np.array([310.0, 205, 85]), np.array([300, 200, 100]) / 600)
    assert found == pytest.approx(0.2581623401204526, rel=1e-9)
