using MLNet.FineTune.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Makes a classifier of labelled texts and of texts without labels.</summary>
internal static class SelfTrainer
{
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="InvalidOperationException">The method needs texts without labels, and there are none.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed, or the checkpoint found is damaged or of another training.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public static TextClassifier Fit(SelfTrainingTask task)
    {
        task.Method.Validate();
        if (task.Method.NeedsUnlabeled && task.Tuning.Unlabeled is not { Inputs.Count: > 0 })
            throw new InvalidOperationException($"{task.Method.GetType().Name} learns from texts without labels, and there are none: give some, or leave the labels of rows of the training data empty.");
        using var run = new SelfTrainingRun(task with { Tuning = task.Method.Prepare(task.Tuning) });
        task.Method.Train(run);
        return run.ToClassifier();
    }
}
