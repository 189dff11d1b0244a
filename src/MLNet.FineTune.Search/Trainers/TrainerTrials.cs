using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;

namespace MLNet.FineTune.Search;

/// <summary>Fits and measures the points of a space with any trainer.</summary>
/// <param name="environment">The context of the caller.</param>
/// <param name="options">Trainer and objectives.</param>
/// <param name="parts">What is trained and measured on.</param>
/// <param name="objectives">What is measured, as the study has it.</param>
/// <param name="checkAlive">Throws when the caller's context was cancelled; polled between fits, which the trial's cancellation ends.</param>
internal sealed class TrainerTrials<TOptions>(
    IHostEnvironment environment, TrainerSearchOptions<TOptions> options, SearchParts parts, IReadOnlyList<SearchObjective> objectives, Action checkAlive) where TOptions : class, new()
{
    public TrialOutcome Run(TrialContext trial, CancellationToken cancellation)
    {
        DataRungs.Climb(trial, options.DataShares, share => Measure(trial, parts.Shares[share], [options.Objectives[0]], cancellation)[0]);
        return FoldedTrial.Run(trial, objectives, parts.Count, part => Measure(trial, parts[part], options.Objectives, cancellation));
    }

    private double[] Measure(TrialContext trial, (IDataView Train, IDataView Validation) part, IReadOnlyList<TrainerObjective> wanted, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        checkAlive();
        MLContext context = TrialEnvironment.Create(environment, trial.Seed);
        using CancellationTokenRegistration registration = cancellation.Register(() => TrialEnvironment.Cancel(context));
        (IDataView train, IDataView validation) = part;
        using MemoryPeak? memory = wanted.Any(objective => objective.WatchesMemory) ? MemoryPeak.Begin() : null;
        long start = Stopwatch.GetTimestamp();
        using var made = new OptionsCancellation<TOptions>(options.OptionsAt(trial.Parameters), cancellation);
        ITransformer model = options.CreateTrainer(context, made.Options).Fit(train);
        try
        {
            // A trainer that was cancelled may give what it has so far, which is not what the point stands for.
            cancellation.ThrowIfCancellationRequested();
            var fitted = new FittedTrainer(context, model, train.Schema, validation, Stopwatch.GetElapsedTime(start), memory);
            return [.. wanted.Select(objective => objective.Measure(fitted))];
        }
        finally
        {
            (model as IDisposable)?.Dispose();
        }
    }
}
