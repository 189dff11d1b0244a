using Microsoft.ML;
using MLNet.FineTune.FewShot;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>
    /// Examples made of class names, to train a classifier without any labelled text: zero-shot classification as SetFit does it
    /// (Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", arXiv 2209.11055).
    /// </summary>
    /// <remarks>
    /// Names should say in words what the texts are about. Underscores become spaces, and names in camel case become words. Map the label
    /// to a key before the trainer, for instance with <c>MapValueToKey</c>; it has the names as they were given.
    /// </remarks>
    /// <param name="labelNames">The classes, two at least.</param>
    /// <param name="template">The text of an example; <c>{}</c> stands for the name.</param>
    /// <param name="examplesPerLabel">How often each example occurs; more make more training steps.</param>
    /// <returns>Rows with the text columns <c>Sentence1</c> and <c>Label</c>.</returns>
    /// <exception cref="ArgumentException">There are fewer than two names, one is empty or occurs twice, or the template has no place for the name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is not one example a label.</exception>
    public IDataView CreateLabelExamples(IReadOnlyList<string> labelNames, string template = LabelNameTemplate.Default, int examplesPerLabel = 8)
    {
        ArgumentNullException.ThrowIfNull(labelNames);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentOutOfRangeException.ThrowIfLessThan(examplesPerLabel, 1);
        if (labelNames.Count < 2)
            throw new ArgumentException($"There are {labelNames.Count} label names; a classifier needs two or more.", nameof(labelNames));
        if (!LabelNameTemplate.IsValid(template))
            throw new ArgumentException($"The template is '{template}'; expected a text with '{LabelNameTemplate.Placeholder}', which stands for the name, such as '{LabelNameTemplate.Default}'.", nameof(template));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < labelNames.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(labelNames[i]))
                throw new ArgumentException($"Label name {i} (counted from 0) is empty.", nameof(labelNames));
            if (!seen.Add(labelNames[i]))
                throw new ArgumentException($"Label name {i} (counted from 0), '{labelNames[i]}', occurs twice.", nameof(labelNames));
        }
        return _context.Data.LoadFromEnumerable(
            labelNames.SelectMany(name => Enumerable.Repeat(new LabelExample { Sentence1 = LabelNameTemplate.Apply(template, name), Label = name }, examplesPerLabel)).ToList());
    }

    private sealed class LabelExample
    {
        public string Sentence1 { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
