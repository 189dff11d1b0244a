using MLNet.FineTune.OptionText;

namespace MLNet.FineTune.Peft;

/// <summary>The text form of methods.</summary>
internal static class MethodText
{
    public static RecordFamily<PeftMethod> Family { get; } = new(
        "method", PeftMethods.ByName, method => method.MethodName, method => method.Validate(), PeftMethods.Json, parts => new PeftUnion(parts));

    /// <exception cref="FormatException">The text is not of the form, or what it names is not known.</exception>
    public static PeftMethod Parse(string text) => Family.Parse(text);

    /// <summary>The options that differ from their defaults; a union that is nothing else as its parts between bars.</summary>
    public static string Format(PeftMethod method) => method is PeftUnion { Parts.Length: > 1 } union && RecordWriter.Options(union, Family).Count() == 1
        ? string.Join(" | ", union.Parts.Select(Family.Format)) : Family.Format(method);
}
