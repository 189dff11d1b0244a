using Microsoft.ML.Data;

namespace SelfTraining;

/// <summary>A row of the data files: a text and its label.</summary>
internal sealed class LabeledText
{
    [LoadColumn(0)]
    public string Text { get; set; } = "";

    [LoadColumn(1)]
    public string Intent { get; set; } = "";
}
