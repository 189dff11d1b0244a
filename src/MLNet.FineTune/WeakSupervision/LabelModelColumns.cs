namespace MLNet.FineTune.WeakSupervision;

/// <summary>The columns of a label model.</summary>
/// <param name="Votes">The votes.</param>
/// <param name="WeakLabel">The label that is added.</param>
/// <param name="WeakProbabilities">The probabilities that are added.</param>
internal sealed record LabelModelColumns(string Votes, string WeakLabel, string WeakProbabilities)
{
    /// <exception cref="ArgumentException">A name is empty, or both outputs have one.</exception>
    public void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Votes, "votesColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(WeakLabel, "weakLabelColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(WeakProbabilities, "weakProbabilitiesColumnName");
        if (WeakLabel == WeakProbabilities)
            throw new ArgumentException($"The column '{WeakLabel}' is named both for labels and for probabilities; they must be two columns.", "weakLabelColumnName");
    }
}
