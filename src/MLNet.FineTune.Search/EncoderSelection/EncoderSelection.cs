using System.Diagnostics;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search;

/// <summary>Carries the choice of an encoder out.</summary>
internal static class EncoderSelection
{
    private const string Title = "Choice of an encoder";

    public static EncoderSelectionResult Run(IHostEnvironment environment, EncoderSelectionOptions options)
    {
        options.Validate();
        var clock = Stopwatch.StartNew();
        var trainer = (TextClassificationOptions)options.Trainer.Copy();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, options.Trainer.Training.CancellationToken);
        trainer.Training = ForRuns(options, cancellation.Token);
        FineTuneTask task = RepeatedFit.Read(environment, Title, trainer, options.TrainingSet, options.ValidationSet, options.ValidationFraction, options.Seed);
        var runs = new ScalingRuns(options, task.Data.Inputs.Count);
        int[] sizes = runs.Sizes(task.Data.Labels.Distinct().Count()), order = NestedSubsets.Order(task.Data.Labels, options.Seed);
        NativeBackend.EnsureLoaded();
        return new EncoderSelectionResult(task.Data.Inputs.Count, [.. options.Encoders.Select(Measure)]);

        EncoderCandidate Measure(EncoderSource encoder)
        {
            var points = new List<ScalingPoint>();
            try
            {
                using FineTuneInputs inputs = FineTuneInputs.Open(task with { Encoder = encoder });
                return runs.Measure(encoder, sizes, rows => Loss(task with { Encoder = encoder }, inputs, order[..rows]), point =>
                {
                    points.Add(point);
                    options.Progress?.Report(new(encoder, point, clock.Elapsed));
                });
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // As in a search, one that fails does not keep the others from being tried.
                return new EncoderCandidate { Encoder = encoder, Points = points, PredictedLoss = double.NaN, Error = $"{e.GetType().FullName}: {e.Message}" };
            }
        }
    }

    /// <summary>The best validation loss of a training on some rows.</summary>
    private static double Loss(FineTuneTask task, FineTuneInputs inputs, int[] rows)
    {
        using FineTuneRun run = FineTuneRun.Start(task, inputs);
        EncodedTexts some = run.Rows.Rows([.. rows.Order()]);
        PeftAdapter adapter = run.Attach(some);
        LinearProbe.Apply(run, some);
        return run.Session.Train(adapter, some, run.Validation, task.Training).BestValidationMetric ?? double.NaN;
    }

    /// <summary>Runs are measured by their loss, and keep nothing.</summary>
    private static TrainingOptions ForRuns(EncoderSelectionOptions options, CancellationToken cancellation)
    {
        TrainingOptions training = options.Trainer.Training.ForTrial();
        (training.ValidationMetric, training.CancellationToken) = (ValidationMetric.LogLoss, cancellation);
        return training;
    }
}
