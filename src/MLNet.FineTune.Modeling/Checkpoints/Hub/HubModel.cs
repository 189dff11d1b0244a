namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>A model at one commit, as the server lists it.</summary>
internal sealed record HubModel(string Commit, IReadOnlySet<string> Files);
