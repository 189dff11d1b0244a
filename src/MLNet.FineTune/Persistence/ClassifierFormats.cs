using System.Collections.Concurrent;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Persistence;

/// <summary>The formats in which classifiers are saved, by their stable names.</summary>
internal static class ClassifierFormats
{
    private static readonly ConcurrentDictionary<string, IClassifierFormat> Formats = new(StringComparer.Ordinal);

    /// <summary>Adds a format; the first of a name stays.</summary>
    public static void Register(IClassifierFormat format) => Formats.TryAdd(format.Kind, format);

    /// <exception cref="NotSupportedException">No registered format saves the classifier.</exception>
    public static IClassifierFormat For(ITextClassifier classifier) =>
        Formats.Values.FirstOrDefault(format => format.Handles(classifier))
        ?? throw new NotSupportedException($"No registered format saves a classifier of type {classifier.GetType()}.");

    /// <exception cref="InvalidDataException">The model was saved by a format that this version does not have.</exception>
    public static IClassifierFormat Find(string kind) =>
        Formats.TryGetValue(kind, out IClassifierFormat? format) ? format
            : throw new InvalidDataException($"{ModelStreams.Key}: the model holds a classifier of kind '{kind}', which this version of MLNet.FineTune does not have (it has {Known()}). Update the package to the version that saved the model.");

    private static string Known() => Formats.IsEmpty ? "none" : string.Join(", ", Formats.Keys.Order(StringComparer.Ordinal));
}
