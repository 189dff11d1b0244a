using Microsoft.ML.AutoML;

namespace MLNet.FineTune;

/// <summary>What came of a trial of <see cref="PeftTrialRunner"/>.</summary>
public sealed class PeftTrialResult : TrialResult
{
    internal PeftTrialResult()
    {
    }

    /// <summary>What trained; null where the trial's parameters stand for no method.</summary>
    public PeftMethod? Method { get; internal init; }

    /// <summary>How it trained; null where the trial's parameters stand for no method.</summary>
    public TrainingOptions? Training { get; internal init; }

    /// <summary>How many numbers trained, those of the classification head among them; 0 where the trial failed.</summary>
    public long TrainableParameters { get; internal init; }

    /// <summary>Why the trial failed; null where it did not.</summary>
    public Exception? Error { get; internal init; }
}
