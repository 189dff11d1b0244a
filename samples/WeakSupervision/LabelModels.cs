using MLNet.FineTune;

namespace WeakSupervision;

/// <summary>How votes become labels, by name.</summary>
internal static class LabelModels
{
    public const string Default = "weighted";

    public static IReadOnlyDictionary<string, LabelModel> All { get; } = new Dictionary<string, LabelModel>
    {
        ["majority"] = new MajorityVote(),
        ["weighted"] = new WeightedVote(),
        ["dawid-skene"] = new DawidSkene(),
        ["data-programming"] = new DataProgramming(),
    };

    /// <exception cref="ArgumentException">There is no such label model.</exception>
    public static string Check(string name) => All.ContainsKey(name) ? name : throw new ArgumentException($"--label-model is '{name}'; expected one of {string.Join(", ", All.Keys)}.");
}
