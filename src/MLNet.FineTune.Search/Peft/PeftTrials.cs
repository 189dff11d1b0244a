using System.Diagnostics;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;
using TorchSharp;

namespace MLNet.FineTune.Search;

/// <summary>Trains and measures the points of a space, one after the other, on one encoder and the same texts.</summary>
/// <param name="task">The task; method, training options and seed are each trial's own.</param>
/// <param name="inputs">Encoder and texts.</param>
/// <param name="space">What points stand for.</param>
/// <param name="objectives">What is measured.</param>
/// <param name="measured">The same as the study has it.</param>
/// <param name="folds">How many folds; null to measure on the task's validation rows.</param>
/// <param name="seed">Decides which rows are a fold.</param>
internal sealed class PeftTrials(
    FineTuneTask task, FineTuneInputs inputs, PeftSearchSpace space, IReadOnlyList<PeftObjective> objectives, IReadOnlyList<SearchObjective> measured, int? folds, int seed)
{
    public TrialOutcome Run(TrialContext trial, CancellationToken cancellation)
    {
        PeftMethod method = space.CreateMethod(trial.Parameters);
        trial.SetAttribute("method", method.Format());
        TrainingOptions training = space.CreateTraining(trial.Parameters, task.Training).Copy();
        training.CancellationToken = cancellation;
        FineTuneTask tuning = task with { Peft = method, Training = training, Seed = trial.Seed };
        return FoldedTrial.Run(trial, measured, folds ?? 1, fold => Measure(trial, tuning, fold));
    }

    private double[] Measure(TrialContext trial, FineTuneTask tuning, int fold)
    {
        using FineTuneRun run = FineTuneRun.Start(tuning, inputs);
        (EncodedTexts rows, EncodedTexts? validation) = folds is { } count ? CrossValidation.Folds(run.Rows, count, seed)[fold] : (run.Rows, run.Validation);

        var clock = Stopwatch.StartNew();
        PeftAdapter adapter = run.Attach(rows);
        long trainable = adapter.Trainable.Sum(parameter => parameter.Parameter.numel());
        clock.Stop(); // what trials share is none's own
        run.Session.KeepStates(adapter, run.Validation is null ? [run.Rows] : [run.Rows, run.Validation]);
        clock.Start();
        LinearProbe.Apply(run, rows);
        // With folds the trial reports their means.
        TrainingResult result = run.Session.Train(adapter, rows, validation, tuning.Training, observers: folds is null ? [new TrialReporter(trial)] : []);
        double seconds = clock.Elapsed.TotalSeconds;
        long bytes = Bytes(run.Finish());
        return [.. objectives.Select(objective => objective switch
        {
            PeftObjective.Quality => result.BestValidationMetric ?? double.NaN,
            PeftObjective.TrainableParameters => trainable,
            PeftObjective.TrainingSeconds => seconds,
            PeftObjective.AdapterBytes => bytes,
            _ => throw new UnreachableException(),
        })];
    }

    private static long Bytes(PeftAdapter adapter)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return adapter.Method.ReplacesBase
            ? adapter.Model.named_parameters().Sum(parameter => Bytes(parameter.parameter))
            : AdapterFiles.Tensors(adapter).Sum(tensor => Bytes(tensor.Value));
    }

    private static long Bytes(torch.Tensor tensor) => tensor.numel() * tensor.element_size();
}
