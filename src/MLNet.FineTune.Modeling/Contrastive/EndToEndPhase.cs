using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>The third phase: encoder and fitted head learn the classes together.</summary>
/// <param name="Training">How.</param>
/// <param name="MostSteps">With more steps in its epochs it has only so many.</param>
/// <param name="LeastTexts">The different texts a class, in the mean, below which there is no such phase.</param>
internal sealed record EndToEndPhase(TrainingOptions Training, int MostSteps = int.MaxValue, double LeastTexts = 0)
{
    /// <summary>Whether there are enough labelled texts for it, and more trains than the head, which has been fitted already.</summary>
    public bool Serves(FineTuneRun run) => run.Adapter.TrainsEncoder && run.Task.Data.Inputs.Distinct().Count() >= LeastTexts * run.Task.ClassCount;

    public void Train(FineTuneRun run) => run.Session.Train(run.Adapter, run.Rows, run.Validation, Limited(run.Rows.Count), run.Task.Callbacks, run.Task.Observers);

    /// <summary>A number of steps takes the place of epochs, where there is one.</summary>
    private TrainingOptions Limited(int rows)
    {
        TrainingOptions limited = Training.Copy();
        long steps = (long)Training.Epochs * (int)Math.Ceiling(rows / ((double)Training.BatchSize * Training.AccumulationSteps));
        limited.MaxSteps = steps > MostSteps ? MostSteps : null;
        return limited;
    }
}
