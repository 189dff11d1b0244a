namespace MLNet.FineTune;

/// <summary>What a model of labelling functions makes of abstentions.</summary>
public enum AbstentionHandling
{
    /// <summary><see cref="Outcome"/> where a function votes for one class only, as a rule by keywords does; else <see cref="Ignored"/>.</summary>
    Automatic,

    /// <summary>Abstentions say nothing, as a person's who was not asked. What a function that votes for one class only votes then says nothing either: it votes so in every class.</summary>
    Ignored,

    /// <summary>An abstention is an outcome as each vote is: a function that abstains more in one class than in another says something when it votes, and when it does not.</summary>
    Outcome,
}
