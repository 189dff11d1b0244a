namespace MLNet.FineTune.Search.Tests.Fixtures;

/// <summary>Proposes what follows from the number and the seed alone.</summary>
/// <param name="count">After so many trials there is nothing more to try.</param>
internal sealed class HashSuggester(int count = int.MaxValue) : ITrialSuggester
{
    public IReadOnlyDictionary<string, object>? Propose(IReadOnlyList<TrialRecord> past, int number, int seed)
    {
        Assert.HasCount(number, past);
        if (number >= count)
            return null;
        var random = new Random(unchecked(seed * 7919 + number));
        return new Dictionary<string, object>
        {
            ["rate"] = random.NextDouble(),
            ["rank"] = random.NextInt64(1, 65),
            ["bias"] = random.Next(2) == 0,
            ["method"] = random.Next(2) == 0 ? "lora" : "prefix",
        };
    }

    /// <summary>Two objectives that follow from the parameters alone.</summary>
    public static double[] Evaluate(IReadOnlyDictionary<string, object> parameters) =>
    [
        Math.Sin((double)parameters["rate"] * (long)parameters["rank"]) + ((string)parameters["method"] == "lora" ? 0.1 : 0),
        (long)parameters["rank"] * ((bool)parameters["bias"] ? 2.5 : 2),
    ];
}
