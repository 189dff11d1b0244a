namespace MLNet.FineTune.Training;

/// <summary>Measures the model, as it is now, on rows that it is not trained on.</summary>
internal interface IValidator
{
    /// <summary>Whether a higher value is a better one.</summary>
    bool HigherIsBetter { get; }

    /// <summary>Evaluates the model without changing it; leaves it in training mode and the random generators untouched.</summary>
    /// <param name="checkAlive">Called between batches; throws to stop.</param>
    double Evaluate(Action checkAlive);
}
