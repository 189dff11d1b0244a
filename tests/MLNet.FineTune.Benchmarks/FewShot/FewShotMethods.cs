using MLNet.FineTune.Peft;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>What can be compared, by name.</summary>
internal static class FewShotMethods
{
    private static readonly SortedDictionary<string, Func<FewShotSettings, IFewShotMethod>> Own = new(StringComparer.Ordinal)
    {
        [FrozenEmbedding.MethodName] = settings => new FrozenEmbedding(settings.Encoder),
        ["setfit"] = settings => new SetFit("setfit", settings),
        ["setfit-no-names"] = settings => new SetFit("setfit-no-names", settings, options => options.LabelNameTemplate = ""),
        ["setfit-two-phases"] = settings => new SetFit("setfit-two-phases", settings, options => options.EndToEnd = null),
    };

    /// <summary>All names, for help and messages.</summary>
    public static string Names => string.Join(", ", Own.Keys.Concat(PeftMethods.ByName.Keys.Order(StringComparer.Ordinal)));

    public static bool Contains(string name) => Own.ContainsKey(name) || PeftMethods.ByName.ContainsKey(name);

    public static IFewShotMethod Create(string name, FewShotSettings settings) => Own.TryGetValue(name, out Func<FewShotSettings, IFewShotMethod>? create)
        ? create(settings)
        : new FineTuning((PeftMethod)Activator.CreateInstance(PeftMethods.ByName[name])!, settings);
}
