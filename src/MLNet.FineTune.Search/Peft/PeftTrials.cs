using System.Diagnostics;
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
internal sealed class PeftTrials(FineTuneTask task, FineTuneInputs inputs, PeftSearchSpace space, IReadOnlyList<PeftObjective> objectives)
{
    public TrialOutcome Run(TrialContext trial, CancellationToken cancellation)
    {
        PeftMethod method = space.CreateMethod(trial.Parameters);
        trial.SetAttribute("method", method.Format());
        TrainingOptions training = space.CreateTraining(trial.Parameters, task.Training).Copy();
        training.CancellationToken = cancellation;
        using FineTuneRun run = FineTuneRun.Start(task with { Peft = method, Training = training, Seed = trial.Seed }, inputs);

        var clock = Stopwatch.StartNew();
        PeftAdapter adapter = run.Attach();
        long trainable = adapter.Trainable.Sum(parameter => parameter.Parameter.numel());
        TrainingResult result = run.Session.Train(adapter, run.Rows, run.Validation, training, observers: [new TrialReporter(trial)]);
        double seconds = clock.Elapsed.TotalSeconds;
        long bytes = Bytes(run.Finish());
        return TrialOutcome.Completed([.. objectives.Select(objective => objective switch
        {
            PeftObjective.Quality => result.BestValidationMetric ?? double.NaN,
            PeftObjective.TrainableParameters => trainable,
            PeftObjective.TrainingSeconds => seconds,
            PeftObjective.AdapterBytes => bytes,
            _ => throw new UnreachableException(),
        })]);
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
