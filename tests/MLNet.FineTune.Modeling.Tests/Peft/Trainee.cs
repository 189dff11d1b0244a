using MLNet.FineTune.Encoders;
using MLNet.FineTune.Losses;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>A task small enough to be learnt in moments: the class is told by the first token.</summary>
internal static class Trainee
{
    private static readonly int[] Labels = [.. Enumerable.Range(0, 24).Select(i => i % TinyEncoder.Classes)];

    private static readonly int[][] Rows = [.. TinyEncoder.Rows(5, [.. Labels.Select((_, i) => 4 + i % 5)]).Select((row, i) => (int[])[30 + 3 * Labels[i], .. row[1..]])];

    /// <summary>Trains an attached adapter.</summary>
    /// <returns>The loss of each step.</returns>
    public static List<double> Train(PeftAdapter adapter, int steps, Action<TrainingState>? afterStep = null)
    {
        TaskModel model = adapter.Model;
        var losses = new List<double>();
        using var loss = new SoftmaxCrossEntropy();
        PeftTraining? training = adapter.Method.CreateTraining(adapter);
        var mode = new TrainingMode(model, adapter);
        mode.Train();
        TrainingOptions options = new() { MaxSteps = steps, BatchSize = 12, LearningRate = 1e-2, WarmupRatio = 0, Schedule = LearningRateSchedule.Constant };
        TrainingLoop.Run(new TrainingTask
        {
            Groups = ParameterGroups.Build(adapter.Trainable.Select(p => (p.Name, p.Parameter, (int?)null)), options, 0),
            Objective = new ClassificationObjective(rows => Logits(model, rows), Labels, loss, penalty: training is null ? null : training.Penalty),
            Sampler = new LengthBucketedSampler([.. Rows.Select(row => row.Length)], options.BatchSize, seed: 1),
            Callbacks = [.. training is null ? [] : new[] { training }, new AfterStep(state => { losses.Add(state.Loss); afterStep?.Invoke(state); })],
        }, options);
        model.eval();
        adapter.Train(false);
        model.WeightsChanged();
        return losses;
    }

    private static Tensor Logits(TaskModel model, int[] rows)
    {
        using EncoderInput input = EncoderInput.Create([.. rows.Select(row => Rows[row])], null, model.Encoder.Config, CPU);
        return model.Forward(input);
    }

    private sealed class AfterStep(Action<TrainingState> action) : ITrainingCallback
    {
        public void OnStepEnd(TrainingState state) => action(state);
    }
}
