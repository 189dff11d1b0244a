namespace MLNet.FineTune.Pretraining;

/// <summary>Sentences that follow each other in a <see cref="TokenStore"/>.</summary>
/// <param name="First">The first sentence.</param>
/// <param name="Count">How many; zero for none.</param>
internal readonly record struct Passage(int First, int Count);

/// <summary>What training sees as one row: a passage, and perhaps another that belongs to it.</summary>
/// <param name="Anchor">The passage.</param>
/// <param name="Positive">The one that belongs to it; equal to <paramref name="Anchor"/> where dropout alone makes the difference.</param>
/// <param name="Source">Number of the source that both are from.</param>
internal readonly record struct PassagePair(Passage Anchor, Passage Positive, int Source);
