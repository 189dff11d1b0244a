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
/// <param name="shares">Shares of the rows that each point learns before it learns all.</param>
/// <param name="folds">How many folds; null to measure on the task's validation rows.</param>
/// <param name="seed">Decides which rows are a fold or a share.</param>
internal sealed class PeftTrials(
    FineTuneTask task, FineTuneInputs inputs, PeftSearchSpace space, IReadOnlyList<PeftObjective> objectives, IReadOnlyList<SearchObjective> measured,
    IReadOnlyList<double> shares, int? folds, int seed)
{
    private int[]? _order;

    public TrialOutcome Run(TrialContext trial, CancellationToken cancellation)
    {
        PeftMethod method = space.CreateMethod(trial.Parameters);
        trial.SetAttribute("method", method.Format());
        TrainingOptions training = space.CreateTraining(trial.Parameters, task.Training).Copy();
        training.CancellationToken = cancellation;
        FineTuneTask tuning = task with { Peft = method, Training = training, Seed = trial.Seed };
        FineTuneTask rung = tuning with { Training = MeasuredOnce(training) };
        DataRungs.Climb(trial, shares, share =>
        {
            using FineTuneRun run = FineTuneRun.Start(rung, inputs);
            return Train(trial, run, run.Rows.Rows(DataRungs.Rows(_order ??= NestedSubsets.Order(run.Rows.Labels, seed), share)), run.Validation, []).Quality;
        });
        return FoldedTrial.Run(trial, measured, folds ?? 1, fold => Measure(trial, tuning, fold));
    }

    /// <summary>Measured at the end only: after each epoch on a few rows, all that are measured would take most of the time.</summary>
    private static TrainingOptions MeasuredOnce(TrainingOptions training)
    {
        TrainingOptions once = training.Copy();
        (once.EvaluateEverySteps, once.EarlyStoppingPatience) = (int.MaxValue, null);
        return once;
    }

    private double[] Measure(TrialContext trial, FineTuneTask tuning, int fold)
    {
        using FineTuneRun run = FineTuneRun.Start(tuning, inputs);
        using MemoryPeak? memory = objectives.Contains(PeftObjective.PeakMemoryBytes) ? MemoryPeak.Begin() : null;
        (EncodedTexts rows, EncodedTexts? validation) = folds is { } count ? CrossValidation.Folds(run.Rows, count, seed)[fold] : (run.Rows, run.Validation);
        // With folds the trial reports their means, with shares what it came to on each.
        (double quality, double seconds) = Train(trial, run, rows, validation, folds is null && shares.Count == 0 ? [new TrialReporter(trial)] : []);
        PeftAdapter adapter = run.Finish();
        return [.. objectives.Select(objective => objective switch
        {
            PeftObjective.Quality => quality,
            PeftObjective.TrainableParameters => adapter.Trainable.Sum(parameter => parameter.Parameter.numel()),
            PeftObjective.TrainingSeconds => seconds,
            PeftObjective.AdapterBytes => Bytes(adapter),
            PeftObjective.ScoringMilliseconds => Latency(adapter, validation ?? rows, tuning),
            PeftObjective.PeakMemoryBytes => memory!.Bytes,
            _ => throw new UnreachableException(),
        })];
    }

    private (double Quality, double Seconds) Train(
        TrialContext trial, FineTuneRun run, EncodedTexts rows, EncodedTexts? validation, IReadOnlyList<ITrainingCallback> observers)
    {
        var clock = Stopwatch.StartNew();
        PeftAdapter adapter = run.Attach(rows);
        clock.Stop(); // what trials share is none's own
        if (objectives.Index().FirstOrDefault(item => item.Item == PeftObjective.TrainableParameters) is { Index: > 0 and var place } && !adapter.Method.SizeIsLearnt)
        {
            long trainable = adapter.FinishedCount();
            trial.Note(measured[place], trainable);
            if (!measured[place].Allows(trainable))
                throw new TrialPrunedException(trial.Number);
        }
        run.Session.KeepStates(adapter, run.Validation is null ? [run.Rows] : [run.Rows, run.Validation]);
        clock.Start();
        LinearProbe.Apply(run, rows);
        TrainingResult result = run.Session.Train(adapter, rows, validation, run.Task.Training, observers: observers);
        return (result.BestValidationMetric ?? double.NaN, clock.Elapsed.TotalSeconds);
    }

    private static double Latency(PeftAdapter adapter, EncodedTexts rows, FineTuneTask tuning)
    {
        TextBatches texts = rows.Batches.Rows([.. Enumerable.Range(0, Math.Min(rows.Count, ScoringTime.MostRows))]);
        var logits = new float[texts.Count * tuning.ClassCount];
        return ScoringTime.Milliseconds(texts.Count, () => texts.Score(adapter.Model, tuning.Training.BatchSize, logits, tuning.CheckAlive));
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
