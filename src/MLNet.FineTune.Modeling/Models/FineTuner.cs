using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Models;

/// <summary>Fine-tunes an encoder to classify texts.</summary>
internal static class FineTuner
{
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public static TextClassifier Fit(FineTuneTask task)
    {
        using FineTuneRun run = FineTuneRun.Start(task);
        PeftAdapter adapter = run.Attach();
        LinearProbe.Apply(run);
        run.Session.Train(adapter, run.Rows, run.Validation, task.Training, task.Callbacks, task.Observers);
        return run.ToClassifier();
    }
}
