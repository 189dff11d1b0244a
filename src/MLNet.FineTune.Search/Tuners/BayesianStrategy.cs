using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search;

/// <summary>Models of the objectives, fitted when trials are told, and the search for the point that promises most.</summary>
internal sealed class BayesianStrategy(BayesianTuner options, SpaceEncoding encoding) : ITunerStrategy
{
    /// <summary>
    /// Where the reference point is, from the best (0) to the worst (1) values seen, in turn. A wide one finds the ends of the front; but where
    /// many points are good in one objective and bad in all others, only a narrow one finds the middle.
    /// </summary>
    private static readonly double[] Shares = [1, 0.5, 0.25];

    private readonly InitialDesign _design = new(options.InitialPoints, withDefault: true, quasiRandom: true);
    private (int Completed, int Failed, GaussianProcessParameters[] Models, OutputTransform[] Outputs)? _fitted;

    public double[]? Next(TunerHistory history)
    {
        if (_design.Next(history) is { } first)
            return first;
        Observation[] completed = [.. history.Completed], failed = [.. history.Failed];
        if (completed.Length < 2)
            return _design.Further(history);
        int objectives = completed[0].Objectives.Length;
        double[][] observed = [.. completed.Concat(failed).Select(trial => encoding.Encode(trial.Units))];
        if (_fitted is not { } fitted || (fitted.Completed, fitted.Failed) != (completed.Length, failed.Length))
        {
            // What failed is as bad as the worst.
            OutputTransform[] outputs = [.. Enumerable.Range(0, objectives).Select(k => completed.Select(trial => trial.Objectives[k]).ToArray())
                .Select(values => new OutputTransform([.. values, .. Enumerable.Repeat(values.Max(), failed.Length)], options.GaussianCopula))];
            // The models depend on what was observed alone, not on how many points have been proposed since.
            Random starts = SeededRandom.Create(history.Seed, -2 - observed.Length);
            _fitted = fitted = (completed.Length, failed.Length, [.. outputs.Select(output => Fit(observed, output.Values, starts))], outputs);
        }
        Random random = history.Random();
        double[][] inputs = [.. observed, .. history.Running.Select(trial => encoding.Encode(trial.Units))];
        double share = Shares[history.Count % Shares.Length];
        var improvement = new NoisyHypervolumeImprovement(fitted.Models, encoding.Groups, inputs, fitted.Outputs, share, options.Samples, random);
        double[][] good = [.. Dominance.Front([.. completed.Select(trial => trial.Objectives)]).Select(i => completed[i].Units)];
        return new AcquisitionSearch(history, encoding, improvement.Score, random).Best(good) ?? history.NewAtRandom(random);
    }

    private GaussianProcessParameters Fit(double[][] inputs, double[] outputs, Random random)
    {
        var posterior = new SaasPosterior(inputs, outputs, encoding.Groups, encoding.GroupCount);
        return posterior.Parameters(GaussianProcessFit.Fit(posterior, random));
    }
}
