using System.Text.Json;

namespace MLNet.FineTune.OptionText;

/// <summary>Options records of one base that have a text form; <see cref="RecordParser{T}"/> reads it, <see cref="RecordWriter{T}"/> writes it.</summary>
/// <param name="Noun">What one is called in messages, for instance <c>method</c>.</param>
/// <param name="ByName">The records' types, which all have a constructor without parameters, by their names.</param>
/// <param name="NameOf">The name of a record.</param>
/// <param name="Validate">Checks the options of a record; throws <see cref="ArgumentException"/>.</param>
/// <param name="Json">How values without a notation of their own are written.</param>
/// <param name="Union">What several between bars are; null where that has no meaning.</param>
internal sealed record RecordFamily<T>(
    string Noun, IReadOnlyDictionary<string, Type> ByName, Func<T, string> NameOf, Action<T> Validate, JsonSerializerOptions Json, Func<T[], T>? Union = null) where T : class
{
    /// <summary>Whether options of this type are records of the family.</summary>
    public static bool Holds(Type type) => typeof(T).IsAssignableFrom(type);
}
