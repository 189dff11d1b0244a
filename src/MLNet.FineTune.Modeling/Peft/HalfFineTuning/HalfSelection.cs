using MLNet.FineTune.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Peft;

/// <summary>Draws half of the modules of an encoder's layers. A module is a projection or LayerNorm: its weight and bias go together.</summary>
internal static class HalfSelection
{
    /// <summary>The paths of all modules of layers that have parameters, in the model's order.</summary>
    public static string[] Modules(TaskModel model) =>
        [.. model.named_parameters().Where(p => PeftAdapter.LayerOf(p.name) is not null).Select(p => ParameterNames.Module(p.name)).Distinct()];

    /// <summary>The modules that train in a round. The same arguments give the same modules; of an odd number the larger half is as likely to train as the smaller.</summary>
    public static HashSet<string> Choose(string[] modules, HalfFineTuningLevel level, int seed, int round)
    {
        Random random = SeededRandom.Create(seed, round);
        return level switch
        {
            HalfFineTuningLevel.Category => [.. modules.GroupBy(module => (PeftAdapter.LayerOf(module), Category(module))).SelectMany(group => Half([.. group], random))],
            HalfFineTuningLevel.Layer => [.. Half([.. modules.GroupBy(module => PeftAdapter.LayerOf(module))], random).SelectMany(layer => layer)],
            _ => [.. Half(modules, random)],
        };
    }

    private static IEnumerable<T> Half<T>(T[] items, Random random)
    {
        random.Shuffle(items = [.. items]);
        return items.Take((items.Length + random.Next(2)) / 2);
    }

    private static string Category(string module) =>
        module.EndsWith("norm", StringComparison.Ordinal) ? "norm" : module.Contains(".attention.", StringComparison.Ordinal) ? "attention" : "feed-forward";
}
