using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search;

/// <summary>Models of the objectives, fitted when trials are told, and the search for the point that promises most; in between, points of <see cref="TpeStrategy"/>.</summary>
internal sealed class BayesianStrategy(BayesianTuner options, SpaceEncoding encoding) : ITunerStrategy
{
    /// <summary>
    /// Where the reference point is, from the best (0) to the worst (1) values seen, in turn. A wide one finds the ends of the front; but where
    /// many points are good in one objective and bad in all others, only a narrow one finds the middle.
    /// </summary>
    private static readonly double[] Shares = [1, 0.5, 0.25];

    private readonly InitialDesign _design = new(options.InitialPoints, withDefault: true, quasiRandom: true);
    private readonly TpeStrategy _tpe = new(new TpeTuner { InitialPoints = options.InitialPoints });
    private (int Observed, GaussianProcessParameters[] Models, OutputTransform[] Outputs)? _fitted;

    public double[]? Next(TunerHistory history)
    {
        if (_design.Next(history) is { } first)
            return first;
        Observation[] completed = [.. history.Completed], failed = [.. history.Failed], pruned = [.. history.Pruned];
        if (completed.Length < 2)
            return _design.Further(history);
        if (options.TpeInterval is > 0 and var interval && history.Count % interval == 0)
            return _tpe.Next(history);
        // In this order, as every objective is known of the first ones.
        double[][] observed = [.. completed.Concat(failed).Concat(pruned).Select(trial => encoding.Encode(trial.Units))];
        if (_fitted is not { } fitted || fitted.Observed != observed.Length)
        {
            OutputTransform[] outputs = [.. completed[0].Objectives.Select((_, objective) => new OutputTransform(Known(objective, completed, failed, pruned), options.GaussianCopula))];
            // The models depend on what was observed alone, not on how many points have been proposed since.
            Random starts = SeededRandom.Create(history.Seed, -2 - observed.Length);
            _fitted = fitted = (observed.Length, [.. outputs.Select(output => Fit(observed[..output.Values.Length], output.Values, starts))], outputs);
        }
        Random random = history.Random();
        double[][] inputs = [.. observed, .. history.Running.Select(trial => encoding.Encode(trial.Units))];
        double share = Shares[history.Count % Shares.Length];
        var improvement = new NoisyHypervolumeImprovement(fitted.Models, encoding.Groups, inputs, fitted.Outputs, share, options.Samples, random);
        double[][] good = [.. Dominance.Front([.. completed.Select(trial => trial.Objectives)]).Select(i => completed[i].Units)];
        return new AcquisitionSearch(history, encoding, improvement.Score, random).Best(good) ?? history.NewAtRandom(random);
    }

    /// <summary>An objective's values: what failed is as bad as the worst; what was pruned counts where all that were have a value, as they have of the first.</summary>
    private static double[] Known(int objective, Observation[] completed, Observation[] failed, Observation[] pruned)
    {
        double[] measured = [.. completed.Select(trial => trial.Objectives[objective])];
        double[] stopped = [.. pruned.Where(trial => objective < trial.Objectives.Length).Select(trial => trial.Objectives[objective]).Where(double.IsFinite)];
        return [.. measured, .. Enumerable.Repeat(measured.Max(), failed.Length), .. stopped.Length == pruned.Length ? stopped : []];
    }

    private GaussianProcessParameters Fit(double[][] inputs, double[] outputs, Random random)
    {
        var posterior = new SaasPosterior(inputs, outputs, encoding.Groups, encoding.GroupCount);
        return posterior.Parameters(GaussianProcessFit.Fit(posterior, random));
    }
}
