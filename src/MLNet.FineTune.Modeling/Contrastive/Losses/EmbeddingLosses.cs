using System.Reflection;
using System.Text.Json;
using MLNet.FineTune.OptionText;

namespace MLNet.FineTune.Contrastive;

/// <summary>The losses there are, found by their <see cref="EmbeddingLossNameAttribute"/>; and their text form.</summary>
internal static class EmbeddingLosses
{
    /// <summary>Types by name.</summary>
    public static IReadOnlyDictionary<string, Type> ByName { get; } = typeof(EmbeddingLosses).Assembly.GetTypes()
        .Where(type => type.IsDefined(typeof(EmbeddingLossNameAttribute), inherit: false))
        .ToDictionary(NameOf);

    public static RecordFamily<EmbeddingLoss> Family { get; } = new("loss", ByName, loss => loss.LossName, loss => loss.Validate(), JsonSerializerOptions.Default);

    public static string NameOf(Type type) => type.GetCustomAttribute<EmbeddingLossNameAttribute>()?.Name
        ?? throw new InvalidOperationException($"{type} carries no {nameof(EmbeddingLossNameAttribute)}.");
}
