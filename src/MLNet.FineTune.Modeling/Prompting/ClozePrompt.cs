using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>
/// Prompt-based fine-tuning: a text is put into a sentence with a hidden word, and the encoder's own head for hidden words says how likely the words are
/// that stand for the classes (PET, Schick and Schütze 2021, arXiv 2001.07676; LM-BFF, Gao et al. 2021, arXiv 2012.15723). With few labelled texts that
/// starts from what pre-training taught, where a classification head starts from nothing.
/// </summary>
/// <remarks>The encoder's checkpoint must have its masked-language-model head, as <see cref="EncoderSource.Default"/> has. The head trains with every method of fine-tuning.</remarks>
public sealed record ClozePrompt
{
    /// <summary>The sentence, with <c>{Sentence1}</c> and, for pairs, <c>{Sentence2}</c> for the texts and <c>{Mask}</c> for the hidden word. What is too long is cut from the texts. Braces of the sentence itself are written twice.</summary>
    /// <value>Default <see langword="null"/>: <c>{Sentence1} It was {Mask}.</c>, for pairs <c>{Sentence1}? {Mask}, {Sentence2}</c>.</value>
    public string? Template { get; init; }

    /// <summary>
    /// The words that stand for a class, by its name (the key's value as text; <c>True</c> and <c>False</c> for binary classification). Each is a single token of the encoder's vocabulary; the
    /// logit of a class is the mean of those of its words.
    /// </summary>
    /// <value>
    /// Default <see langword="null"/>, also for classes that are left out: the name of the class where it is a single token, else the word of the vocabulary that suits best: of the
    /// <see cref="LabelWordCandidates"/> most likely ones at the mask of the class's labelled texts, the choice for all classes with the highest training accuracy before fine-tuning (arXiv 2012.15723).
    /// </value>
    public IReadOnlyDictionary<string, string[]>? LabelWords { get; init; }

    /// <summary>How many words of the vocabulary are candidates for a class that has none.</summary>
    /// <value>Default 100; at least 1.</value>
    [Range(10, 1000, 100, true)]
    public int LabelWordCandidates { get; init; } = 100;

    /// <exception cref="ArgumentException">An option is not valid; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(LabelWordCandidates >= 1, nameof(LabelWordCandidates), LabelWordCandidates, "at least 1");
        foreach ((string name, string[] words) in LabelWords ?? new Dictionary<string, string[]>())
            Require(words is { Length: > 0 } && words.All(word => !string.IsNullOrWhiteSpace(word)), $"{nameof(LabelWords)}[\"{name}\"]", words is null ? null : $"[{string.Join(", ", words)}]", "one word or more, none empty");
        if (Template is null)
            return;
        try
        {
            PromptTemplate.Parse(Template);
        }
        catch (FormatException e)
        {
            throw new ArgumentException($"{nameof(ClozePrompt)}.{nameof(Template)}: {e.Message}", nameof(Template), e);
        }
    }

    /// <summary>Checks the words against the classes to be learnt.</summary>
    /// <exception cref="ArgumentException">Words are given for a class that there is not.</exception>
    internal void CheckClasses(IReadOnlyList<string> names)
    {
        foreach (string name in LabelWords?.Keys ?? [])
            Require(names.Contains(name, StringComparer.Ordinal), nameof(LabelWords), $"for a class '{name}'", $"names of classes: {string.Join(", ", names.Take(20))}{(names.Count > 20 ? " and so on" : "")}");
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(ClozePrompt), option, found, expected, option);
}
