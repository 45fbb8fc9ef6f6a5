"""``python -m tests.bench.fit --data DIR``: the constants of ``core/ranking.py`` as the data would have them.

Prints the fusion's weights and the coefficients of relevance, fitted on everything and ready to paste, each with
what the same fit reaches on the part of the data that it has not seen.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from smos_cli.core.ranking import DEFAULT, Weights
from smos_cli.core.relevance import Evidence
from tests.bench.measuring import Measured, Parts, measure_all
from tests.bench.report import silence_table, split_table
from tests.bench.silence import FOLDS, cases, fit_without, rates, roles
from tests.bench.split import Splitting
from tests.bench.tables import table


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fit", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the evaluation data")
    parser.add_argument("--only", choices=["weights", "relevance"], help="fit one of the two")
    parser.add_argument("--keep", nargs="*", default=[], choices=Weights._fields, help="weights to leave as they are")
    parser.add_argument("--embedder", type=Path, help="a folder with an ONNX model, to fit to its vectors")
    options = parser.parse_args(arguments)
    weights, relevance = options.only != "relevance", options.only != "weights"
    measured = measure_all(options.data, Parts(silence=relevance, fusion=weights), options.embedder)
    if weights:
        print("\n\n".join(_weights(Splitting(measured, options.keep))))
    if relevance:
        print("\n\n".join(_relevance(measured)))
    return 0


def _weights(splitting: Splitting) -> Iterator[str]:
    everything = splitting.everything()
    rows = [
        [name, *(_number(getattr(one, name)) for one in (DEFAULT, everything, *splitting.by_fold))]
        for name in Weights._fields
    ]
    heads = ["weight", "shipped", "fitted", *(f"without {fold + 1}" for fold in range(FOLDS))]
    yield table(heads, rows)
    yield split_table(list(splitting.splits()))
    yield "\n".join(f"    {name}: float = {value:.4g}" for name, value in everything._asdict().items())
    still = [name for name in Weights._fields if not splitting.questions.moved_by(name)]
    yield f"No question here says anything of: {', '.join(still) or 'none'}."
    yield f"The scores that were searched are those of the product within {splitting.off:.1e}.\n"


def _relevance(measured: Sequence[Measured]) -> Iterator[str]:
    asked = list(cases(measured))
    for role in roles(asked):
        chosen = [case for case in asked if case.seen.role == role]
        fits = [fit_without(chosen, fold) for fold in (None, *range(FOLDS))]
        rows = [["intercept", *(_number(fit.intercept) for fit, _ in fits)]]
        rows += [
            [name, *(_number(fit.coefficients[place]) for fit, _ in fits)]
            for place, name in enumerate(Evidence._fields)
        ]
        rows += [["floor", *(_number(floor) for _, floor in fits)]]
        yield table([f"relevance, {role}", "fitted", *(f"without {fold + 1}" for fold in range(FOLDS))], rows)
    yield silence_table(rates(measured))


def _number(value: float) -> str:
    return f"{value:.3f}"


if __name__ == "__main__":
    raise SystemExit(main())
