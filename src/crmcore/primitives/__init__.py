"""Words that everything else uses: money, rates, periods, records that add, explanations, findings, proportions."""
