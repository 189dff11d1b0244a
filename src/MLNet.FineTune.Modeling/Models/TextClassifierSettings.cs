using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.QuestionAnswering;

namespace MLNet.FineTune.Models;

/// <summary>What a saved classifier records besides weights.</summary>
internal sealed record TextClassifierSettings : SavedSettings
{
    /// <summary>The latest version; larger ones are refused.</summary>
    public const int CurrentFormat = 6;

    /// <summary>The version written: the first that has all that is said.</summary>
    public int Format
    {
        get => SeparatePairs ? 6 : Answers is not null || Pooling is { InFirstFormat: false } ? 5 : EachWord ? 4 : Prompt is not null ? 3 : Normalize is null ? 1 : 2;
        init { }
    }

    public required int ClassCount { get; init; }

    /// <summary>How tokens become a text's vector; several ways at once, and others than the first token, mean and maximum, since format 5.</summary>
    public required PoolingModes? Pooling { get; init; }

    /// <summary>See <see cref="ClassifierLayout.Normalize"/>; since format 2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Normalize { get; init; }

    /// <summary>The template and words of a classifier by prompt; since format 3.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SavedPrompt? Prompt { get; init; }

    /// <summary>Whether words are classified, and not texts; since format 4.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool EachWord { get; init; }

    /// <summary>How answers are found in contexts; null where texts or words are classified; since format 5.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AnswerRules? Answers { get; init; }

    /// <summary>Whether each text of a pair is read by itself; since format 6.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SeparatePairs { get; init; }

    public required Truncation Truncation { get; init; }

    /// <summary>Whether texts are lower-cased before they are tokenised.</summary>
    public bool LowerCase { get; init; }

    public required JsonObject Method { get; init; }

    [JsonIgnore]
    public ClassifierLayout Layout => new(ClassCount, Pooling, Normalize, EachToken: EachWord, Answers: Answers is not null, SeparatePairs: SeparatePairs);

    [JsonIgnore]
    public PeftMethod PeftMethod => PeftMethods.FromJson(Method);

    /// <inheritdoc cref="SavedSettings.Read{T}"/>
    public static TextClassifierSettings Read(byte[] utf8, string location)
    {
        TextClassifierSettings settings = Read<TextClassifierSettings>(utf8, CurrentFormat, "a classifier", location);
        if (settings.ClassCount < 1)
            throw new InvalidDataException($"{location}: the class count ({settings.ClassCount}) is below 1.");
        if (settings.EachWord && (settings.Prompt is not null || settings.Normalize is not null))
            throw new InvalidDataException($"{location}: '{nameof(EachWord)}' does not go with '{(settings.Prompt is not null ? nameof(Prompt) : nameof(Normalize))}'.");
        if (settings.Answers is not null && (settings.EachWord || settings.Prompt is not null || settings.Normalize is not null || settings.ClassCount != 2 || !settings.Answers.AreValid))
            throw new InvalidDataException($"{location}: '{nameof(Answers)}' ({settings.Answers}) is out of range, or does not go with the other settings.");
        if (settings.SeparatePairs && (settings.EachWord || settings.Prompt is not null || settings.Answers is not null))
            throw new InvalidDataException($"{location}: '{nameof(SeparatePairs)}' does not go with '{(settings.EachWord ? nameof(EachWord) : settings.Prompt is not null ? nameof(Prompt) : nameof(Answers))}'.");
        return settings.Method is not null ? settings : throw new InvalidDataException($"{location}: the method is null.");
    }
}
