namespace MLNet.FineTune;

/// <summary>Decides from the values on the way which trials are not worth their end.</summary>
public interface IPruner
{
    /// <summary>Whether a trial should end now. Asked after each of its reports.</summary>
    /// <param name="trial">The trial; its last report is the new one.</param>
    /// <param name="trials">All trials of the study, this one among them, by number.</param>
    /// <param name="objectives">The study's. Reports are of the first; what is known of others before a trial's end, <see cref="TrialRecord.ValueOf"/> tells.</param>
    bool ShouldPrune(TrialRecord trial, IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives);

    /// <summary>Checks the options; called before a search begins.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    void Validate()
    {
    }
}
