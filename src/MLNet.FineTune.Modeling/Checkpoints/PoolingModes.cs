using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLNet.FineTune.Checkpoints;

/// <summary>One way of pooling, or several whose vectors are put one after another, as sentence-transformers does.</summary>
/// <remarks>As text: <c>Mean</c>, or <c>Cls+Max+Mean</c>.</remarks>
[JsonConverter(typeof(TextConverter))]
internal sealed class PoolingModes : IEquatable<PoolingModes>
{
    private const char Separator = '+';

    // sentence-transformers' order.
    private static readonly PoolingMode[] Order =
        [PoolingMode.Cls, PoolingMode.Max, PoolingMode.Mean, PoolingMode.MeanSqrtLength, PoolingMode.WeightedMean, PoolingMode.LastToken];

    /// <param name="modes">One at least, each once, in any order.</param>
    public PoolingModes(params IEnumerable<PoolingMode> modes)
    {
        InOrder = [.. Order.Intersect(modes)];
        if (InOrder.Count == 0)
            throw new ArgumentException("There is no pooling mode; expected one at least.", nameof(modes));
    }

    /// <summary>The modes in the order of their vectors.</summary>
    public IReadOnlyList<PoolingMode> InOrder { get; }

    /// <summary>Whether the first token's vector is all that is read.</summary>
    public bool FirstOnly => InOrder is [PoolingMode.Cls];

    /// <summary>Whether it is one of the modes that the first format of saved models has.</summary>
    public bool InFirstFormat => InOrder is [PoolingMode.Cls or PoolingMode.Mean or PoolingMode.Max];

    /// <summary>How wide a text's vector is.</summary>
    /// <param name="hidden">Width of a token's.</param>
    public int Width(int hidden) => InOrder.Count * hidden;

    public static implicit operator PoolingModes(PoolingMode mode) => new([mode]);

    [return: NotNullIfNotNull(nameof(mode))]
    public static implicit operator PoolingModes?(PoolingMode? mode) => mode is { } one ? new PoolingModes([one]) : null;

    /// <summary>Reads what <see cref="ToString"/> writes; null where it is something else.</summary>
    public static PoolingModes? Parse(string text)
    {
        var modes = new List<PoolingMode>();
        foreach (string name in text.Split(Separator))
            if (Order.Any(mode => mode.ToString() == name))
                modes.Add(Enum.Parse<PoolingMode>(name));
            else
                return null;
        var parsed = new PoolingModes(modes);
        return parsed.ToString() == text ? parsed : null;
    }

    public override string ToString() => string.Join(Separator, InOrder);

    public bool Equals(PoolingModes? other) => other is not null && InOrder.SequenceEqual(other.InOrder);

    public override bool Equals(object? obj) => Equals(obj as PoolingModes);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    private sealed class TextConverter : JsonConverter<PoolingModes>
    {
        public override PoolingModes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            return (text is null ? null : Parse(text)) ?? throw new JsonException(
                $"'Pooling' is {(text is null ? $"a {reader.TokenType}" : $"'{text}'")}; expected one of {string.Join(", ", Order)}, or several of them in this order with '{Separator}' between.");
        }

        public override void Write(Utf8JsonWriter writer, PoolingModes value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
