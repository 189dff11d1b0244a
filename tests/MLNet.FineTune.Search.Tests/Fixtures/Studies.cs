namespace MLNet.FineTune.Search.Tests.Fixtures;

/// <summary>Study definitions of the tests.</summary>
internal static class Studies
{
    public static StudyDefinition One { get; } = new() { Name = "one", Objectives = [new SearchObjective("accuracy", ObjectiveDirection.Maximize)] };

    public static StudyDefinition Two { get; } = new()
    {
        Name = "two",
        Objectives = [new SearchObjective("accuracy", ObjectiveDirection.Maximize), new SearchObjective("parameters", ObjectiveDirection.Minimize) { Limit = 1e6 }],
        Settings = new Dictionary<string, string> { ["space"] = "rank 1..64", ["data"] = "9f86d081" },
    };

    public static IReadOnlyDictionary<string, object> Rank(long rank) => new Dictionary<string, object> { ["rank"] = rank };
}
